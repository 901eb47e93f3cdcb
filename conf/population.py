"""Settings of who and what is in the simulated world: the first half of `conf/world.yaml`."""
# Tested by tests/conf/test_world.py.

from typing import Annotated

from pydantic import Field

from conf.settings import Frozen

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
    known_ages: dict[str, Age]
    children: tuple[str, ...]
    dub_share: Share
    library_days: Count
    late_launch_share: Share
    limited_share: Share
    licensed_share: Share
    shortest_days: Count
    missing_share: Share
    country_spread: float = Field(ge=0)
    launch_half_life_days: Positive
    half_life_spread: float = Field(ge=0)
    buzz_share: Share
    buzz_height: float
    buzz_spread: float = Field(ge=0)
    season_share: Share
    pictures: tuple[Count, Count]
    picture_spread: float = Field(ge=0)
    theme_genres: dict[str, str]
    theme_weight: Positive
    represents: tuple[Positive, Positive]


class DrawnCatalogue(Frozen):
    """A catalogue and its ratings that are drawn, where no real ones are taken."""

    titles: Count
    members: Count
    ratings: Count
    ratings_spread: float = Field(ge=0)
    fame_spread: float = Field(ge=0)
    quality_spread: float = Field(ge=0)
    taste_spread: float = Field(ge=0)
    noise: float = Field(ge=0)
    choosiness: float
    genre_share: Share
    second_genre_share: Share
    genres: dict[str, Positive]
