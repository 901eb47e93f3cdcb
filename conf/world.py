"""Settings of the simulated world: `conf/world.yaml`. The pipeline never reads them; tests hold it to that."""

from datetime import date
from functools import cache
from typing import Annotated

from pydantic import Field

from conf.settings import ROOT, Frozen, load_yaml

Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(ge=1)]
Age = Annotated[int, Field(ge=0, le=21)]


class Country(Frozen):
    """A country: its share of accounts, its distance from UTC and what is spoken there."""

    share: Share
    utc_hours: float = Field(ge=-12, le=14)
    languages: tuple[str, ...]


class TasteSettings(Frozen):
    """How tastes are fitted to real ratings and drawn."""

    factors: Count
    ridge: Positive
    bias_ridge: Positive
    rounds: Count
    genre_prior: Positive
    own_noise: float = Field(ge=0)
    drift_days: Positive
    genre_share: Share
    theme_share: Share
    strictness: float = Field(ge=0)


class Households(Frozen):
    """Who lives in an account."""

    profiles: tuple[Share, Share, Share, Share, Share]
    kids_share: Share
    shared_share: Share
    second_share: tuple[Share, Share]
    kids_limits: tuple[Age, ...]
    kids_taste: float
    limit_share: Share
    limits: tuple[Age, ...]
    second_language_share: Share
    newcomers_share: Share
    monthly_churn: Share
    mean_tenure_days: Positive


class Habits(Frozen):
    """What differs between profiles besides their tastes."""

    devices: tuple[Share, ...]
    devices_sureness: Positive
    dayparts_sureness: Positive
    weekend: Positive
    weekend_spread: float = Field(ge=0)
    patience_spread: float = Field(ge=0)


class CatalogueSettings(Frozen):
    """What is made up about real titles."""

    series_share: Share
    episodes: tuple[Count, Count]
    film_minutes: tuple[Count, Count, Count]
    film_spread: float = Field(ge=0)
    episode_minutes: tuple[Count, Count]
    ages: tuple[Age, ...]
    maturity: dict[str, tuple[Age, Age]]
    children: tuple[str, ...]
    dub_share: Share
    library_days: Count
    late_launch_share: Share
    limited_share: Share
    missing_share: Share
    launch_half_life_days: Positive
    half_life_spread: float = Field(ge=0)
    buzz_share: Share
    buzz_height: float
    buzz_spread: float = Field(ge=0)
    season_share: Share
    pictures: tuple[Count, Count]
    theme_genres: dict[str, str]
    theme_weight: Positive
    represents: tuple[Positive, Positive]


class SessionSettings(Frozen):
    """How often members come, when and for how long."""

    per_day: Positive
    spread: float = Field(ge=0)
    most: Count
    daypart_shares: tuple[Share, ...]
    minutes: Positive


class Eyes(Frozen):
    """How a member looks at a page, by device: down over rows and to the right over cells."""

    down: dict[str, Share]
    right: dict[str, Share]
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
    watched: float
    resume: float
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
    resume: Share
    heard_of: Count
    fame: float
    choosiness: float
    past_play: Share


class Feedback(Frozen):
    """How often members say what they thought."""

    rate_after_finish: Share
    thumb: Share


class PageShape(Frozen):
    """The shape of the pages that the world itself builds to compare with."""

    rows: Count
    columns: Count


class Mess(Frozen):
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
    sessions: SessionSettings
    eyes: Eyes
    appeal: Appeal
    watching: Watching
    search: Search
    feedback: Feedback
    quality_play: Share
    pages: PageShape
    mess: Mess


@cache
def world_settings() -> WorldSettings:
    """The settings as they stand in `conf/world.yaml`."""
    return load_yaml(WorldSettings, ROOT / "conf" / "world.yaml")
