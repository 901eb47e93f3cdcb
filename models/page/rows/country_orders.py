"""The orders that are the same for everybody in a country: popularity, trend, newness, return, season, acclaim."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from conf.days import DAY_S
from conf.rows import RowKind
from models.candidates.trending import rising, seasonal
from models.catalogue.arrays import EVERYBODY, Catalogue

FLOAT = NDArray[np.float32]
PLAYS_IN = ("plays_1d", "plays_3d", "plays_7d", "plays_before", "season_plays", "earlier_plays")


def general(kind: RowKind, catalogue: Catalogue, country: str) -> tuple[NDArray[np.int32], FLOAT]:
    """Titles best first, each with its value, for everybody in a country; only those for which the claim is true."""
    value, *ties = GENERAL[kind.order](kind, catalogue, country)
    title = np.flatnonzero(~np.isnan(value))
    keys: tuple[NDArray[np.generic], ...] = (
        title,
        *(-tie[title] for tie in reversed(ties)),
        -value[title],
    )
    order = title[np.lexsort(keys)]
    return order.astype(np.int32), value[order]


def _popularity(kind: RowKind, catalogue: Catalogue, _country: str) -> tuple[FLOAT, ...]:
    """Plays in the window, then in a year, then ever; a title that was never played is not popular."""
    features = catalogue.features
    ever = features["title_plays_count_all"]
    recent = features[f"title_plays_count_{kind.window_days}d"]
    return np.where(ever > 0, recent, np.float32(np.nan)), features["title_plays_count_365d"], ever


def _trend(kind: RowKind, catalogue: Catalogue, country: str) -> tuple[FLOAT, ...]:
    """How strongly it rises in the country, then its plays there."""
    here, everywhere = plays_in(catalogue, country), plays_in(catalogue, EVERYBODY)
    strength = rising(here, everywhere, kind.window_days, kind.least_plays, kind.prior_plays)
    return strength, here[f"plays_{kind.window_days}d"]


def _season(kind: RowKind, catalogue: Catalogue, country: str) -> tuple[FLOAT, ...]:
    here = plays_in(catalogue, country)
    return seasonal(here, kind.least_plays), here["season_plays"]


def plays_in(catalogue: Catalogue, country: str) -> dict[str, FLOAT]:
    """The columns of `country_plays` of a country; of everybody for one that nobody was known to play in."""
    nothing = np.zeros(catalogue.size, np.float32)
    everywhere = catalogue.country_plays.get(EVERYBODY, dict.fromkeys(PLAYS_IN, nothing))
    return catalogue.country_plays.get(country, everywhere) if country else everywhere


def _newness(kind: RowKind, catalogue: Catalogue, country: str) -> tuple[FLOAT, ...]:
    """Minus the age, where it lies within the window."""
    age = age_days(catalogue, country)
    new = (age >= 0) & (age <= kind.window_days)
    return np.where(new, -age, np.float32(np.nan)), catalogue.features["title_plays_count_7d"]


def _return(kind: RowKind, catalogue: Catalogue, country: str) -> tuple[FLOAT, ...]:
    """Minus the days since it came back to the country, where they lie within the window."""
    days = back_days(catalogue, country)
    return np.where(days <= kind.window_days, -days, np.float32(np.nan)), catalogue.features[
        "title_plays_count_30d"
    ]


def _acclaim(kind: RowKind, catalogue: Catalogue, _country: str) -> tuple[FLOAT, ...]:
    """Mean stars (shrunk) above most rated titles', where at least `least_plays` but no more plays than most have."""
    features = catalogue.features
    stars, plays = features["title_stars_mean"], features["title_plays_count_all"]
    rated, played = features["title_stars_count"] > 0, plays > 0
    if not rated.any():
        return np.full(catalogue.size, np.nan, np.float32), plays
    few = (plays >= kind.least_plays) & (plays <= np.median(plays[played]))
    gem = rated & few & (stars > np.median(stars[rated]))
    return np.where(gem, stars, np.float32(np.nan)), plays


GENERAL: dict[str, Callable[[RowKind, Catalogue, str], tuple[FLOAT, ...]]] = {
    "popularity": _popularity,
    "trend": _trend,
    "newness": _newness,
    "return": _return,
    "season": _season,
    "acclaim": _acclaim,
}


def age_days(catalogue: Catalogue, country: str) -> FLOAT:
    """Days since the title came to the service in the country, else since its first play; NaN where neither is known.

    It came with its launch, or with the country's first window where that began later (n,).
    """
    launch = catalogue.features["title_launch_age_days"]
    first = np.where(catalogue.back.get(country, False), np.nan, open_days(catalogue, country))
    came = np.fmin(launch, first)
    return np.where(np.isnan(came), catalogue.features["title_first_play_age_days"], came).astype(
        np.float32
    )


def back_days(catalogue: Catalogue, country: str) -> FLOAT:
    """Days since a title that had been gone came back to the country; NaN for all others (n,)."""
    return np.where(
        catalogue.back.get(country, False), open_days(catalogue, country), np.nan
    ).astype(np.float32)


def open_days(catalogue: Catalogue, country: str) -> NDArray[np.float64]:
    """Days since the country's open window began; NaN for titles without windows (n,)."""
    since = catalogue.since_s.get(country)
    return np.full(catalogue.size, np.nan) if since is None else (catalogue.as_of_s - since) / DAY_S
