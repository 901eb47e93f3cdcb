"""Vocabularies of landed fields: countries and ratings, `conf/vocabularies.yaml`."""

import re
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


class Vocabularies(Frozen):
    """Countries, and ages in years by rating."""

    countries: Countries
    ratings: dict[str, int] = Field(min_length=1)

    @property
    def ages(self) -> dict[str, int]:
        """Ages by rating as it is compared: in capital letters, without what separates them."""
        return {re.sub(SEPARATORS, "", name.upper()): age for name, age in self.ratings.items()}


@cache
def vocabularies() -> Vocabularies:
    """The vocabularies as configured."""
    return load_yaml(Vocabularies, ROOT / "conf" / "vocabularies.yaml")
