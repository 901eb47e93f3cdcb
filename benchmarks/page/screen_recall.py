"""Two lists that any page has to beat on its first screen: the page's own Top Picks, and what is popular.

A page is made of rows, and rows can lose what the ranker had. So the first screen, three rows of
four, is held against the first twelve titles of the ranker, undisturbed, and of recent popularity,
tuned on the days before. Equal scores count by their mean over all orders.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.page.figures import BUILDERS, STAGEWISE, TEMPLATE
from benchmarks.temporal.baselines import SYSTEMS
from benchmarks.temporal.grid import tuned
from benchmarks.temporal.trials import Trial
from conf.bench import benches
from conf.days import DAY_S
from conf.pages import pages
from experiments.metrics.arms import ArmSums, arm_sums
from experiments.metrics.queries import list_hits
from models.candidates.ratings import Ratings

ROWS, COLUMNS = 3, 4
TOP_PICKS, POPULARITY = "top_picks", "popularity"
LISTS = (TOP_PICKS, POPULARITY)
POPULARITIES = ("popularity", "recent_popularity", "decayed_popularity")
FEW_PLAYS = 2  # a member of so many plays or fewer has hardly said anything
Values = NDArray[np.float64]


@dataclass(frozen=True)
class ScreenRecall:
    """Recall of the first screen by arm, a value for each of the n members of all windows."""

    recall: dict[str, Values]  # (n,) of the titles that the member had never played
    young: dict[str, Values]  # (n,) of those of them in their first days, NaN where there are none
    member: NDArray[np.int64]  # (n,)
    window: NDArray[np.int64]  # (n,)
    plays: NDArray[np.int64]  # (n,) distinct titles that the member had played before

    def sums(self, few: bool = False, young: bool = False) -> ArmSums:
        """The recalls of all arms by member and window; of members of few plays only, if asked."""
        values = self.young if young else self.recall
        chosen = (self.plays <= FEW_PLAYS) if few else np.ones(len(self.member), bool)
        defined = np.all([~np.isnan(of_arm) for of_arm in values.values()], axis=0)
        chosen = chosen & defined
        arms = len(values)
        recalls = np.concatenate([of_arm[chosen] for of_arm in values.values()])
        return arm_sums(
            recalls,
            np.ones(len(recalls)),
            np.tile(self.member[chosen], arms),
            np.tile(self.window[chosen], arms),
            np.repeat(list(values), chosen.sum()),
        )


def popular_scores(one: Trial, inner: Trial) -> NDArray[np.floating]:
    """Scores (m, n) of the popularity that is best on the inner window, tuned there.

    It is of all time, of the last days, or of plays that count less the older they are.
    """

    def recall(name: str, setting: Mapping[str, float]) -> float:
        scores = SYSTEMS[name](inner.train, inner.members, setting)
        return float(np.nanmean(list_recall(scores, inner)))

    chosen: dict[str, Mapping[str, float]] = {}
    for name in POPULARITIES:

        def judge(settings: Sequence[Mapping[str, float]], name: str = name) -> list[float]:
            return [recall(name, setting) for setting in settings]

        chosen[name] = tuned(benches().temporal.systems[name], judge)
    best = max(chosen, key=lambda name: recall(name, chosen[name]))
    return SYSTEMS[best](one.train, one.members, chosen[best])


def list_recall(
    scores: NDArray[np.floating], one: Trial, relevant: NDArray[np.bool_] | None = None
) -> Values:
    """Recall (m,) of the first twelve open titles by score; NaN where nothing is relevant."""
    wanted = one.relevant if relevant is None else relevant
    listed = one.open & np.isfinite(scores)
    hits = list_hits(scores, wanted, listed, ROWS * COLUMNS).chance.sum(axis=1)
    count = wanted.sum(axis=1)
    return np.divide(hits, count, out=np.full(len(count), np.nan), where=count > 0)


def young_titles(train: Ratings, launched_s: Values) -> NDArray[np.bool_]:
    """Titles (n,) launched, or where that is not known first played, in the last days of training."""
    first_s = np.full(train.shape[1], np.inf)
    np.minimum.at(first_s, train.title, train.at_s)
    came_s = np.where(np.isnan(launched_s), first_s, launched_s)
    return came_s > train.at_s[-1] - pages().exploration.days * DAY_S


def recall_figures(found: ScreenRecall) -> dict[str, dict[str, float]]:
    """Recall by arm, and what the stagewise page gains over the template and over both lists."""
    everybody, few, young = found.sums(), found.sums(few=True), found.sums(young=True)
    figures: dict[str, dict[str, float]] = {}
    for arm in found.recall:
        named = everybody.rate(arm).named("recall_3x4")
        for prefix, sums in (("few_plays", few), ("young_titles", young)):
            if arm in sums.arms:
                named |= sums.rate(arm).named(f"{prefix}_recall_3x4")
        figures[arm] = named
    for arm in BUILDERS:
        for other in LISTS:
            figures[arm] |= everybody.difference(arm, other).named(f"over_{other}")
            if arm in few.arms:
                over = few.difference(arm, other)
                figures[arm] |= over.named(f"few_plays_over_{other}")
    figures[STAGEWISE] |= everybody.gain(STAGEWISE, TEMPLATE).named("recall_3x4_gain")
    return figures
