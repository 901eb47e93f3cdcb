"""Whether a ranker may serve: on later data it has to beat what it was made from, and what it replaces."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from conf.days import COUNT_WINDOWS
from conf.rankers import PromotionSettings
from models.candidates.features import FEATURES

RANKER = "ranker"  # under this name a ranker's own figures stand among the metrics
ORDERS = {  # the feature whose order each rival of a ranker of titles is
    "ease": "ease",
    "cosine": "cosine",
    "popularity_1d": "title_plays_count_1d",
    "popularity_3d": "title_plays_count_3d",
    "popularity_7d": "title_plays_count_7d",
    "popularity_14d": "title_plays_count_14d",
    "popularity_30d": "title_plays_count_30d",
    "popularity_all": "title_plays_count_all",
}
HALF_LIVES = {  # days after which a play counts half
    "decayed_6h": 0.25,
    "decayed_12h": 0.5,
    "decayed_1d": 1.0,
    "decayed_2d": 2.0,
    "decayed_5d": 5.0,
    "decayed_10d": 10.0,
}
RIVALS = (*ORDERS, *HALF_LIVES)
Values = NDArray[np.float64]


def rival_scores(values: NDArray[np.float32]) -> dict[str, NDArray[np.floating]]:
    """The scores (N,) of every rival of a ranker of titles, from rows of FEATURES (N, F).

    Decayed plays are summed from the windows of days: a play between two of them counts what plays
    spread evenly there would on average.
    """
    scores: dict[str, NDArray[np.floating]] = {
        rival: values[:, FEATURES.index(feature)] for rival, feature in ORDERS.items()
    }
    windows = [FEATURES.index(f"title_plays_count_{days}d") for days in COUNT_WINDOWS]
    between = np.diff(np.expm1(values[:, windows].astype(np.float64)), axis=1, prepend=0)
    ends = np.array([0, *COUNT_WINDOWS], np.float64)
    for rival, half_life in HALF_LIVES.items():
        falling = 2.0 ** (-ends / half_life) * half_life / np.log(2)  # less its integral
        scores[rival] = between @ (-np.diff(falling) / np.diff(ends))
    return scores


@dataclass(frozen=True)
class Measure:
    """A figure that rankers are compared by, in the words of the sentence that explains a verdict."""

    label: str
    queries: str  # what the figure is a mean over
    lower_is_better: bool = False


@dataclass(frozen=True)
class Judgement:
    """What a ranker and its rivals reach on n units of later data that neither was made from.

    A unit is what the measure is a mean over: a query, a play, a row of a page.
    """

    measure: Measure
    values: Mapping[str, Values]  # (n,) of the ranker, under RANKER, and by what rivals are called
    weight: Values  # (n,) how much each unit counts
    profile: NDArray[np.integer]  # (n,) number of the profile that each is of
    window: NDArray[np.integer]  # (n,) number of the day or cut that each is of
    metrics: dict[str, float]  # everything that is kept with the model

    @cached_property
    def figures(self) -> dict[str, float]:
        """The weighted mean of each system."""
        return {name: float(np.average(v, weights=self.weight)) for name, v in self.values.items()}

    def with_figures(self, name: str) -> "Judgement":
        """The same, with the figure of each system among the metrics, as SYSTEM_`name`."""
        own = {f"{system}_{name}": figure for system, figure in self.figures.items()}
        return replace(self, metrics=self.metrics | own)

    @property
    def queries(self) -> int:
        """How many units there are."""
        return len(self.weight)

    @property
    def windows(self) -> int:
        """How many windows they are of."""
        return len(np.unique(self.window))

    @property
    def best_rival(self) -> str:
        """The rival that reaches most, the first by name of equal ones."""
        sign = -1 if self.measure.lower_is_better else 1
        rivals = sorted(name for name in self.values if name != RANKER)
        return max(rivals, key=lambda name: sign * self.figures[name])

    @property
    def lead(self) -> Values:
        """By how much the ranker is better than its best rival on each unit (n,)."""
        difference: Values = self.values[RANKER] - self.values[self.best_rival]
        return -difference if self.measure.lower_is_better else difference

    @property
    def lead_by_window(self) -> list[float]:
        """The mean lead in each window, oldest first."""
        each = [self.window == window for window in np.unique(self.window)]
        return [float(np.average(self.lead[own], weights=self.weight[own])) for own in each]

    @property
    def deviations(self) -> Values:
        """What each profile adds to the mean lead in each window, around it (profiles, windows)."""
        mean = np.average(self.lead, weights=self.weight)
        share = self.weight * (self.lead - mean) / self.weight.sum()
        _, row = np.unique(self.profile, return_inverse=True)
        _, column = np.unique(self.window, return_inverse=True)
        sums = np.zeros((row.max() + 1, column.max() + 1))
        np.add.at(sums, (row, column), share)
        return sums


class Gain(NamedTuple):
    """The mean lead over the best rival, with the ends of its 95 % interval."""

    value: float
    low: float
    high: float


class Verdict(NamedTuple):
    """Whether a ranker may serve, and the sentence that says why."""

    promoted: bool
    reason: str


def verdict(judgement: Judgement, gain: Gain, needs: PromotionSettings) -> Verdict:
    """A ranker is promoted if the whole interval of its lead over the best rival is above 0.

    It also has to be judged on as many units and windows as `needs` says.
    """
    measure, best = judgement.measure, judgement.best_rival
    better = bool(gain.low > 0)
    words = ("is below", "is not below") if measure.lower_is_better else ("beats", "does not beat")
    figures = judgement.figures
    windows = f"{judgement.windows} window{'s' * (judgement.windows != 1)}"
    reason = (
        f"{measure.label} {figures[RANKER]:.4f} {words[not better]} {best} {figures[best]:.4f}"
        f" by {gain.value:+.4f} [{gain.low:+.4f}, {gain.high:+.4f}]"
        f" on {judgement.queries} {measure.queries} of {windows}"
    )
    if judgement.queries < needs.least_queries:
        return Verdict(False, f"{reason}, which are fewer than {needs.least_queries}")
    if judgement.windows < needs.least_windows:
        return Verdict(False, f"{reason}; it takes {needs.least_windows} windows")
    return Verdict(better, reason)
