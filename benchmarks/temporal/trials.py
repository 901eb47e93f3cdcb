"""What a system is asked in `bench temporal` and how its lists are judged."""
# Tested by tests/benchmarks/temporal/test_run.py.

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from conf.bench import K
from experiments.metrics.queries import list_hits
from experiments.metrics.ranking import (
    Hits,
    average_precision_at_k,
    hit,
    hits_of_lists,
    list_coverage,
    ndcg,
    recall,
)
from experiments.metrics.rates import two_way_interval
from experiments.protocols import Window, new_pairs
from models.candidates.generator import top_k
from models.candidates.ratings import Ratings

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Trial:
    """The training rows of a window, and what each of its m test members then played anew."""

    window: Window
    train: Ratings
    members: NDArray[np.int64]  # (m,) sorted
    relevant: NDArray[np.bool_]  # (m, n)
    open: NDArray[np.bool_]  # (m, n) training titles that the member had not played

    def ranked(self, scores: NDArray[np.floating], fit_s: float, predict_s: float) -> "TrialRun":
        """What scores (m, n) say: the ten best open titles, of equal ones those of least index.

        Hits count equal scores by their mean.
        """
        listed = self.open & np.isfinite(scores)
        hits = list_hits(scores, self.relevant, listed, K)
        return TrialRun(top_k(scores, listed, K), hits, fit_s, predict_s)

    def listed(self, lists: NDArray[np.int64], fit_s: float, predict_s: float) -> "TrialRun":
        """What lists (m, 10) of titles say, -1 where one is shorter; they have no equal scores."""
        flags = np.take_along_axis(self.relevant, np.maximum(lists, 0), axis=1) & (lists >= 0)
        return TrialRun(lists, hits_of_lists(flags), fit_s, predict_s)


@dataclass(frozen=True)
class TrialRun:
    """What a system said in one trial and how long it took."""

    lists: NDArray[np.int64]  # (m, 10)
    hits: Hits  # (m, 10)
    fit_s: float
    predict_s: float


def trial(plays: Ratings, window: Window, most: int | None = None) -> Trial:
    """The trial of a window of a log sorted by time; of many members at most so many are drawn."""
    train = plays.rows(0, window.cut)
    profile, title = new_pairs(plays.profile, plays.title, window)
    members = drawn(np.unique(profile), most, window.cut)
    keep = np.isin(profile, members)
    relevant = np.zeros((len(members), plays.shape[1]), bool)
    relevant[np.searchsorted(members, profile[keep]), title[keep]] = True
    known = np.bincount(train.title, minlength=plays.shape[1]) > 0
    unplayed = train.binary[members].toarray() == 0
    return Trial(window, train, members, relevant, known[None, :] & unplayed)


def drawn(members: NDArray[np.int64], most: int | None, seed: int) -> NDArray[np.int64]:
    """At most so many of the members, a fixed draw, sorted."""
    if most is None or len(members) <= most:
        return members
    return np.sort(np.random.default_rng(seed).choice(members, most, replace=False))


def list_metrics(one: Trial, run: TrialRun) -> dict[str, Values]:
    """nDCG, recall, average precision and hit at 10 of each member (m,).

    Average precision is over min(10, relevant).
    """
    hits, relevant = run.hits, one.relevant.sum(axis=1)
    return {
        "ndcg10": ndcg(hits, relevant),
        "recall10": recall(hits, relevant),
        "map10": average_precision_at_k(hits, relevant),
        "hit10": hit(hits),
    }


def pooled(trials: Sequence[Trial], runs: Sequence[TrialRun]) -> dict[str, Values]:
    """The metrics of all windows' members, one after the other."""
    parts = [list_metrics(one, run) for one, run in zip(trials, runs, strict=True)]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def mean_figures(trials: Sequence[Trial], runs: Sequence[TrialRun]) -> dict[str, float]:
    """Means over members.

    Coverage and seconds are means over windows, coverage of the titles known in each.
    """
    found = {name: float(values.mean()) for name, values in pooled(trials, runs).items()}
    titles = [len(np.unique(one.train.title)) for one in trials]
    found["coverage10"] = float(
        np.mean([list_coverage(r.lists, n) for r, n in zip(runs, titles, strict=True)])
    )
    for name in ("fit_s", "predict_s"):
        found[name] = round(float(np.mean([getattr(run, name) for run in runs])), 3)
    return found


class Pairs(NamedTuple):
    """A value of two systems for each member of each window (n,)."""

    ours: Values
    theirs: Values
    member: NDArray[np.int64]
    window: NDArray[np.int64]


def pairs_of(trials: Sequence[Trial], ours: Values, theirs: Values) -> Pairs:
    """The values of all windows' members, which stand one after the other."""
    member = np.concatenate([one.members for one in trials])
    sizes = [len(one.members) for one in trials]
    return Pairs(ours, theirs, member, np.repeat(np.arange(len(trials)), sizes))


def paired_gain(name: str, pairs: Pairs) -> dict[str, float]:
    """Mean difference over the same members; the interval has members and windows in it."""
    gain = pairs.ours - pairs.theirs
    return two_way_interval(gain.mean(), _deviations(pairs, gain - gain.mean())).named(name)


def paired_ratio(name: str, pairs: Pairs) -> dict[str, float]:
    """Our mean over theirs, with the same interval by the delta method."""
    base = pairs.theirs.mean()
    ratio = pairs.ours.mean() / base if base > 0 else np.nan
    contributions = (pairs.ours - ratio * pairs.theirs) / base if base > 0 else pairs.ours
    return two_way_interval(ratio, _deviations(pairs, contributions)).named(name)


def _deviations(pairs: Pairs, each: Values) -> Values:
    """What each member adds in each window (members, windows) to a mean of (n,) values."""
    _, row = np.unique(pairs.member, return_inverse=True)
    table = np.zeros((row.max() + 1, pairs.window.max() + 1))
    np.add.at(table, (row, pairs.window), each / len(each))
    return table


def best_of(tried: Mapping[str, float]) -> str:
    """The name with the highest figure; the first of equal ones."""
    return max(tried, key=lambda name: tried[name])
