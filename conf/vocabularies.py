"""Vocabularies of landed fields: countries, ratings, and words as others write them;
`conf/vocabularies.yaml`.
"""

import re
from collections import Counter
from collections.abc import Mapping
from functools import cache

from pydantic import Field, model_validator

from conf.settings import ROOT, Frozen, load_yaml

SEPARATORS = r"[\s\-_.:]+"  # between the letters of a rating; they do not count


class Countries(Frozen):
    """The country codes that are read, and other codes for the same countries."""

    codes: tuple[str, ...]
    aliases: dict[str, str]
    unknown: str

    @model_validator(mode="after")
    def _codes_are_codes(self) -> "Countries":
        wrong = [code for code in self.codes if not re.fullmatch("[A-Z]{2}", code)]
        unknown = sorted(set(self.aliases.values()) - set(self.codes))
        if wrong or unknown or self.unknown in self.codes:
            raise ValueError(f"no country codes: {wrong + unknown or self.unknown}")
        return self


class Missing(Frozen):
    """Texts that say nothing: what a database writes, what reports write, items of lists, ages."""

    database: tuple[str, ...]
    reports: tuple[str, ...]
    items: tuple[str, ...]
    ages: tuple[str, ...]


class Vocabularies(Frozen):
    """Countries, ages in years by rating, and how others write what a landed field may say."""

    countries: Countries
    ratings: dict[str, int] = Field(min_length=1)
    missing: Missing
    spellings: dict[str, dict[str, tuple[str, ...]]]
    articles: tuple[str, ...]
    episodes: tuple[str, ...]

    @model_validator(mode="after")
    def _a_spelling_means_one_word(self) -> "Vocabularies":
        for column, words in self.spellings.items():
            twice = [key for key, count in Counter(_keys(words)).items() if count > 1]
            if twice:
                raise ValueError(f"spellings of {column} come twice: {sorted(twice)}")
        return self

    @property
    def ages(self) -> dict[str, int]:
        """Ages by rating as it is compared: in capital letters, without what separates them."""
        return {re.sub(SEPARATORS, "", name.upper()): age for name, age in self.ratings.items()}


def plain_key(text: str) -> str:
    """A word as it is compared: without case, blanks and what separates its parts.

    >>> plain_key(" Fire-TV "), plain_key("list_add")
    ('firetv', 'listadd')
    """
    return re.sub(SEPARATORS, "", text).casefold()


def _keys(words: Mapping[str, tuple[str, ...]]) -> list[str]:
    return [
        key for word, others in words.items() for key in {plain_key(t) for t in (word, *others)}
    ]


@cache
def spellings(column: str) -> dict[str, str]:
    """The word of a column by the key of each of its spellings; nothing for other columns."""
    words = vocabularies().spellings.get(column, {})
    return {plain_key(text): word for word, others in words.items() for text in (word, *others)}


@cache
def vocabularies() -> Vocabularies:
    """The vocabularies as configured."""
    return load_yaml(Vocabularies, ROOT / "conf" / "vocabularies.yaml")
