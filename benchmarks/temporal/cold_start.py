"""Further parts of `bench temporal`: Top-N against PVR, and members and titles that are cold."""
# Tested by tests/benchmarks/temporal/test_run.py.

from collections.abc import Mapping, Sequence

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from benchmarks.offline.queries_from_log import moment_from_log, ranker_scores
from benchmarks.temporal.baselines import popularity, recent_popularity
from benchmarks.temporal.ours import Ours
from benchmarks.temporal.play_log import PlayLog
from benchmarks.temporal.trials import Trial, TrialRun, paired_gain, pooled
from conf.bench import K
from experiments.metrics.queries import list_hits
from experiments.metrics.ranking import ndcg, percentile_rank, reciprocal_rank, whole_list_ranks
from models.candidates.genre_affinity import genre_affinity

TrialResults = Sequence[Mapping[str, tuple[TrialRun, NDArray[np.float32], lgb.Booster]]]
Scores = NDArray[np.floating]


def heads_and_lists(trials: Sequence[Trial], results: TrialResults) -> dict[str, object]:
    """Top-N and PVR at the head of the list and over all of it.

    At the head by nDCG@10, over the list by mean percentile rank and reciprocal rank. Titles that
    Top-N does not score stand behind those it does, by plays. Gains are Top-N minus PVR for
    nDCG@10, and PVR's lead over the list: Top-N's percentile rank minus PVR's, 0 being the top.
    """
    heads = {
        name: pooled(trials, [each[name][0] for each in results])["ndcg10"]
        for name in ("top_picks", "pvr")
    }
    lists: dict[str, list[NDArray[np.float64]]] = {
        f"{m}_{n}": [] for n in heads for m in ("percentile", "reciprocal")
    }
    for one, each in zip(trials, results, strict=True):
        plays = np.bincount(one.train.title, minlength=one.open.shape[1])
        for name in heads:
            place = whole_list_ranks(_completed(each[name][1], plays), one.open)
            lists[f"percentile_{name}"].append(percentile_rank(place, one.relevant))
            lists[f"reciprocal_{name}"].append(reciprocal_rank(place, one.relevant))
    whole = {name: np.concatenate(parts) for name, parts in lists.items()}
    means = {f"{name}_ndcg10": float(values.mean()) for name, values in heads.items()}
    means |= {name: float(values.mean()) for name, values in whole.items()}
    return {
        **means,
        **paired_gain("topn_ndcg10_gain", heads["top_picks"], heads["pvr"]),
        **paired_gain(
            "pvr_percentile_gain", whole["percentile_top_picks"], whole["percentile_pvr"]
        ),
    }


def _completed(scores: Scores, plays: NDArray[np.integer]) -> Scores:
    """Scores (m, n) in which what has none stands below all that have one, by plays."""
    known = np.isfinite(scores)
    floor = np.where(known, scores, np.inf).min(initial=0)
    return np.where(known, scores, floor - 2 + plays[None, :] / (plays.max() + 1))


def cold_figures(
    log: PlayLog,
    trials: Sequence[Trial],
    results: TrialResults,
    recent: Mapping[str, float],
    ours: Ours,
) -> dict[str, object]:
    """nDCG@10 for members without a training row, and for titles with hardly any.

    Such titles are ranked among their like.
    """
    members: dict[str, list[NDArray[np.float64]]] = {
        "recent_popularity": [],
        "popularity": [],
        "ranker": [],
    }
    titles: dict[str, list[NDArray[np.float64]]] = {
        "frontrow_pvr": [],
        "genre_affinity": [],
        "popularity": [],
    }
    for one, each in zip(trials, results, strict=True):
        _cold_members(log, one, each["top_picks"][2], recent, ours, members)
        _cold_titles(log, one, each["pvr"][1], ours.bench.cold_plays, titles)
    return {"members": _means(members), "titles": _means(titles)}


def _cold_members(
    log: PlayLog,
    one: Trial,
    booster: lgb.Booster,
    recent: Mapping[str, float],
    ours: Ours,
    found: dict[str, list[NDArray[np.float64]]],
) -> None:
    """Members who first play in the test rows: what they then play of the training titles."""
    later, known = log.plays.rows(one.window.cut, one.window.end), np.asarray(one.open.any(axis=0))
    new = np.bincount(one.train.profile, minlength=later.shape[0]) == 0
    fresh = (later.played & known[None, :]) & new[:, None]
    members = np.flatnonzero(fresh.any(axis=1))
    if not len(members):
        return
    moment = moment_from_log(one.train, log.facts, ours.candidates)
    by = {
        "recent_popularity": recent_popularity(one.train, members, recent),
        "popularity": popularity(one.train, members, {}),
        "ranker": ranker_scores(one.train, moment, members, booster, ours.ranker("top_picks", {})),
    }
    for name, scores in by.items():
        found[name].append(
            _judged(scores, np.broadcast_to(known, fresh[members].shape), fresh[members])
        )


def _cold_titles(
    log: PlayLog,
    one: Trial,
    scores: Scores,
    least: int,
    found: dict[str, list[NDArray[np.float64]]],
) -> None:
    """Members who play a title with hardly any training play: which of those titles it is."""
    plays = np.bincount(one.train.title, minlength=one.open.shape[1])
    rare = (plays > 0) & (plays < least)
    relevant = one.relevant & rare[None, :]
    some = relevant.any(axis=1)
    if not some.any():
        return
    history = one.train.binary[one.members[some]]
    by = {
        "frontrow_pvr": scores[some],
        "genre_affinity": genre_affinity(history, log.facts.genres),
        "popularity": np.broadcast_to(plays.astype(np.float64), relevant[some].shape),
    }
    for name, values in by.items():
        found[name].append(_judged(values, one.open[some] & rare[None, :], relevant[some]))


def _judged(
    scores: Scores, mask: NDArray[np.bool_], relevant: NDArray[np.bool_]
) -> NDArray[np.float64]:
    hits = list_hits(scores, relevant, mask & np.isfinite(scores), K)
    return ndcg(hits, relevant.sum(axis=1))


def _means(values_by_group: Mapping[str, list[NDArray[np.float64]]]) -> dict[str, object]:
    pooled_values = {
        name: np.concatenate(parts) for name, parts in values_by_group.items() if parts
    }
    count = max((len(values) for values in pooled_values.values()), default=0)
    means: dict[str, object] = {
        f"{name}_ndcg10": float(values.mean()) for name, values in pooled_values.items()
    }
    return means | {"members": count}
