import pytest
from pydantic import ValidationError

from conf.evidence import KINDS, EvidenceSettings, evidence


def test_every_language_says_every_kind():
    for texts in evidence().texts.values():
        assert set(KINDS) <= set(texts)


def test_a_profile_is_spoken_to_in_the_first_of_its_languages_that_has_texts():
    assert evidence().language_of(["fr", "de", "es"]) == "de"
    assert evidence().language_of(None) == evidence().language_of(["fr"]) == "en"


def test_a_text_with_an_unknown_word_or_a_missing_kind_is_refused():
    told = evidence().model_dump()
    with pytest.raises(ValidationError, match="must be among"):
        EvidenceSettings.model_validate(
            {**told, "texts": {"en": {**told["texts"]["en"], "genre": "{oops}"}}}
        )
    short = {kind: text for kind, text in told["texts"]["en"].items() if kind != "award"}
    with pytest.raises(ValidationError, match="nothing to say of award"):
        EvidenceSettings.model_validate({**told, "texts": {"en": short}})
