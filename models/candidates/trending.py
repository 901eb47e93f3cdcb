"""Trending Now: short windows against a title's own baseline, by country and everywhere (N-030 to N-032)."""

import numpy as np
from numpy.typing import NDArray

from conf.days import BASELINE_DAYS, SEASON_DAYS, TREND_WINDOWS, YEAR_DAYS

F32 = NDArray[np.float32]
SEASON_SHARE = (2 * SEASON_DAYS + 1) / YEAR_DAYS  # of a year: what a title without seasons has


def rising(
    here: dict[str, F32],
    everywhere: dict[str, F32],
    window_days: int,
    least_plays: int,
    prior_plays: float,
) -> F32:
    """How strongly each title rises (n,); NaN where it may not be called trending.

    Mean over the windows w up to `window_days` of z = (n - e) / sqrt(e + 1): n are the plays in w, e those expected of
    the title's own 28 days before, as a share of all plays, so that a weekend lifts nobody. Of a country n and e are
    what it has itself and `prior_plays` of everybody's, which tell where it is too small to tell alone. Trending may be
    called what has `least_plays` in `window_days` in this country, and more a day there than in the 28 days before.
    """
    plays, before = here[f"plays_{window_days}d"], here["plays_before"]
    windows = [days for days in TREND_WINDOWS if days <= window_days]
    strength = np.mean([_excess(here, everywhere, days, prior_plays) for days in windows], axis=0)
    more = plays * BASELINE_DAYS > before * window_days
    called = more & (plays >= max(least_plays, 1)) & (strength > 0)
    return np.where(called, strength, np.nan).astype(np.float32)


def _excess(
    here: dict[str, F32], everywhere: dict[str, F32], days: int, prior: float
) -> NDArray[np.float64]:
    n, e = here[f"plays_{days}d"].astype(np.float64), _expected(here, days)
    ratio = (everywhere[f"plays_{days}d"] + 1.0) / (_expected(everywhere, days) + 1.0)
    n, e = n + prior * ratio, e + prior
    return np.asarray((n - e) / np.sqrt(e + 1))


def _expected(plays: dict[str, F32], days: int) -> NDArray[np.float64]:
    """Plays of each title in the window if its share of all plays were that of the 28 days before; 0 without any."""
    before = plays["plays_before"].astype(np.float64)
    return np.asarray(
        before / max(before.sum(), 1.0) * plays[f"plays_{days}d"].sum(dtype=np.float64)
    )


def seasonal(here: dict[str, F32], least_plays: int) -> F32:
    """log of how much more than evenly a title's plays of earlier years fell in this season (n,); NaN for no more.

    Only titles with `least_plays` at least 300 days ago tell; a log that does not reach so far says nothing.
    """
    earlier = here["earlier_plays"].astype(np.float64)
    share = np.divide(
        here["season_plays"],
        earlier,
        out=np.zeros(len(earlier)),
        where=earlier >= max(least_plays, 1),
    )
    return np.where(
        share > SEASON_SHARE, np.log(np.maximum(share, 1e-9) / SEASON_SHARE), np.nan
    ).astype(np.float32)
