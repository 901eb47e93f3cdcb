"""Windows of availability as arrays: what is open at a moment, until and since when, and returns."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

NOWHERE = ""  # the country of profiles without one
EVERYWHERE = "everywhere"  # what is open in every country that has windows


@dataclass(frozen=True)
class Windows:
    """The n titles by country at one moment; the country of profiles without one is NOWHERE."""

    open: dict[str, NDArray[np.bool_]] = field(default_factory=dict)  # (n,) may be shown
    # (n,) end of the open window, epoch seconds UTC; infinity where it has none
    ends_s: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    # (n,) beginning of the open window; NaN for titles that never had a window
    since_s: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    # (n,) came back: an earlier window ended before the open one began
    back: dict[str, NDArray[np.bool_]] = field(default_factory=dict)


def windows_at(
    title: NDArray[np.int64],
    country: NDArray[np.object_],
    start_s: NDArray[np.float64],
    end_s: NDArray[np.float64],
    as_of_s: float,
    size: int,
) -> Windows:
    """The availability of `size` titles at `as_of_s`, from w windows (w,); instants in epoch
    seconds.

    `title` is -1 for unknown titles, `end_s` infinite for open ends. A title without any window is
    available everywhere; one that has windows is available only inside them.
    """
    unlimited = np.ones(size, bool)
    unlimited[title[title >= 0]] = False
    windows = Windows()
    windows.open[NOWHERE] = unlimited
    windows.ends_s[NOWHERE] = np.full(size, np.inf)
    windows.since_s[NOWHERE] = np.full(size, np.nan)
    windows.back[NOWHERE] = np.zeros(size, bool)
    for name in sorted(set(country)):
        in_country = (country == name) & (title >= 0)
        is_open = in_country & (start_s <= as_of_s) & (as_of_s < end_s)
        open_titles = title[is_open]
        may_show = unlimited.copy()
        may_show[open_titles] = True
        ends_s = np.full(size, np.inf)
        ends_s[open_titles] = -np.inf
        np.maximum.at(ends_s, open_titles, end_s[is_open])
        since_s = np.full(size, np.inf)
        np.minimum.at(since_s, open_titles, start_s[is_open])
        # a window that adjoins the open one is no absence
        is_earlier = in_country & (end_s < since_s[title])
        has_earlier = np.zeros(size, bool)
        has_earlier[title[is_earlier]] = True
        windows.open[name] = may_show
        windows.ends_s[name] = ends_s
        windows.since_s[name] = np.where(np.isfinite(since_s), since_s, np.nan)
        windows.back[name] = has_earlier & may_show
    return windows


def open_everywhere(windows: Windows) -> Windows:
    """The same windows, with what is open in each country under EVERYWHERE."""
    names = [name for name in windows.open if name != NOWHERE] or [NOWHERE]
    since_s = [np.nan_to_num(windows.since_s[name], nan=-np.inf) for name in names]
    return Windows(
        windows.open | {EVERYWHERE: np.all([windows.open[name] for name in names], axis=0)},
        windows.ends_s | {EVERYWHERE: np.min([windows.ends_s[name] for name in names], axis=0)},
        windows.since_s | {EVERYWHERE: np.max(since_s, axis=0)},
        windows.back,
    )
