"""`frontrow bench temporal`: who foresees what members play next, on a split in time.

Protocol T: every rating a play; rows sorted by (instant, profile, title); the first 80 % train, the
rest test. Test rows of unseen members or titles and pairs seen in training are dropped; candidates
are training titles a member had not played; k = 10; binary gain. Protocol R: cuts at 50, 60, 70, 80
and 90 %, each tested on the next 10 %, members of all windows pooled. Our ranker is the weekly
job's, as conf has it; the others choose their settings on the last 10 % before the (first) cut, and
nowhere else, on grids that grow until the best lies inside. Equal scores count by their mean.
"""

import time
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import click
import numpy as np
from rich.console import Console

from benchmarks.report import report
from benchmarks.temporal.cold_start import (
    RANKERS,
    Values,
    head_and_list,
    heads_and_lists,
    means,
    new_members,
    new_titles,
)
from benchmarks.temporal.grid import Setting
from benchmarks.temporal.ours import Ours
from benchmarks.temporal.play_log import PlayLog, landed_log, movielens_log
from benchmarks.temporal.systems import Peers, own_runs
from benchmarks.temporal.trials import (
    Trial,
    TrialRun,
    best_of,
    list_metrics,
    mean_figures,
    paired_gain,
    paired_ratio,
    pairs_of,
    pooled,
    trial,
)
from conf.bench import benches
from conf.rankers import ranker_configuration
from experiments.protocols import Window, inner_cut, rolling_cuts, single_cut
from jobs.io.progress import progress_printer
from jobs.training.ranker import lead_interval
from models.rankers.promotion import verdict

OURS = "frontrow_topn"


@click.command()
@click.option(
    "--input", "folder", help="A directory of the landing contract instead of MovieLens-100k."
)
@click.option(
    "--peers/--no-peers",
    "with_peers",
    default=True,
    show_default=True,
    help="Measure other libraries too.",
)
@click.option(
    "--rolling/--no-rolling",
    "with_rolling",
    default=True,
    show_default=True,
    help="Protocol R as well.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the mean_figures as JSON.")
def temporal(folder: str | None, with_peers: bool, with_rolling: bool, as_json: bool) -> None:
    """Next plays on a split in time: our rankers against popularity and other libraries.

    Example: frontrow bench temporal --input my_log --no-peers
    """
    began = time.monotonic()
    say = progress_printer(Console(stderr=True), began)
    log = landed_log(folder) if folder else movielens_log()
    settings = benches().temporal
    size = len(log.plays)
    say(f"{size} plays of {log.plays.shape[0]} profiles and {log.plays.shape[1]} titles")
    rankers, peers = Ours(log.plays, log.facts, settings, say), Peers(with_peers, settings, say)
    figures = _protocol([single_cut(size)], inner_cut(single_cut(size)), log, rankers, peers)
    say(_in_short("T", figures))
    promotions = figures["promotions"]
    if with_rolling:
        windows = rolling_cuts(size)
        inner = Window(round(size * 0.4), windows[0].cut)
        figures["rolling"] = _protocol(windows, inner, log, rankers, peers)
        say(_in_short("R", figures["rolling"]))
        promotions = figures["rolling"]["promotions"]
    figures |= {
        "windows": len(promotions),
        "promoted": sum(each["promoted"] for each in promotions),
        "promoted_right": _share_right(promotions),
        "peers": peers.state,
        "log": folder or "ml-100k",
        "rows": size,
        "seconds": round(time.monotonic() - began),
    }
    report("temporal", figures, as_json)


def _in_short(protocol: str, results: Mapping[str, Any]) -> str:
    frontrow, peer = results["ours"], results["best_peer"]
    ndcg = f"{frontrow['ndcg10']:.4f} of ours, {peer['ndcg10']:.4f} of {peer['name']}"
    return f"protocol {protocol}: nDCG@10 {ndcg}"


def _share_right(promotions: Sequence[Mapping[str, Any]]) -> float | None:
    """Share of the promotions that were better on the window after; None where there was none."""
    right = [each["lead_after"] > 0 for each in promotions if each["promoted"]]
    return float(np.mean(right)) if right else None


class _RankerWindow(NamedTuple):
    """What our rankers did in one window."""

    run: TrialRun
    by_seed: list[float]  # nDCG@10 of other seeds
    lists: Values
    members: Values
    titles: Values
    promotion: dict[str, Any]


def _protocol(
    windows: Sequence[Window], inner: Window, log: PlayLog, rankers: Ours, peers: Peers
) -> dict[str, Any]:
    """Everything one protocol reports."""
    most = rankers.bench.members
    choice = trial(log.plays, inner, most)
    trials = [trial(log.plays, window, most) for window in windows]
    for one in (choice, *trials):
        if not len(one.members):
            raise click.UsageError(
                f"nobody plays anything new between rows {one.window.cut} and {one.window.end}"
            )
    runs, own_settings = own_runs(choice, trials, rankers.bench, rankers.say)
    theirs, picked, errors = peers.runs(choice, trials)
    rivals = runs | theirs
    ours = [_ranker_window(one, rankers, own_settings) for one in trials]
    our_runs = [each.run for each in ours]
    systems = {
        name: mean_figures(trials, trial_runs)
        for name, trial_runs in {**rivals, OURS: our_runs}.items()
    }
    best = best_of({name: systems[name]["ndcg10"] for name in rivals})
    us, them = pooled(trials, our_runs), pooled(trials, rivals[best])
    ndcg = pairs_of(trials, us["ndcg10"], them["ndcg10"])
    lists = {name: np.concatenate([each.lists[name] for each in ours]) for name in ours[0].lists}
    return {
        "systems": systems,
        "ours": systems[OURS] | {"name": OURS},
        "best_peer": systems[best] | {"name": best},
        **paired_gain("ndcg10_gain", ndcg),
        **paired_ratio("ndcg10_ratio", ndcg),
        **paired_gain("recall10_gain", pairs_of(trials, us["recall10"], them["recall10"])),
        "ndcg10_by_seed": _by_seed(ours),
        "members": len(us["ndcg10"]),
        "topn_vs_pvr": heads_and_lists(lists, ndcg),
        "cold": {
            "members": means([each.members for each in ours]),
            "titles": means([each.titles for each in ours]),
        },
        "promotions": [each.promotion for each in ours],
        "settings": {**own_settings, **picked},
        **({"failed": errors} if errors else {}),
    }


def _by_seed(ours: Sequence[_RankerWindow]) -> list[float]:
    """nDCG@10 of each further seed, over the members of all windows."""
    weights = [len(each.run.lists) for each in ours]
    return [
        float(np.average(seed, weights=weights))
        for seed in zip(*(each.by_seed for each in ours), strict=True)
    ]


def _ranker_window(one: Trial, rankers: Ours, settings: Mapping[str, Setting]) -> _RankerWindow:
    """Both rankers of a window, the gate before it, and who is new in it."""
    results = {name: rankers.run(name, {}, one) for name in RANKERS}
    run, _, booster = results["top_picks"]
    scores = {name: result[1] for name, result in results.items()}
    others = [rankers.run("top_picks", {"seed": seed}, one)[0] for seed in rankers.bench.seeds]
    return _RankerWindow(
        run,
        [float(list_metrics(one, other)["ndcg10"].mean()) for other in others],
        head_and_list(one, scores),
        new_members(one, rankers, booster, settings),
        new_titles(one, scores, rankers.bench.new_days, settings),
        _promotion(one, run, rankers),
    )


def _promotion(one: Trial, run: TrialRun, rankers: Ours) -> dict[str, Any]:
    """What the gate says before a window, and the lead over the same rival in it."""
    judgement = rankers.gate("top_picks", one)
    gain = lead_interval(judgement)
    promoted, reason = verdict(judgement, gain, ranker_configuration())
    rival = rankers.rival_run(judgement.best_rival, one)
    lead = list_metrics(one, run)["ndcg10"] - list_metrics(one, rival)["ndcg10"]
    rankers.say(reason)
    return {"promoted": promoted, "reason": reason, "lead_after": float(lead.mean())}
