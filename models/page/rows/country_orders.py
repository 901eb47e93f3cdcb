"""The orders that are the same for everybody in a country: popularity, trend, newness, return,
season, acclaim.
"""
# Tested by tests/models/page/rows/test_orders.py.

import numpy as np
from numpy.typing import NDArray

from conf.days import DAY_S
from conf.rows import RowKind
from models.candidates.trending import rising, seasonal
from models.catalogue.arrays import EVERYBODY, Catalogue

FLOAT = NDArray[np.float32]
SortKeys = tuple[
    FLOAT, ...
]  # each (n,): the value, NaN for titles left out, and keys for equal values
PLAYS_IN = ("plays_1d", "plays_3d", "plays_7d", "plays_before", "season_plays", "earlier_plays")


def sorted_titles(keys: SortKeys) -> tuple[NDArray[np.int32], FLOAT]:
    """Titles best first, each with its value.

    Titles of equal keys stand in the order of their index, so that a page is the same every time.
    """
    value, *further_keys = keys
    title = np.flatnonzero(~np.isnan(value))
    descending: list[NDArray[np.generic]] = [-key[title] for key in (value, *further_keys)]
    order = title[np.lexsort([title, *reversed(descending)])]
    return order.astype(np.int32), value[order]


def popularity_keys(kind: RowKind, catalogue: Catalogue, _country: str) -> SortKeys:
    """Plays in the window, then in a year, then ever; a title that was never played is left out."""
    features = catalogue.features
    ever = features["title_plays_count_all"]
    recent = features[f"title_plays_count_{kind.window_days}d"]
    return np.where(ever > 0, recent, np.float32(np.nan)), features["title_plays_count_365d"], ever


def trend_keys(kind: RowKind, catalogue: Catalogue, country: str) -> SortKeys:
    """How strongly the title rises in the country, then its plays there."""
    here, everywhere = plays_in(catalogue, country), plays_in(catalogue, EVERYBODY)
    strength = rising(here, everywhere, kind.window_days, kind.least_plays, kind.prior_plays)
    return strength, here[f"plays_{kind.window_days}d"]


def season_keys(kind: RowKind, catalogue: Catalogue, country: str) -> SortKeys:
    """How much more the title was played in this season of earlier years, then its plays in it."""
    here = plays_in(catalogue, country)
    return seasonal(here, kind.least_plays), here["season_plays"]


def newness_keys(kind: RowKind, catalogue: Catalogue, country: str) -> SortKeys:
    """Minus the age in days, where it lies within the window."""
    age = age_days(catalogue, country)
    is_new = (age >= 0) & (age <= kind.window_days)
    return np.where(is_new, -age, np.float32(np.nan)), catalogue.features["title_plays_count_7d"]


def return_keys(kind: RowKind, catalogue: Catalogue, country: str) -> SortKeys:
    """Minus the days since the title came back to the country, where they lie within the window."""
    days = back_days(catalogue, country)
    value = np.where(days <= kind.window_days, -days, np.float32(np.nan))
    return value, catalogue.features["title_plays_count_30d"]


def acclaim_keys(kind: RowKind, catalogue: Catalogue, _country: str) -> SortKeys:
    """Mean stars (shrunk) above most rated titles', of titles with at least `least_plays` but no
    more than most have.
    """
    features = catalogue.features
    stars, plays = features["title_stars_mean"], features["title_plays_count_all"]
    is_rated, is_played = features["title_stars_count"] > 0, plays > 0
    if not is_rated.any():
        return np.full(catalogue.size, np.nan, np.float32), plays
    has_few_plays = (plays >= kind.least_plays) & (plays <= np.median(plays[is_played]))
    is_gem = is_rated & has_few_plays & (stars > np.median(stars[is_rated]))
    return np.where(is_gem, stars, np.float32(np.nan)), plays


def plays_in(catalogue: Catalogue, country: str) -> dict[str, FLOAT]:
    """The columns of `country_plays` of a country; of everybody for one that nobody is known to
    have played in.
    """
    nothing = np.zeros(catalogue.size, np.float32)
    everywhere = catalogue.country_plays.get(EVERYBODY, dict.fromkeys(PLAYS_IN, nothing))
    return catalogue.country_plays.get(country, everywhere) if country else everywhere


def age_days(catalogue: Catalogue, country: str) -> FLOAT:
    """Days since the title came to the service in the country, else since its first play; NaN where
    neither is known.

    It came with its launch, or with the country's first window where that began later (n,).
    """
    launch = catalogue.features["title_launch_age_days"]
    was_gone = catalogue.back.get(country, False)
    first_window = np.where(was_gone, np.nan, open_days(catalogue, country))
    arrival = np.fmin(launch, first_window)
    first_play = catalogue.features["title_first_play_age_days"]
    return np.where(np.isnan(arrival), first_play, arrival).astype(np.float32)


def back_days(catalogue: Catalogue, country: str) -> FLOAT:
    """Days since a title that had been gone came back to the country; NaN for all others (n,)."""
    was_gone = catalogue.back.get(country, False)
    return np.where(was_gone, open_days(catalogue, country), np.nan).astype(np.float32)


def open_days(catalogue: Catalogue, country: str) -> NDArray[np.float64]:
    """Days since the country's open window began; NaN for titles without windows (n,)."""
    since_s = catalogue.since_s.get(country)
    if since_s is None:
        return np.full(catalogue.size, np.nan)
    return (catalogue.as_of_s - since_s) / DAY_S
