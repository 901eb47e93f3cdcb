"""Settings of the simulated worlds: `conf/world.yaml`, and `conf/world2.yaml` for what differs in
the second one. The pipeline never reads them; tests hold it to that.
"""

from collections.abc import Iterable
from datetime import date
from functools import cache
from typing import Literal, NamedTuple

from pydantic import Field, model_validator

from conf.errors import UserMistake
from conf.population import (
    CatalogueSettings,
    Count,
    Country,
    DrawnCatalogue,
    Habits,
    Households,
    Positive,
    Share,
    TasteSettings,
)
from conf.settings import ROOT, Frozen, load_yaml

WORLDS = ("world", "world2")
INTENTS = ("continue", "discover", "fetch", "rewatch")  # of a session
ACCOUNTS_AT_ONCE = 250  # that are made, or live a day, together


class SessionSettings(Frozen):
    """How often members come, when and for how long."""

    per_day: Positive
    spread: float = Field(ge=0)
    most: Count
    daypart_shares: tuple[Share, ...]
    minutes: Positive


class Intents(Frozen):
    """How often a session comes with which intent."""

    grown_ups: dict[str, Share]
    children: dict[str, Share]


class Browsing(Frozen):
    """How a member looks at a page, by device: down over rows and to the right over cells."""

    law: Literal["cascade", "position"]
    down: dict[str, Share]
    right: dict[str, Share]
    swipe: dict[str, Share]
    enters_left: Share
    interest: Positive
    skip: Share
    screen_columns: dict[str, Count]
    title_seconds: Count


class Appeal(Frozen):
    """The terms of the log-odds of playing a title that was looked at."""

    base: float
    attraction: float
    taste: float
    quality: float
    launch: float
    season: float
    trend_days: Positive
    mood: float
    daypart: float
    picture: float
    satiation: float
    satiation_days: Positive
    new: dict[str, float]
    resume: dict[str, float]
    watched: dict[str, float]
    abandoned: float
    long_on_phone: float
    long_minutes: Positive


class Watching(Frozen):
    """How far a title is watched and what comes after it."""

    overall: float
    spread: float
    noise: float = Field(ge=0)
    finish_at: float
    slope: Positive
    stop: Positive
    abandon_below: Share
    next_episode: Share
    again: Share


class Search(Frozen):
    """What members find without the page."""

    without_play: Share
    heard_of: Count
    fame: float
    choosiness: float
    past_play: Share


class Feedback(Frozen):
    """How often members say what they thought."""

    rate_after_finish: Share
    thumb: Share


class Returns(Frozen):
    """How what was found brings people back, or makes them leave."""

    usual: Positive
    fresh: float = Field(ge=0)
    days: Positive
    gain: float = Field(ge=0, lt=1)
    least: Positive
    most: Positive
    monthly: Share
    loss: float = Field(ge=0)


class PageShape(Frozen):
    """The shape of the pages that the world itself builds to compare with."""

    rows: Count
    columns: Count


class DeliveryFaults(Frozen):
    """What is wrong with the records on their way to us, as shares of events."""

    late_share: Share
    most_late_days: Count
    duplicate_share: Share
    disorder_share: Share
    broken_share: Share


class WorldSettings(Frozen):
    """Everything that is made up, in one place."""

    seed: int = Field(ge=0)
    first_day: date
    past_days: int = Field(ge=1, le=3650)
    accounts: Count
    countries: dict[str, Country]
    languages: tuple[str, ...]
    devices: tuple[str, ...]
    dayparts: dict[str, int]
    daypart_genres: dict[str, tuple[str, ...]]
    tastes: TasteSettings
    households: Households
    habits: Habits
    catalogue: CatalogueSettings
    themes: tuple[str, ...]
    drawn: DrawnCatalogue | None = None
    sessions: SessionSettings
    intents: Intents
    eyes: Browsing
    appeal: Appeal
    watching: Watching
    search: Search
    feedback: Feedback
    returns: Returns
    quality_play: Share
    pages: PageShape
    mess: DeliveryFaults

    @model_validator(mode="after")
    def _fits_together(self) -> "WorldSettings":
        for shares in self._shares():
            total = sum(shares.values)
            if len(shares.values) != shares.size or abs(total - 1) > 1e-6:
                raise ValueError(
                    f"{shares.setting}: {shares.size} shares of sum 1 are wanted,"
                    f" not {len(shares.values)} of sum {total:g}"
                )
        for setting, names, required_names in self._names():
            missing = sorted(set(required_names) - set(names))
            if missing:
                raise ValueError(
                    f"{setting}: {', '.join(missing)} not there; there are: {', '.join(names)}"
                )
        for setting, ends in self._ranges().items():
            if list(ends) != sorted(ends):
                raise ValueError(f"{setting}: {', '.join(map(str, ends))} must rise")
        for genre, (least, most) in self.catalogue.maturity.items():
            if not any(least <= age <= most for age in self.catalogue.ages):
                raise ValueError(
                    "catalogue.maturity: no age of catalogue.ages lies in"
                    f" {least}..{most} of {genre}"
                )
        return self

    def _shares(self) -> list["_Shares"]:
        countries = tuple(country.share for country in self.countries.values())
        profiles = self.households.profiles
        dayparts = self.sessions.daypart_shares
        return [
            _Shares("countries", countries, len(countries)),
            _Shares("households.profiles", profiles, len(profiles)),
            _Shares("sessions.daypart_shares", dayparts, len(self.dayparts)),
            _Shares("habits.devices", self.habits.devices, len(self.devices)),
            _Shares("intents.grown_ups", tuple(self.intents.grown_ups.values()), len(INTENTS)),
            _Shares("intents.children", tuple(self.intents.children.values()), len(INTENTS)),
        ]

    def _names(self) -> list[tuple[str, Iterable[str], Iterable[str]]]:
        """The setting in which names are looked up, its names, and those it must have."""
        spoken = [language for country in self.countries.values() for language in country.languages]
        return [
            ("languages", self.languages, spoken),
            ("themes", self.themes, self.catalogue.theme_genres),
            ("catalogue.maturity", self.catalogue.maturity, ["other"]),
            ("eyes", self.eyes.down, self.devices),
            ("eyes", self.eyes.right, self.devices),
            ("eyes", self.eyes.swipe, self.devices),
            ("eyes", self.eyes.screen_columns, self.devices),
            ("intents", self.intents.grown_ups, INTENTS),
            ("intents", self.intents.children, INTENTS),
            ("appeal.new", self.appeal.new, INTENTS),
            ("appeal.resume", self.appeal.resume, INTENTS),
            ("appeal.watched", self.appeal.watched, INTENTS),
        ]

    def _ranges(self) -> dict[str, tuple[float, ...]]:
        """Settings whose numbers must rise."""
        return {
            "catalogue.episodes": self.catalogue.episodes,
            "catalogue.film_minutes": self.catalogue.film_minutes,
            "catalogue.episode_minutes": self.catalogue.episode_minutes,
            "catalogue.ages": self.catalogue.ages,
            "catalogue.pictures": self.catalogue.pictures,
            "households.second_share": self.households.second_share,
        }


class _Shares(NamedTuple):
    """Shares that must sum to 1, and how many there must be."""

    setting: str
    values: tuple[float, ...]
    size: int


@cache
def world_settings(name: str = "world") -> WorldSettings:
    """The settings of a world by its name; `world2` differs in what `conf/world2.yaml` says.

    Raises UserMistake for an unknown name.
    """
    if name not in WORLDS:
        raise UserMistake(f"no world is called {name!r}; there are: {', '.join(WORLDS)}")
    folder = ROOT / "conf"
    first = folder / f"{WORLDS[0]}.yaml"
    if name == WORLDS[0]:
        return load_yaml(WorldSettings, first)
    return load_yaml(WorldSettings, folder / f"{name}.yaml", default=first)
