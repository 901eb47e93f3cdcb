"""What was known at a moment, from a log held in arrays: the columns of `title_features` and `profile_features`.

The pipeline sums the same columns with Spark; windows end at the moment, which for it is the end of a day.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from math import pi

import numpy as np
from numpy.typing import NDArray

from conf.days import (
    COUNT_WINDOWS,
    DAY_S,
    EARLIER_DAYS,
    PRIOR_STARS,
    SEASON_DAYS,
    TREND_DAYS,
    YEAR_DAYS,
)
from models.artwork.gallery import Gallery
from models.artwork.pools import empty_pools
from models.candidates.features import PROFILE, TITLE
from models.candidates.ratings import Ratings
from models.candidates.recent import recent_counts
from models.catalogue.arrays import Catalogue, Profiles
from models.ragged import Ragged

Floats = NDArray[np.floating]


@dataclass(frozen=True)
class TitleFacts:
    """What is known of the n titles besides who played them."""

    genres: NDArray[np.bool_]  # (n, g)
    year: NDArray[np.float64]  # (n,) NaN where unknown
    launched_s: NDArray[np.float64]  # (n,) epoch seconds, NaN where unknown


def catalogue_from_log(plays: Ratings, facts: TitleFacts, as_of_s: float) -> Catalogue:
    """The catalogue at a moment; titles that nobody had played by then are not available.

    `plays` may hold later plays, which are not looked at.
    """
    seen = plays.where(plays.at_s <= as_of_s)
    first, _ = _ends(seen.title, seen.at_s, plays.shape[1])
    size = plays.shape[1]
    ids = np.arange(size).astype(str).astype(object)
    genres, maturity = (
        tuple(str(g) for g in range(facts.genres.shape[1])),
        np.full(size, -1, np.int16),
    )
    return Catalogue(
        title_ids=ids,
        names=ids,
        genres=genres,
        genre_matrix=facts.genres,
        maturity=maturity,
        features={
            name: np.asarray(v, np.float32)
            for name, v in _title_columns(seen, facts, as_of_s).items()
        },
        available={"": np.isfinite(first)},
        ends_s={"": np.full(size, np.inf)},
        gallery=Gallery(empty_pools(size), ids, maturity, genres),
        as_of_s=as_of_s,
    )


def profiles_from_log(plays: Ratings, as_of_s: float, members: NDArray[np.integer]) -> Profiles:
    """Profiles `members` (m,) with what they had played by a moment."""
    seen = plays.where((plays.at_s <= as_of_s) & np.isin(plays.profile, members))
    row = np.searchsorted(members, seen.profile)
    key, inverse = np.unique(row * plays.shape[1] + seen.title, return_inverse=True)
    last, stars = np.full(len(key), -np.inf), np.full(len(key), np.nan)
    np.maximum.at(last, inverse, seen.at_s)
    rated = np.flatnonzero(~np.isnan(seen.stars))
    rated = rated[np.argsort(seen.at_s[rated], kind="stable")]
    stars[inverse[rated]] = seen.stars[rated]
    owner, title = key // plays.shape[1], key % plays.shape[1]
    order = np.lexsort((title, -last, owner))
    count = len(members)
    return Profiles(
        profile_ids=members.astype(str).astype(object),
        offsets=Ragged.from_owners(owner, count).offsets,
        title=title[order].astype(np.int32),
        last_at_s=last[order],
        plays=np.bincount(inverse, minlength=len(key))[order].astype(np.int32),
        stars=stars[order].astype(np.float32),
        features={
            n: np.asarray(v, np.float32)
            for n, v in _profile_columns(seen, row, count, as_of_s).items()
        },
        country=np.full(count, "", object),
        maturity_limit=np.full(count, 99, np.int16),
        kids=np.zeros(count, bool),
        blocked=tuple(np.zeros(0, np.int32) for _ in range(count)),
    )


def _title_columns(seen: Ratings, facts: TitleFacts, as_of_s: float) -> dict[str, Floats]:
    size = seen.shape[1]
    count = {
        days: recent_counts(seen.title, seen.at_s, as_of_s, days, size)
        for days in (*COUNT_WINDOWS, TREND_DAYS)
    }
    plays = np.bincount(seen.title, minlength=size)
    first, last = _ends(seen.title, seen.at_s, size)
    return {
        **dict.fromkeys(TITLE, np.full(size, np.nan)),  # a feature that nothing here tells of
        **{f"title_plays_count_{days}d": count[days] for days in COUNT_WINDOWS},
        "title_plays_count_all": plays,
        "title_trend_7d": np.log((count[7] + 1) / ((count[TREND_DAYS] - count[7]) / 4 + 1)),
        "title_trend_30d": np.log((count[30] + 1) / ((count[90] - count[30]) / 2 + 1)),
        "title_first_play_age_days": _whole_days(as_of_s - first),
        "title_last_play_age_days": _whole_days(as_of_s - last),
        "title_launch_age_days": (as_of_s - facts.launched_s) / DAY_S,
        "title_year_age": datetime.fromtimestamp(as_of_s, UTC).year - facts.year,
        "title_season_share": _season_share(seen, as_of_s),
        "title_stars_mean": _shrunk_stars(seen),
        "title_stars_count": np.bincount(seen.title[~np.isnan(seen.stars)], minlength=size),
    }


def _profile_columns(
    seen: Ratings, row: NDArray[np.integer], size: int, as_of_s: float
) -> dict[str, Floats]:
    first, last = _ends(row, seen.at_s, size)
    count = np.bincount(row, minlength=size)
    some = np.where(count > 0, count, np.nan)
    hour = np.floor(seen.at_s / 3600) % 24 * (2 * pi / 24)
    weekday = np.floor(seen.at_s / DAY_S + 3) % 7  # Monday 0: the epoch began on a Thursday
    return {
        **dict.fromkeys(PROFILE, np.full(size, np.nan)),  # a feature that nothing here tells of
        "profile_plays_count_7d": recent_counts(row, seen.at_s, as_of_s, 7, size),
        "profile_plays_count_30d": recent_counts(row, seen.at_s, as_of_s, 30, size),
        "profile_plays_count_all": some,
        "profile_first_play_age_days": np.where(count > 0, (as_of_s - first) / DAY_S, np.nan),
        "profile_last_play_age_days": np.where(count > 0, (as_of_s - last) / DAY_S, np.nan),
        "profile_hour_mean_sin": np.bincount(row, np.sin(hour), size) / some,
        "profile_hour_mean_cos": np.bincount(row, np.cos(hour), size) / some,
        "profile_weekend_share": np.bincount(row, weekday >= 5, size) / some,
    }


def _ends(index: NDArray[np.integer], at_s: Floats, size: int) -> tuple[Floats, Floats]:
    """First and last instant of each index; infinity and minus infinity where there is none."""
    first, last = np.full(size, np.inf), np.full(size, -np.inf)
    np.minimum.at(first, index, at_s)
    np.maximum.at(last, index, at_s)
    return first, last


def _whole_days(seconds: Floats) -> Floats:
    return np.where(np.isfinite(seconds), np.floor(seconds / DAY_S), np.nan)


def _season_share(seen: Ratings, as_of_s: float) -> Floats:
    """Share of plays of earlier years within 15 days of this day of the year; NaN without any."""
    old = seen.where(seen.at_s <= as_of_s - EARLIER_DAYS * DAY_S)
    days = old.at_s.astype("datetime64[s]").astype("datetime64[D]")
    of_year = (days - days.astype("datetime64[Y]")).astype(int) + 1
    apart = np.abs(of_year - datetime.fromtimestamp(as_of_s, UTC).timetuple().tm_yday)
    near = np.minimum(apart, YEAR_DAYS - apart) <= SEASON_DAYS
    total = np.bincount(old.title, minlength=seen.shape[1])
    return np.bincount(old.title, near, seen.shape[1]) / np.where(total > 0, total, np.nan)


def _shrunk_stars(seen: Ratings) -> Floats:
    rated = seen.where(~np.isnan(seen.stars))
    if not len(rated):
        return np.full(seen.shape[1], np.nan)
    count = np.bincount(rated.title, minlength=seen.shape[1])
    total = np.bincount(rated.title, rated.stars, seen.shape[1])
    return (total + rated.stars.mean() * PRIOR_STARS) / (count + PRIOR_STARS)
