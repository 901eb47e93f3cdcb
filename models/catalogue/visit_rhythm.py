"""When each profile usually comes, and when its next session is due. Hours and weekdays are UTC, as everywhere."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from conf.days import DAY_S
from models.catalogue.columns import seconds
from models.ragged import Ragged

F64 = NDArray[np.float64]
WEEK_S = 7 * DAY_S
SATURDAY_S = 2 * DAY_S  # 1 January 1970 was a Thursday
CLEAR = 0.3  # length of the mean hour's vector from which on there is a usual hour; even hours have 0, one hour has 1
FEW = 4  # sessions from which on days of the week without any are days on which the profile does not come


@dataclass(frozen=True)
class Rhythm:
    """The rhythm of m profiles; NaN where there are no plays, or too few to tell."""

    hour: F64  # (m,) the usual hour of the day, 0 <= hour < 24, the circular mean over sessions
    clearness: F64  # (m,) 0..1, how much sessions keep to it
    weekend_share: F64  # (m,) of sessions that begin on Saturday or Sunday
    gap_s: F64  # (m,) from one session's beginning to the next, the median
    sessions: NDArray[np.int64]  # (m,)
    last_s: F64  # (m,) beginning of the last session, epoch seconds


def sessions(owner: NDArray[np.int64], at_s: F64, gap_s: float) -> NDArray[np.bool_]:
    """Which plays (N,), sorted by owner and instant, begin a session: the one before is at least `gap_s` earlier."""
    first: NDArray[np.bool_] = np.append(True, np.diff(owner) != 0)[: len(owner)]
    return first | (np.diff(at_s, prepend=-np.inf) >= gap_s)


def rhythm(owner: NDArray[np.int64], at_s: F64, size: int, gap_s: float) -> Rhythm:
    """The rhythm of `size` profiles from instants of plays (N,) in any order, each of the profile `owner`."""
    order = np.lexsort((at_s, owner))
    owner, at_s = owner[order], at_s[order]
    begins = sessions(owner, at_s, gap_s)
    owner, at_s = owner[begins], at_s[begins]
    count = np.bincount(owner, minlength=size)
    angle = at_s % DAY_S * (2 * np.pi / DAY_S)
    with np.errstate(invalid="ignore", divide="ignore"):
        east, north = (np.bincount(owner, way(angle), size) / count for way in (np.cos, np.sin))
        weekend = np.bincount(owner, (at_s - SATURDAY_S) % WEEK_S < 2 * DAY_S, size) / count
    hour = np.arctan2(north, east) % (2 * np.pi) * (24 / (2 * np.pi)) % 24
    last = np.full(size, np.nan)
    np.fmax.at(last, owner, at_s)
    return Rhythm(
        hour, np.hypot(east, north), weekend, _median_gaps(owner, at_s, size), count, last
    )


def due_s(found: Rhythm, now_s: float) -> F64:
    """When each profile's next session is due (m,), epoch seconds, not before now; NaN without plays.

    Half a usual gap after the last session at the earliest (half a day where there is no gap yet), at the usual hour
    where there is one; a profile that keeps to weekends, or to the days between them, is due on such a day. One that
    has no usual hour is due a whole gap after its last session.
    """
    gap = np.where(np.isnan(found.gap_s), DAY_S, found.gap_s)
    clear = found.clearness >= CLEAR
    earliest = np.fmax(found.last_s + np.where(clear, gap / 2, gap), now_s)
    wait = np.where(clear, (found.hour * 3600 - earliest) % DAY_S, 0)
    due = earliest + wait
    for _ in range(6):  # days on until the day is one of its own
        on_weekend = (due - SATURDAY_S) % WEEK_S < 2 * DAY_S
        share = np.where(on_weekend, found.weekend_share, 1 - found.weekend_share)
        due = due + np.where((found.sessions >= FEW) & (share == 0), DAY_S, 0)
    return np.where(np.isnan(found.last_s), np.nan, due)


def due_at(history: pa.ListArray, now_s: float, gap_s: float) -> pa.Array:
    """When the profiles with these histories (`profile_features`) are due: the first and the last play of each title
    tell of sessions, so one between them of the same title is not seen.
    """
    owner = Ragged.from_arrow(history).owners
    flat = history.flatten()
    at_s = np.concatenate([seconds(flat.field(name)) for name in ("first_at", "last_at")])
    found = rhythm(np.tile(owner, 2), at_s, len(history), gap_s)
    due = due_s(found, now_s)
    micros = np.round(np.nan_to_num(due) * 1e6).astype(np.int64)
    return pa.array(micros, pa.int64(), mask=np.isnan(due)).cast(pa.timestamp("us", "UTC"))


def _median_gaps(owner: NDArray[np.int64], at_s: F64, size: int) -> F64:
    """The median of each owner's gaps (size,), NaN where there is none; sorted by owner and instant."""
    same = np.diff(owner) == 0
    gap, of = np.diff(at_s)[same], owner[1:][same]
    order = np.lexsort((gap, of))
    gap, gaps = gap[order], Ragged.from_owners(of, size)
    count = gaps.counts
    found = np.full(size, np.nan)
    some = count > 0
    low, high = gaps.starts + np.maximum(count - 1, 0) // 2, gaps.starts + count // 2
    found[some] = (gap[low[some]] + gap[high[some]]) / 2
    return found
