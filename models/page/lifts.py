"""What is played more at an hour of the day than over the whole day, by country and genre (N-309)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from conf.nearline import Context
from models.catalogue import EVERYBODY

HOURS = 24
F32 = NDArray[np.float32]


@dataclass(frozen=True)
class Lifts:
    """Log lifts of genres by country: each (24, g), hours in UTC; EVERYBODY for countries without plays of their own.

    0 says that the genre is played as much at that hour as over the day.
    """

    by_country: dict[str, F32]

    def at(self, country: str, at_s: float) -> F32 | None:
        """(g,) lifts at an instant; None where nothing was learned."""
        found = self.by_country.get(country, self.by_country.get(EVERYBODY))
        return None if found is None else found[int(at_s // 3600) % HOURS]


NO_LIFTS = Lifts({})


def lifts(counts: dict[str, NDArray[np.int64]], settings: Context) -> Lifts:
    """Lifts from plays (24, g) of each country, a play counting once for each genre of its title.

    With n[h, g] the plays around hour h, weighted evenly less to `width_hours`, N[h] their sum over genres and p[g] the
    share of g over the day: lift = log(((n[h, g] + k p[g]) / (N[h] + k)) / p[g]), k = `prior_plays`. So few plays say
    nothing. A genre without plays has lift 0.
    """
    everybody = {EVERYBODY: np.sum(list(counts.values()), axis=0)} if counts else {}
    return Lifts({country: _lift(plays, settings) for country, plays in {**counts, **everybody}.items()})


def _lift(plays: NDArray[np.int64], settings: Context) -> F32:
    near, prior = _around(plays.astype(np.float64), settings.width_hours), settings.prior_plays
    share = plays.sum(axis=0) / max(plays.sum(), 1)
    known = share > 0
    at_hour = (near + prior * share) / (near.sum(axis=1, keepdims=True) + prior)
    out = np.zeros(plays.shape, np.float32)
    out[:, known] = np.log(at_hour[:, known] / share[known])
    return out


def _around(plays: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    """Sums over the clock's neighbouring hours, with weights 1, 1 - 1/(width + 1), ... to either side."""
    steps = range(-width, width + 1)
    return np.sum([(1 - abs(step) / (width + 1)) * np.roll(plays, step, axis=0) for step in steps], axis=0)
