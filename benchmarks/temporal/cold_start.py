"""Further parts of `bench temporal`: Top-N against PVR, and members and titles that are new."""
# Tested by tests/benchmarks/temporal/test_run.py.

from collections.abc import Mapping, Sequence

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from benchmarks.offline.queries_from_log import ranker_scores
from benchmarks.temporal.baselines import Setting, decayed_popularity, popularity, recent_popularity
from benchmarks.temporal.ours import Ours
from benchmarks.temporal.trials import (
    Pairs,
    Trial,
    drawn,
    list_metrics,
    paired_gain,
)
from conf.bench import K
from conf.days import DAY_S
from experiments.metrics.queries import list_hits
from experiments.metrics.ranking import ndcg, percentile_rank, reciprocal_rank, whole_list_ranks

Scores = NDArray[np.floating]
Values = dict[str, NDArray[np.float64]]  # a value for each member, by name
RANKERS = ("top_picks", "pvr")


def head_and_list(one: Trial, scores: Mapping[str, Scores]) -> Values:
    """Top-N and PVR at the head of the list (nDCG@10) and over all of it, of each member.

    Over the list by mean percentile rank, 0 being the top, and reciprocal rank. Titles that Top-N
    does not score stand behind those it does, by plays.
    """
    plays = np.bincount(one.train.title, minlength=one.open.shape[1])
    values: Values = {}
    for name in RANKERS:
        ranks = whole_list_ranks(_completed(scores[name], plays), one.open)
        metrics = list_metrics(one, one.ranked(scores[name], 0.0, 0.0))
        values[f"{name}_ndcg10"] = metrics["ndcg10"]
        values[f"percentile_{name}"] = percentile_rank(ranks, one.relevant)
        values[f"reciprocal_{name}"] = reciprocal_rank(ranks, one.relevant)
    return values


def heads_and_lists(values: Values, pairs: Pairs) -> dict[str, float]:
    """Means over members, Top-N's lead at the head and PVR's over the list.

    `pairs` say of which member and window each value is.
    """
    at_head = pairs._replace(ours=values["top_picks_ndcg10"], theirs=values["pvr_ndcg10"])
    over_list = pairs._replace(ours=values["percentile_top_picks"], theirs=values["percentile_pvr"])
    return {
        **{name: float(each.mean()) for name, each in values.items()},
        **paired_gain("topn_ndcg10_gain", at_head),
        **paired_gain("pvr_percentile_gain", over_list),
    }


def _completed(scores: Scores, plays: NDArray[np.integer]) -> Scores:
    """Scores (m, n) in which what has none stands below all that have one, by plays."""
    known = np.isfinite(scores)
    floor = np.where(known, scores, np.inf).min(initial=0)
    return np.where(known, scores, floor - 2 + plays[None, :] / (plays.max() + 1))


def new_members(
    plays_after: Trial, ours: Ours, booster: lgb.Booster, settings: Mapping[str, Setting]
) -> Values:
    """Members who first play in the test rows: nDCG@10 of what they then play.

    Of titles that training knows; by the ranker and by each popularity as it was tuned.
    """
    one = plays_after
    train, later = one.train, ours.plays.rows(one.window.cut, one.window.end)
    is_known = np.bincount(train.title, minlength=train.shape[1]) > 0
    is_new = np.bincount(train.profile, minlength=train.shape[0]) == 0
    fresh = is_new[later.profile] & is_known[later.title]
    members = drawn(np.unique(later.profile[fresh]), ours.bench.members, one.window.cut)
    if not len(members):
        return {}
    own = fresh & np.isin(later.profile, members)
    relevant = np.zeros((len(members), train.shape[1]), bool)
    relevant[np.searchsorted(members, later.profile[own]), later.title[own]] = True
    top_picks = ours.ranker("top_picks", {})
    scores = {
        "ranker": ranker_scores(train, ours.moment(one), members, booster, top_picks),
        "popularity": popularity(train, members, {}),
        "recent_popularity": recent_popularity(train, members, settings["recent_popularity"]),
        "decayed_popularity": decayed_popularity(train, members, settings["decayed_popularity"]),
    }
    listed = np.broadcast_to(is_known, relevant.shape)
    return {name: _judged(each, listed, relevant) for name, each in scores.items()}


def new_titles(
    one: Trial, scores: Mapping[str, Scores], days: float, settings: Mapping[str, Setting]
) -> Values:
    """Members who play a title that was first played in the last `days`: which of those it is."""
    train = one.train
    first_s = np.full(train.shape[1], np.inf)
    np.minimum.at(first_s, train.title, train.at_s)
    is_new = np.isfinite(first_s) & (first_s > train.at_s[-1] - days * DAY_S)
    relevant = one.relevant & is_new[None, :]
    some = np.flatnonzero(relevant.any(axis=1))
    if not len(some):
        return {}
    members = one.members[some]
    by = {
        "ranker": _completed(
            scores["top_picks"], np.bincount(train.title, minlength=train.shape[1])
        )[some],
        "pvr": scores["pvr"][some],
        "popularity": popularity(train, members, {}),
        "recent_popularity": recent_popularity(train, members, settings["recent_popularity"]),
        "decayed_popularity": decayed_popularity(train, members, settings["decayed_popularity"]),
    }
    listed = one.open[some] & is_new[None, :]
    return {name: _judged(each, listed, relevant[some]) for name, each in by.items()}


def _judged(
    scores: Scores, mask: NDArray[np.bool_], relevant: NDArray[np.bool_]
) -> NDArray[np.float64]:
    hits = list_hits(scores, relevant, mask & np.isfinite(scores), K)
    return ndcg(hits, relevant.sum(axis=1))


def means(windows: Sequence[Values]) -> dict[str, object]:
    """Means over the members of all windows, and how many there are."""
    some = [values for values in windows if values]
    names = list(some[0]) if some else []
    pooled = {name: np.concatenate([values[name] for values in some]) for name in names}
    count = max((len(values) for values in pooled.values()), default=0)
    figures: dict[str, object] = {
        f"{name}_ndcg10": float(values.mean()) for name, values in pooled.items()
    }
    return figures | {"members": count}
