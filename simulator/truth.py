"""What is true in the world and no pipeline may know. Days are counted from the first day of life, which is 0."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
NEVER = np.int32(2**30)  # a day that does not come


class Titles(NamedTuple):
    """The catalogue as it truly is, t titles. A NamedTuple of arrays, so that compiled loops take it whole.

    `factors` (t, k) are of unit variance under the population's tastes: taste @ factors is standard normal over
    members for a title. `pictures` of title i are picture_first[i]:picture_first[i + 1].
    """

    genres: NDArray[np.bool_]  # (t, g)
    series: NDArray[np.bool_]  # (t,)
    episodes: NDArray[np.int32]  # (t,) 1 for a film
    seconds: NDArray[np.int32]  # (t,) length of the film or of one episode
    maturity: NDArray[np.int32]  # (t,) least age in years
    spoken: NDArray[np.bool_]  # (t, languages)
    launched: NDArray[np.int32]  # (t,) day of launch
    opens: NDArray[np.int32]  # (t, countries) first day available
    closes: NDArray[np.int32]  # (t, countries) first day no longer available, NEVER for open
    attraction: F32  # (t,) standardised log of how much it was played in reality
    quality: F32  # (t,) stars above the overall mean
    factors: F32  # (t, k)
    half_life: F32  # (t,) days in which the pull of a launch halves
    season: NDArray[np.int32]  # (t,) day of the year, from 1, on which it returns, -1 for none
    buzz_day: NDArray[np.int32]  # (t,) centre of a one-off trend, NEVER for none
    buzz: F32  # (t,) its height on the appeal scale
    picture_first: NDArray[np.int32]  # (t + 1,)
    picture_theme: NDArray[np.int32]  # (pictures,)
    picture_represents: F32  # (pictures,) 0..1


class Members(NamedTuple):
    """A batch of n profiles as they truly are. `index` is account * 5 + place in the household: the seed of all that
    a profile draws.
    """

    index: NDArray[np.int64]  # type: ignore[assignment]  # (n,) hides tuple.index
    country: NDArray[np.int32]
    kids: NDArray[np.bool_]
    limit: NDArray[np.int32]  # maturity setting in years, 21 where none is set
    understands: NDArray[np.bool_]  # (n, languages)
    taste: F32  # (n, k)
    other_taste: (
        F32  # (n, k) the second person of a shared profile; equal to `taste` where it is not shared
    )
    shared: F32  # (n,) share of sessions held by the second person, 0 for most
    drift: F32  # (n, k) where tastes turn to, one full turn in conf's `drift_days`
    strictness: F32  # (n,) stars below the mean that this profile gives
    genre_likes: F32  # (n, g)
    theme_likes: F32  # (n, themes) what a picture evokes
    sessions: F32  # (n,) mean number of sessions a day
    dayparts: F32  # (n, dayparts) shares, sum 1
    weekend: F32  # (n,) multiplies sessions on Saturday and Sunday
    devices: F32  # (n, devices) shares, sum 1
    patience: F32  # (n,) multiplies the odds of looking further
    joined: NDArray[np.int32]  # day of sign-up, may be negative
    left: NDArray[np.int32]  # first day after cancelling, NEVER for none


@dataclass(frozen=True)
class World:
    """Everything true that all members share, and the names under which the outside knows it."""

    seed: int
    titles: Titles
    title_ids: tuple[str, ...]
    names: tuple[str, ...]
    years: tuple[int | None, ...]
    genre_names: tuple[str, ...]
    artwork_ids: tuple[str, ...]  # (pictures,)
    tastes_mean: F32  # (k,) of the population
    tastes_root: F32  # (k, k) a root of its covariance
    tastes_real: F32  # (members of the real log, k): draws start from one of these
