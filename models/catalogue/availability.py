"""Windows of availability as arrays: what is open at a moment, until when, since when, and whether it came back."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

NOWHERE = ""  # the country of profiles without one


@dataclass(frozen=True)
class Windows:
    """Titles by country at one moment, each entry (n,); "" stands for a profile without a country.

    `open` masks what may be shown; `ends_s` is the end of the open window, infinity where it has none; `since_s` is its
    beginning, NaN for titles that never had a window; `back` masks what had been gone before it: an earlier window
    ended before the open one began.
    """

    open: dict[str, NDArray[np.bool_]] = field(default_factory=dict)
    ends_s: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    since_s: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    back: dict[str, NDArray[np.bool_]] = field(default_factory=dict)


def windows_at(
    title: NDArray[np.int64],
    country: NDArray[np.object_],
    start_s: NDArray[np.float64],
    end_s: NDArray[np.float64],
    as_of_s: float,
    size: int,
) -> Windows:
    """The windows (w,) of `size` titles at `as_of_s`; `title` is -1 for unknown ones, `end_s` infinite for open ends.

    A title without any window is available everywhere; one that has windows is available only inside them.
    """
    limited = np.zeros(size, bool)
    limited[title[title >= 0]] = True
    never = np.full(size, np.nan)
    found = Windows(
        {NOWHERE: ~limited},
        {NOWHERE: np.full(size, np.inf)},
        {NOWHERE: never},
        {NOWHERE: limited & False},
    )
    for name in sorted(set(country)):
        here = (country == name) & (title >= 0)
        now = here & (start_s <= as_of_s) & (as_of_s < end_s)
        mask, until, since = ~limited, np.full(size, np.inf), np.full(size, np.inf)
        mask[title[now]] = True
        until[title[now]] = -np.inf
        np.maximum.at(until, title[now], end_s[now])
        np.minimum.at(since, title[now], start_s[now])
        before = here & (end_s < since[title])  # a window that adjoins the open one is no absence
        back = np.zeros(size, bool)
        back[title[before]] = True
        found.open[name], found.ends_s[name] = mask, until
        found.since_s[name], found.back[name] = (
            np.where(np.isfinite(since), since, np.nan),
            back & mask,
        )
    return found
