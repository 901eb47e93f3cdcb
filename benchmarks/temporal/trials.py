"""What a system is asked in `bench temporal` and how its lists are judged."""
# Tested by tests/benchmarks/temporal/test_run.py.

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from conf.bench import K
from experiments.metrics.queries import list_hits
from experiments.metrics.ranking import (
    Hits,
    average_precision_at_k,
    hit,
    hits_of_lists,
    interval,
    list_coverage,
    ndcg,
    recall,
)
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


def trial(plays: Ratings, window: Window) -> Trial:
    """The trial of a window of a log sorted by time."""
    train = plays.rows(0, window.cut)
    profile, title = new_pairs(plays.profile, plays.title, window)
    members = np.unique(profile)
    relevant = np.zeros((len(members), plays.shape[1]), bool)
    relevant[np.searchsorted(members, profile), title] = True
    known = np.bincount(train.title, minlength=plays.shape[1]) > 0
    return Trial(
        window, train, members, relevant, known[None, :] & (train.binary[members].toarray() == 0)
    )


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


def paired_gain(name: str, ours: Values, theirs: Values) -> dict[str, float]:
    """Mean difference over the same members with its 95 % bootstrap interval."""
    low, high = interval(ours - theirs, seed=0)
    return {name: float((ours - theirs).mean()), f"{name}_low": low, f"{name}_high": high}


def best_of(tried: Mapping[str, float]) -> str:
    """The name with the highest figure; the first of equal ones."""
    return max(tried, key=lambda name: tried[name])
