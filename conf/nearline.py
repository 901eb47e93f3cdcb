"""What happens between two nights: `conf/nearline.yaml`."""

from functools import cache

from pydantic import Field, field_validator

from conf.settings import ROOT, Frozen, load_yaml

OTHER = "other"
ROW = (  # of a page, as the column `rows` of overlays has its fields
    "page_id",
    "row_position",
    "row_id",
    "row_kind",
    "row_title",
    "reason",
    "evidence_type",
    "anchor_title_id",
    "cells",
    "ranker_id",
    "builder",
    "valid_until",
)


class Rhythm(Frozen):
    """What tells two sessions apart, and how early the page of a usual hour is made."""

    gap_minutes: int = Field(gt=0)
    ahead_minutes: int = Field(ge=0, lt=1440)


class Place(Frozen):
    """What a place counts for, as (position + shift)^-power."""

    shift: float = Field(gt=0)
    power: float = Field(ge=0)


class Context(Frozen):
    """How the moment moves rows and cells; explained in `conf/nearline.yaml`."""

    days: int = Field(gt=0)
    weekday_days: int = Field(gt=0)
    width_hours: int = Field(ge=0, le=12)
    own_starts: float = Field(gt=0)
    prior_starts: float = Field(gt=0)
    strength: float = Field(ge=0)
    place: Place
    rows: int = Field(gt=0)
    cells: int = Field(gt=0)


class Popular(Frozen):
    """The size of the page for profiles without one of their own."""

    rows: int = Field(gt=0)
    columns: int = Field(gt=0)


class NearlineSettings(Frozen):
    """Everything `conf/nearline.yaml` says."""

    every_minutes: int = Field(gt=0, le=1440)
    online_after_minutes: int = Field(ge=0)
    budget_ms: float = Field(gt=0)
    most_pages: int = Field(gt=0)
    renewed: tuple[str, ...]
    kept_releases: int = Field(ge=2)
    kept_changes: int = Field(gt=0)
    look_seconds: float = Field(gt=0)
    objectives: dict[str, float]
    rhythm: Rhythm
    context: Context
    popular: Popular

    @field_validator("every_minutes")
    @classmethod
    def _divides_a_day(cls, minutes: int) -> int:
        if (
            60 % minutes if minutes < 60 else minutes % 60 or 1440 % minutes
        ):  # all that cron can say
            raise ValueError(
                "a tick has to be a whole part of an hour, or whole hours that are a part of a day"
            )
        return minutes

    @field_validator("objectives")
    @classmethod
    def _says_it_of_the_rest(cls, objectives: dict[str, float]) -> dict[str, float]:
        if OTHER not in objectives:
            raise ValueError(
                "`other` has to be there: the objective of every kind of row that is not named"
            )
        return objectives

    def objective(self, kind: str) -> float:
        """Seconds within which 95 of 100 events reach rows of this kind."""
        return self.objectives.get(kind, self.objectives[OTHER])


@cache
def nearline_settings() -> NearlineSettings:
    """The settings of `conf/nearline.yaml`."""
    return load_yaml(NearlineSettings, ROOT / "conf" / "nearline.yaml")
