import pytest
from pydantic import ValidationError

from conf.evidence import (
    KINDS,
    OWN_TEXTS,
    EvidenceSettings,
    evidence,
    language_of_rows,
    languages,
)
from conf.rows import Rows, rows


def test_every_language_says_every_kind():
    for texts in evidence().texts.values():
        assert {*KINDS, *OWN_TEXTS} <= set(texts)


def test_every_kind_of_row_is_said_in_every_language_that_reasons_are():
    assert languages() == tuple(evidence().texts) == ("en", "de", "es")


def test_a_language_without_the_texts_of_one_kind_of_row_is_not_spoken(monkeypatch):
    kinds = dict(rows().kinds)
    only_spanish = {"es": kinds["popular"].texts["es"]}
    kinds["popular"] = kinds["popular"].model_copy(update={"texts": only_spanish})
    short = Rows(kinds=kinds, template=("popular",), then=())
    monkeypatch.setattr("conf.evidence.rows", lambda: short)
    assert languages() == ("en", "es")
    assert evidence().language_of(["de", "es"]) == "es"
    assert evidence().language_of(["de"]) == "en"


def test_the_language_of_a_page_is_told_by_the_names_of_its_rows():
    german = [("genre", "Krimi"), ("popular", "Beliebt"), ("because_you_watched", "Weil du X")]
    assert language_of_rows(german) == "de"
    assert language_of_rows([("popular", "Popular"), ("mystery", "Beliebt")]) == "en"
    assert language_of_rows([]) == "en"


@pytest.mark.parametrize(
    ("language", "names"),
    [
        ("en", ("Comedy", "1990s", "1990s Comedy", "1990s Odd s ox", "Odd", "Ida")),
        ("de", ("Komödie", "1990er", "Komödie der 1990er", "Odd s ox der 1990er", "Odd", "Ida")),
    ],
)
def test_tags_are_written_as_the_language_does(language, names):
    way = evidence().names[language].name
    said = (
        way("genre", "Comedy"),
        way("era", "1990s"),
        way("genre_era", "1990s Comedy"),
        way("genre_era", "1990s Odd s ox"),
        way("genre", "Odd"),
        way("cast", "Ida"),
    )
    assert said == names


def test_a_profile_is_spoken_to_in_the_first_of_its_languages_that_has_texts():
    assert evidence().language_of(["fr", "de-AT", "es"]) == "de"
    assert evidence().language_of(None) == evidence().language_of(["fr"]) == "en"


def test_a_text_with_an_unknown_word_or_a_missing_kind_is_refused():
    told = evidence().model_dump()
    with pytest.raises(ValidationError, match="must be among"):
        EvidenceSettings.model_validate(
            {**told, "texts": {**told["texts"], "es": {**told["texts"]["es"], "genre": "{oops}"}}}
        )
    short = {kind: text for kind, text in told["texts"]["en"].items() if kind != "award"}
    with pytest.raises(ValidationError, match="es has nothing to say of award"):
        texts = {**told["texts"], "es": short}
        EvidenceSettings.model_validate({**told, "texts": texts})
    with pytest.raises(ValidationError, match="names: must be of"):
        EvidenceSettings.model_validate({**told, "names": {"en": told["names"]["en"]}})
