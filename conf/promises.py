"""Titles promised to so many profiles of a country: `conf/promises.yaml`."""

from datetime import date
from itertools import combinations
from typing import NamedTuple

from pydantic import Field, model_validator

from conf.changes import changed_file
from conf.settings import Frozen


class Promise(Frozen):
    """A title that at least so many profiles of a country see; explained in `conf/promises.yaml`."""

    title_id: str = Field(min_length=1)
    country: str = ""  # of every country
    profiles: int = Field(gt=0)
    from_ds: date
    until_ds: date

    @model_validator(mode="after")
    def _days_are_in_order(self) -> "Promise":
        if self.until_ds < self.from_ds:
            raise ValueError("until_ds is before from_ds")
        return self

    def holds_on(self, ds: date) -> bool:
        """Whether the pages of a run date are to keep it."""
        return self.from_ds <= ds <= self.until_ds


class Price(NamedTuple):
    """What profiles' own scores of a title are raised by in a country, in the unit of the ranker's scores."""

    title_id: str
    country: str  # empty for every country
    price: float


class Promises(Frozen):
    """Everything `conf/promises.yaml` says."""

    promises: dict[str, Promise]
    sample: int = Field(gt=0)
    deviations: float = Field(ge=0)
    rounds: int = Field(gt=0)

    @model_validator(mode="after")
    def _one_promise_a_title_and_country_at_a_time(self) -> "Promises":
        for (other, earlier), (name, promise) in combinations(self.promises.items(), 2):
            is_together = (
                promise.from_ds <= earlier.until_ds and earlier.from_ds <= promise.until_ds
            )
            is_alike = promise.title_id == earlier.title_id and (
                promise.country == earlier.country or not (promise.country and earlier.country)
            )
            if is_together and is_alike:
                raise ValueError(f"{other} and {name} promise one title at the same time")
        return self

    def on(self, ds: date) -> dict[str, Promise]:
        """The promises that the pages of a run date are to keep, by name."""
        return {name: each for name, each in self.promises.items() if each.holds_on(ds)}


def promises() -> Promises:
    """The settings of `conf/promises.yaml`, with the changes in force."""
    return changed_file(Promises, "promises")
