"""What was known at a moment, from a log in arrays: `title_features` and `profile_features`.

The pipeline sums the same columns with Spark; windows end at the moment, which for it is the end of
a day.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from math import pi
from zlib import crc32

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
from conf.resumes import popularity_settings, viewing_settings
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
    past = plays.where(plays.at_s <= as_of_s)
    size = plays.shape[1]
    first_at_s, _ = _first_and_last(past.title, past.at_s, size)
    ids = np.arange(size).astype(str).astype(object)
    genres = tuple(str(genre) for genre in range(facts.genres.shape[1]))
    maturity = np.full(size, -1, np.int16)
    return Catalogue(
        title_ids=ids,
        names=ids,
        genres=genres,
        genre_matrix=facts.genres,
        maturity=maturity,
        features=_as_float32(title_columns(past, facts, as_of_s)),
        available={"": np.isfinite(first_at_s)},
        ends_s={"": np.full(size, np.inf)},
        gallery=Gallery(empty_pools(size), ids, maturity, genres),
        as_of_s=as_of_s,
    )


def profiles_from_log(plays: Ratings, as_of_s: float, members: NDArray[np.integer]) -> Profiles:
    """Profiles `members` (m,), sorted, with what they had played by a moment."""
    past = plays.where((plays.at_s <= as_of_s) & np.isin(plays.profile, members))
    is_start = sitting_starts(past)
    row = np.searchsorted(members, past.profile)
    titles = plays.shape[1]
    pair, pair_of_play = np.unique(row * titles + past.title, return_inverse=True)
    owner, title = np.divmod(pair, titles)
    last_at_s = np.full(len(pair), -np.inf)
    np.maximum.at(last_at_s, pair_of_play, past.at_s)
    stars = _newest_stars(past, pair_of_play, len(pair))
    plays_of_pair = np.bincount(pair_of_play[is_start], minlength=len(pair))
    newest_first = np.lexsort((title, -last_at_s, owner))
    size = len(members)
    return Profiles(
        profile_ids=members.astype(str).astype(object),
        offsets=Ragged.from_owners(owner, size).offsets,
        title=title[newest_first].astype(np.int32),
        last_at_s=last_at_s[newest_first],
        plays=plays_of_pair[newest_first].astype(np.int32),
        stars=stars[newest_first].astype(np.float32),
        features=_as_float32(_profile_columns(past, is_start, row, size, as_of_s)),
        country=np.full(size, "", object),
        maturity_limit=np.full(size, 99, np.int16),
        kids=np.zeros(size, bool),
        blocked=tuple(np.zeros(0, np.int32) for _ in range(size)),
    )


def counted_plays(plays: Ratings) -> NDArray[np.bool_]:
    """Which plays (N,) count for their title: of each profile the first in `count_days`.

    The bound on newcomers is left out: it is about days, and an experiment's cutoffs are not days.
    """
    days = popularity_settings().count_days
    hour = np.floor(plays.at_s / 3600)
    in_order = np.lexsort((plays.at_s, plays.title, plays.profile))
    pair = plays.profile[in_order].astype(np.int64) * plays.shape[1] + plays.title[in_order]
    hours_since = np.diff(hour[in_order], prepend=0)
    goes_on = (np.diff(pair, prepend=-1) == 0) & (hours_since > 0)
    goes_on &= hours_since <= viewing_settings().sitting_gap_hours
    starts = in_order[~goes_on]
    phases = [crc32(str(profile).encode()) % days for profile in range(plays.shape[0])]
    span = (np.floor(plays.at_s / DAY_S).astype(np.int64) + np.array(phases)[plays.profile]) // days
    pair_of_start = plays.profile[starts].astype(np.int64) * plays.shape[1] + plays.title[starts]
    _, first = np.unique(np.stack([pair_of_start, span[starts]]), axis=1, return_index=True)
    counts = np.zeros(len(plays), bool)
    counts[starts[first]] = True
    return counts


def sitting_starts(plays: Ratings) -> NDArray[np.bool_]:
    """Which plays (N,) begin a sitting: the profile's play of the title before them is long past.

    A log in arrays has no episodes.
    """
    in_order = np.lexsort((plays.at_s, plays.title, plays.profile))
    pair = plays.profile[in_order].astype(np.int64) * plays.shape[1] + plays.title[in_order]
    same_pair = np.diff(pair, prepend=-1) == 0
    seconds_since = np.diff(plays.at_s[in_order], prepend=0)
    starts = np.empty(len(pair), bool)
    starts[in_order] = ~(same_pair & (seconds_since < viewing_settings().sitting_gap_hours * 3600))
    return starts


def _newest_stars(past: Ratings, pair_of_play: NDArray[np.integer], pairs: int) -> Floats:
    """The stars of each pair's newest rating (pairs,); NaN where there is none."""
    stars = np.full(pairs, np.nan)
    ratings = np.flatnonzero(~np.isnan(past.stars))
    oldest_first = np.argsort(past.at_s[ratings], kind="stable")
    ratings = ratings[oldest_first]
    stars[pair_of_play[ratings]] = past.stars[ratings]  # a later rating replaces an earlier one
    return stars


def _as_float32(columns: dict[str, Floats]) -> dict[str, NDArray[np.float32]]:
    return {name: np.asarray(values, np.float32) for name, values in columns.items()}


def title_columns(past: Ratings, facts: TitleFacts, as_of_s: float) -> dict[str, Floats]:
    """The columns (n,) of `title_features`; NaN for a feature that no log in arrays tells of."""
    size = past.shape[1]
    counted = past.where(counted_plays(past))
    recent = {}
    for days in (*COUNT_WINDOWS, TREND_DAYS):
        recent[days] = recent_counts(counted.title, counted.at_s, as_of_s, days, size)
    first_at_s, last_at_s = _first_and_last(past.title, past.at_s, size)
    before_week = recent[TREND_DAYS] - recent[7]
    before_month = recent[90] - recent[30]
    ratings = _newest_ratings(past)
    year = datetime.fromtimestamp(as_of_s, UTC).year

    columns: dict[str, Floats] = dict.fromkeys(TITLE, np.full(size, np.nan))
    for days in COUNT_WINDOWS:
        columns[f"title_plays_count_{days}d"] = recent[days]
    plays = np.bincount(counted.title, minlength=size)
    columns["title_plays_count_all"] = plays.astype(np.float64)
    columns["title_trend_7d"] = np.log((recent[7] + 1) / (before_week / 4 + 1))
    columns["title_trend_30d"] = np.log((recent[30] + 1) / (before_month / 2 + 1))
    columns["title_first_play_age_days"] = _whole_days(as_of_s - first_at_s)
    columns["title_last_play_age_days"] = _whole_days(as_of_s - last_at_s)
    columns["title_launch_age_days"] = (as_of_s - facts.launched_s) / DAY_S
    columns["title_year_age"] = year - facts.year
    columns["title_season_share"] = _season_share(counted, as_of_s)
    columns["title_stars_mean"] = _shrunk_stars(ratings)
    columns["title_stars_count"] = np.bincount(ratings.title, minlength=size).astype(np.float64)
    return columns


def _profile_columns(
    past: Ratings,
    is_start: NDArray[np.bool_],
    row: NDArray[np.integer],
    size: int,
    as_of_s: float,
) -> dict[str, Floats]:
    """The columns (size,) of `profile_features`; NaN for a feature that no log in arrays tells of.

    `row` is the index of each play's profile; plays are counted where a sitting begins.
    """
    first_at_s, last_at_s = _first_and_last(row, past.at_s, size)
    past, row = past.where(is_start), row[is_start]
    count = np.bincount(row, minlength=size)
    plays = np.where(count > 0, count, np.nan)
    first_age_days = (as_of_s - first_at_s) / DAY_S
    last_age_days = (as_of_s - last_at_s) / DAY_S
    angle = np.floor(past.at_s / 3600) % 24 * (2 * pi / 24)  # of the hour, in radians
    weekday = np.floor(past.at_s / DAY_S + 3) % 7  # Monday 0: the epoch began on a Thursday

    columns: dict[str, Floats] = dict.fromkeys(PROFILE, np.full(size, np.nan))
    for days in (7, 30):
        recent = recent_counts(row, past.at_s, as_of_s, days, size)
        columns[f"profile_plays_count_{days}d"] = recent
    columns["profile_plays_count_all"] = plays
    columns["profile_first_play_age_days"] = np.where(count > 0, first_age_days, np.nan)
    columns["profile_last_play_age_days"] = np.where(count > 0, last_age_days, np.nan)
    columns["profile_hour_mean_sin"] = np.bincount(row, np.sin(angle), size) / plays
    columns["profile_hour_mean_cos"] = np.bincount(row, np.cos(angle), size) / plays
    columns["profile_weekend_share"] = np.bincount(row, weekday >= 5, size) / plays
    return columns


def _first_and_last(index: NDArray[np.integer], at_s: Floats, size: int) -> tuple[Floats, Floats]:
    """First and last instant of each index; infinity and minus infinity where there is none."""
    first_at_s = np.full(size, np.inf)
    np.minimum.at(first_at_s, index, at_s)
    last_at_s = np.full(size, -np.inf)
    np.maximum.at(last_at_s, index, at_s)
    return first_at_s, last_at_s


def _whole_days(seconds: Floats) -> Floats:
    return np.where(np.isfinite(seconds), np.floor(seconds / DAY_S), np.nan)


def _season_share(past: Ratings, as_of_s: float) -> Floats:
    """Share of plays of earlier years within 15 days of this day of the year; NaN without any."""
    titles = past.shape[1]
    earlier = past.where(past.at_s <= as_of_s - EARLIER_DAYS * DAY_S)
    day = earlier.at_s.astype("datetime64[s]").astype("datetime64[D]")
    day_of_year = (day - day.astype("datetime64[Y]")).astype(int) + 1
    today = datetime.fromtimestamp(as_of_s, UTC).timetuple().tm_yday
    distance = np.abs(day_of_year - today)
    near = np.minimum(distance, YEAR_DAYS - distance) <= SEASON_DAYS
    total = np.bincount(earlier.title, minlength=titles)
    near_total = np.bincount(earlier.title, near, titles)
    return near_total / np.where(total > 0, total, np.nan)


def _shrunk_stars(ratings: Ratings) -> Floats:
    """Mean stars of each title, drawn towards the mean of all as by PRIOR_STARS more ratings."""
    titles = ratings.shape[1]
    if not len(ratings):
        return np.full(titles, np.nan)
    count = np.bincount(ratings.title, minlength=titles)
    total = np.bincount(ratings.title, ratings.stars, titles)
    prior = ratings.stars.mean() * PRIOR_STARS
    return (total + prior) / (count + PRIOR_STARS)


def _newest_ratings(past: Ratings) -> Ratings:
    """The newest rating of each profile and title."""
    ratings = past.where(~np.isnan(past.stars))
    newest_last = np.argsort(ratings.at_s, kind="stable")[::-1]
    pair = ratings.profile * ratings.shape[1] + ratings.title
    _, first = np.unique(pair[newest_last], return_index=True)
    return ratings.where(np.isin(np.arange(len(ratings)), newest_last[first]))
