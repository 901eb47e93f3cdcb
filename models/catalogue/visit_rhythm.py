"""When each profile usually comes, and when its next session is due; hours and weekdays are UTC."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from conf.days import DAY_S
from models.catalogue.columns import seconds
from models.ragged import Ragged

F64 = NDArray[np.float64]
HOUR_S = 3600
DAY_HOURS = 24
WEEK_S = 7 * DAY_S
SATURDAY_S = 2 * DAY_S  # 1 January 1970 was a Thursday
MICROSECONDS = 1e6
# length of the mean hour's vector from which on there is a usual hour; 0 with even hours, 1 with
# one
LEAST_CLEARNESS = 0.3
# sessions from which on a kind of day without any is one on which the profile does not come
LEAST_SESSIONS = 4
LONGEST_STEPS = 6  # days from any day to one of the other kind, at most


@dataclass(frozen=True)
class VisitRhythm:
    """The rhythm of m profiles; NaN where there are no plays, or too few."""

    hour: F64  # (m,) the usual hour of the day, 0 <= hour < 24, the circular mean over sessions
    clearness: F64  # (m,) 0..1, how much sessions keep to it
    weekend_share: F64  # (m,) of sessions that begin on Saturday or Sunday
    gap_s: F64  # (m,) from one session's beginning to the next, the median
    sessions: NDArray[np.int64]  # (m,)
    last_s: F64  # (m,) beginning of the last session, epoch seconds


def session_starts(owner: NDArray[np.int64], at_s: F64, gap_s: float) -> NDArray[np.bool_]:
    """Mask of plays (N,), sorted by owner and instant, that begin a session.

    The play before is at least `gap_s` earlier.
    """
    is_first: NDArray[np.bool_] = np.ones(len(owner), bool)
    is_first[1:] = np.diff(owner) != 0
    return is_first | (np.diff(at_s, prepend=-np.inf) >= gap_s)


def visit_rhythm(owner: NDArray[np.int64], at_s: F64, size: int, gap_s: float) -> VisitRhythm:
    """The rhythm of `size` profiles from plays (N,) in any order, each of the profile `owner`."""
    order = np.lexsort((at_s, owner))
    owner, at_s = owner[order], at_s[order]
    is_start = session_starts(owner, at_s, gap_s)
    owner, at_s = owner[is_start], at_s[is_start]
    count = np.bincount(owner, minlength=size)
    angle = at_s % DAY_S * (2 * np.pi / DAY_S)
    with np.errstate(invalid="ignore", divide="ignore"):
        east = np.bincount(owner, np.cos(angle), size) / count
        north = np.bincount(owner, np.sin(angle), size) / count
        weekend_share = np.bincount(owner, _is_weekend(at_s), size) / count
    mean_angle = np.arctan2(north, east) % (2 * np.pi)
    last_s = np.full(size, np.nan)
    np.fmax.at(last_s, owner, at_s)
    return VisitRhythm(
        hour=mean_angle * (DAY_HOURS / (2 * np.pi)) % DAY_HOURS,
        clearness=np.hypot(east, north),
        weekend_share=weekend_share,
        gap_s=_median_gaps(owner, at_s, size),
        sessions=count,
        last_s=last_s,
    )


def next_session_s(rhythm: VisitRhythm, now_s: float) -> F64:
    """When each profile's next session is due (m,), epoch seconds, not before now; NaN without
    plays.

    At the earliest half a usual gap after the last session (half a day where there is no gap yet),
    at the usual hour where there is one; a profile that keeps to weekends, or to the days between
    them, is due on such a day. One without a usual hour is due a whole gap after its last session.
    """
    gap_s = np.where(np.isnan(rhythm.gap_s), DAY_S, rhythm.gap_s)
    has_hour = rhythm.clearness >= LEAST_CLEARNESS
    pause_s = np.where(has_hour, gap_s / 2, gap_s)
    earliest_s = np.fmax(rhythm.last_s + pause_s, now_s)
    until_hour_s = (rhythm.hour * HOUR_S - earliest_s) % DAY_S
    due_s = earliest_s + np.where(has_hour, until_hour_s, 0)
    is_clear = rhythm.sessions >= LEAST_SESSIONS
    for _ in range(LONGEST_STEPS):
        share = np.where(_is_weekend(due_s), rhythm.weekend_share, 1 - rhythm.weekend_share)
        due_s = due_s + np.where(is_clear & (share == 0), DAY_S, 0)
    return np.where(np.isnan(rhythm.last_s), np.nan, due_s)


def next_sessions(history: pa.ListArray, now_s: float, gap_s: float) -> pa.Array:
    """When the profiles with these histories (`profile_features`) are due, as instants.

    The first and the last play of each title stand for sessions, so one between them of the same
    title is not counted.
    """
    owner = Ragged.from_arrow(history).owners
    plays = history.flatten()
    at_s = np.concatenate([seconds(plays.field(name)) for name in ("first_at", "last_at")])
    rhythm = visit_rhythm(np.tile(owner, 2), at_s, len(history), gap_s)
    due_s = next_session_s(rhythm, now_s)
    micros = np.round(np.nan_to_num(due_s) * MICROSECONDS).astype(np.int64)
    return pa.array(micros, pa.int64(), mask=np.isnan(due_s)).cast(pa.timestamp("us", "UTC"))


def _is_weekend(at_s: F64) -> NDArray[np.bool_]:
    """Whether instants in epoch seconds lie on Saturday or Sunday."""
    return (at_s - SATURDAY_S) % WEEK_S < 2 * DAY_S


def _median_gaps(owner: NDArray[np.int64], at_s: F64, size: int) -> F64:
    """Median gap of each owner's sessions (size,), NaN without any; sorted by owner and instant."""
    is_same_owner = np.diff(owner) == 0
    gap, gap_owner = np.diff(at_s)[is_same_owner], owner[1:][is_same_owner]
    gap = gap[np.lexsort((gap, gap_owner))]
    gaps = Ragged.from_owners(gap_owner, size)
    low = gaps.starts + np.maximum(gaps.counts - 1, 0) // 2
    high = gaps.starts + gaps.counts // 2
    has_gap = gaps.counts > 0
    median = np.full(size, np.nan)
    median[has_gap] = (gap[low[has_gap]] + gap[high[has_gap]]) / 2
    return median
