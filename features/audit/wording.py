"""Sentences rebuilt in SQL from the words of `conf` and from what the tables say.

Nothing of the code that wrote the sentences is used.
"""
# Tested by tests/features/audit/test_evidence.py.

from collections.abc import Mapping
from string import Formatter

import pyarrow as pa

from conf.evidence import COUNTS_DAYS, KINDS, evidence, languages
from features.audit.tables import table_of
from features.sql_text import quoted, quoted_list

TOLERANCE = 1e-4  # days: ages are float32 where pages are made
MANY = 2  # from this number on there is one form of a sentence
TEXT = {"language": pa.string(), "said_kind": pa.string(), "form": pa.int64(), "said": pa.string()}
READER = "page_rows.language"


def filled(template: str, words: Mapping[str, str]) -> str:
    """A template with its words in braces filled in; null where one of them is null."""
    parts = ["''"]
    for text, name, _, _ in Formatter().parse(template):
        parts.append(quoted(text))
        if name is not None:
            parts.append(f"({words[name]})::VARCHAR")
    return f"({' || '.join(parts)})"


def by_language(values: Mapping[str, str], language: str = READER) -> str:
    """The value for the reader's language; null for a language that nothing is said in."""
    whens = " ".join(f"WHEN {quoted(name)} THEN {value}" for name, value in values.items())
    return f"CASE {language} {whens} END"


def said(key: str, words: Mapping[str, str], language: str = READER) -> str:
    """What is said of a key in the reader's language; `words` are SQL, as are count and days."""
    number = words.get("days" if key in COUNTS_DAYS else "count")
    return by_language({name: _forms(name, key, number, words) for name in languages()}, language)


def _forms(language: str, key: str, number: str | None, words: Mapping[str, str]) -> str:
    """What is said of a key in a language: of none, of one and of more."""
    forms = [filled(evidence().template(language, key, form), words) for form in range(MANY + 1)]
    if number is None or len(set(forms)) == 1:
        return forms[MANY]
    return f"CASE {number} WHEN 0 THEN {forms[0]} WHEN 1 THEN {forms[1]} ELSE {forms[MANY]} END"


def whole_days(days: str) -> str:
    """A number of days as it is said."""
    return f"(CASE WHEN {days} < 0 THEN 0 ELSE floor({days})::BIGINT END)"


def day_text(moment: str, language: str = READER) -> str:
    """The day of an instant in the reader's language."""
    written = {}
    for name in languages():
        names = evidence().names[name]
        months = f"[{', '.join(quoted(month) for month in names.months)}][month({moment})]"
        written[name] = filled(
            names.day, {"d": f"day({moment})", "m": months, "y": f"year({moment})"}
        )
    return by_language(written, language)


def tag_names() -> dict[str, str]:
    """By language what a tag is called there, from the columns facet and tag."""
    return {name: _tag_name(name) for name in languages()}


def _tag_name(language: str) -> str:
    names = evidence().names[language]
    genre, decade = "split_part(tag, 's ', 1)", "split_part(tag, 's', 1)"
    after = f"substr(tag, length({genre}) + 3)"
    in_era = filled(names.genre_era, {"decade": decade, "genre": _genre_name(language, after)})
    return f"""
        CASE facet WHEN 'genre' THEN {_genre_name(language, "tag")}
            WHEN 'era' THEN {filled(names.era, {"decade": decade})}
            WHEN 'genre_era' THEN {in_era} ELSE tag END
    """


def _genre_name(language: str, genre: str) -> str:
    names = evidence().names[language].genres
    if not names:
        return genre
    whens = " ".join(f"WHEN {quoted(name)} THEN {quoted(own)}" for name, own in names.items())
    return f"CASE {genre} {whens} ELSE {genre} END"


def reader_language(tags: str) -> str:
    """The first language of a profile that everything can be said in, else the first of all."""
    spoken = quoted_list(list(languages()))
    plain = f"list_transform({tags}, lambda tag: lower(split_part(tag, '-', 1)))"
    own = f"list_filter({plain}, lambda tag: list_contains({spoken}, tag))[1]"
    return f"coalesce({own}, {quoted(evidence().first)})"


def reason_texts() -> pa.Table:
    """What is said of each kind of reason and number, in each language; words still in braces."""
    return table_of(
        [
            {"language": language, "said_kind": kind, "form": number}
            | {"said": evidence().template(language, kind, number)}
            for language in languages()
            for kind in KINDS
            for number in range(MANY + 1)
        ],
        TEXT,
    )
