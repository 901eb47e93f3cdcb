"""What is true in the world and no pipeline may know. Days are counted from the first day, day 0."""
# Tested by tests/simulator/test_titles.py and tests/simulator/test_members.py.

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from simulator.arrays import BOOL, F32, I32, I64

NEVER = np.int32(2**30)  # a day that does not come


class TrueTitles(NamedTuple):
    """The catalogue as it truly is: t titles, g genres, k factors.

    `factors` are of unit variance under the population's tastes: for a title, taste @ factors is
    standard normal over members. Artworks of title i are artwork_first[i]:artwork_first[i + 1].
    """

    genres: BOOL  # (t, g)
    series: BOOL  # (t,)
    episodes: I32  # (t,) 1 for a film
    seconds: I32  # (t,) length of the film or of one episode
    maturity: I32  # (t,) least age in years
    spoken: BOOL  # (t, languages)
    launch_day: I32  # (t,)
    opens: I32  # (t, countries) first day available
    closes: I32  # (t, countries) first day no longer available, NEVER for open
    attraction: F32  # (t,) standardised log of how much it was played in reality
    local: F32  # (t, countries) attraction beyond that in each country, mean 0
    quality: F32  # (t,) stars above the overall mean
    factors: F32  # (t, k)
    half_life: F32  # (t,) days in which the pull of a launch halves
    season: I32  # (t,) day of the year, from 1, on which it returns, -1 for none
    buzz_day: I32  # (t,) centre of a one-off trend, NEVER for none
    buzz: F32  # (t,) its height, log-odds
    artwork_first: I32  # (t + 1,)
    artwork_theme: I32  # (artworks,)
    artwork_represents: F32  # (artworks,) how well it stands for its title, 0..1
    artwork_shared: F32  # (artworks,) log-odds that it evokes in everybody, mean 0


class TrueMembers(NamedTuple):
    """A batch of n profiles as they truly are.

    `index` is account * 5 + number within the household: the key of all that a profile draws.
    """

    index: I64  # type: ignore[assignment]  # (n,) hides tuple.index
    country: I32  # (n,)
    kids: BOOL  # (n,)
    limit: I32  # (n,) maturity setting in years, 21 where none is set
    understands: BOOL  # (n, languages)
    taste: F32  # (n, k)
    other_taste: F32  # (n, k) of the second person; equal to `taste` where there is none
    shared: F32  # (n,) share of sessions of the second person, 0 for most
    drift: F32  # (n, k) where tastes turn to, one full turn in conf's `drift_days`
    strictness: F32  # (n,) stars below the mean that this profile gives
    genre_likes: F32  # (n, g)
    theme_likes: F32  # (n, themes) how much the artworks of a theme attract
    sessions: F32  # (n,) mean number of sessions a day
    dayparts: F32  # (n, dayparts) shares, sum 1
    weekend: F32  # (n,) multiplies sessions on Saturday and Sunday
    devices: F32  # (n, devices) shares, sum 1
    patience: F32  # (n,) multiplies the odds of looking further
    join_day: I32  # (n,) day of sign-up, may be negative
    cancel_day: I32  # (n,) first day after cancelling, NEVER for none


@dataclass(frozen=True)
class World:
    """Everything true that all members share, and the ids under which clients know it."""

    seed: int
    titles: TrueTitles
    title_ids: tuple[str, ...]
    names: tuple[str, ...]
    years: tuple[int | None, ...]
    genre_names: tuple[str, ...]
    artwork_ids: tuple[str, ...]  # (artworks,)
    tastes_mean: F32  # (k,) of the population
    tastes_root: F32  # (k, k) a root of its covariance
    tastes_real: F32  # (members of the real log, k) members' tastes are drawn about these
