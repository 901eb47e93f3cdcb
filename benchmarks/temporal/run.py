"""`frontrow bench temporal`: who foresees what members play next, on a split in time.

Protocol T: every rating a play; rows sorted by (instant, profile, title); the first 80 % train, the
rest test. Test rows of unseen members or titles and pairs seen in training are dropped; candidates
are training titles a member had not played; k = 10; binary gain. Protocol R: cuts at 50, 60, 70, 80
and 90 %, each tested on the next 10 %, members of all windows pooled. Settings, ours and theirs,
are chosen on the last 10 % before the (first) cut, and nowhere else.
"""

import time
from collections.abc import Mapping, Sequence
from typing import Any

import click
import numpy as np
from rich.console import Console

from benchmarks.report import report
from benchmarks.temporal.baselines import SYSTEMS
from benchmarks.temporal.cold_start import cold_figures, heads_and_lists
from benchmarks.temporal.ours import Ours, Say
from benchmarks.temporal.peers import Answer, Question, ask, peer_python
from benchmarks.temporal.play_log import PlayLog, landed_log, movielens_log
from benchmarks.temporal.trials import (
    Trial,
    TrialRun,
    best_of,
    list_metrics,
    mean_figures,
    paired_gain,
    pooled,
    trial,
)
from conf.bench import TemporalBench, benches
from conf.errors import FrontrowError
from experiments.protocols import Window, inner_cut, rolling_cuts, single_cut
from jobs.io.progress import progress_printer

OURS = "frontrow_topn"
Runs = dict[str, list[TrialRun]]


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
    say(f"{len(log.plays)} plays of {log.plays.shape[0]} profiles and {log.plays.shape[1]} titles")
    rankers, peers = Ours(log.plays, log.facts, settings, say), _Peers(with_peers, settings, say)
    size = len(log.plays)
    figures = _protocol([single_cut(size)], inner_cut(single_cut(size)), log, rankers, peers)
    say(_in_short("T", figures))
    if with_rolling:
        windows = rolling_cuts(size)
        inner = Window(round(size * 0.4), windows[0].cut)
        figures["rolling"] = _protocol(windows, inner, log, rankers, peers)
    figures |= {
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


def _protocol(
    windows: Sequence[Window], inner: Window, log: PlayLog, rankers: Ours, peers: "_Peers"
) -> dict[str, Any]:
    """Everything one protocol reports."""
    choice, trials = trial(log.plays, inner), [trial(log.plays, window) for window in windows]
    for one in (choice, *trials):
        if not len(one.members):
            raise click.UsageError(
                f"nobody plays anything new between rows {one.window.cut} and {one.window.end}"
            )
    runs, own_settings = _own(choice, trials, rankers.bench)
    theirs, picked, errors = peers.runs(choice, trials)
    rivals = runs | theirs
    place = {
        name: rankers.choose(name, changes, choice)
        for name, changes in rankers.bench.rankers.items()
    }
    settings = {name: rankers.bench.rankers[name][at] for name, at in place.items()}
    ranker_runs = [
        {name: rankers.run(name, settings[name], one) for name in settings} for one in trials
    ]
    top_picks_runs = [each["top_picks"][0] for each in ranker_runs]
    best = best_of(
        {name: mean_figures(trials, trial_runs)["ndcg10"] for name, trial_runs in rivals.items()}
    )
    us, them = pooled(trials, top_picks_runs), pooled(trials, rivals[best])
    systems = {
        name: mean_figures(trials, trial_runs)
        for name, trial_runs in {**rivals, OURS: top_picks_runs}.items()
    }
    return {
        "systems": systems,
        "ours": systems[OURS] | {"name": OURS},
        "best_peer": systems[best] | {"name": best},
        **paired_gain("ndcg10_gain", us["ndcg10"], them["ndcg10"]),
        **paired_gain("recall10_gain", us["recall10"], them["recall10"]),
        "members": len(us["ndcg10"]),
        "topn_vs_pvr": heads_and_lists(trials, ranker_runs),
        "cold": cold_figures(log, trials, ranker_runs, own_settings["recent_popularity"], rankers),
        "settings": {**own_settings, **picked, **settings},
        **({"failed": errors} if errors else {}),
    }


def _own(
    choice: Trial, trials: Sequence[Trial], bench: TemporalBench
) -> tuple[Runs, dict[str, Mapping[str, float]]]:
    """The systems of our own code that are no rankers: setting chosen, then each trial."""
    runs = Runs()
    best_settings: dict[str, Mapping[str, float]] = {}
    for name, grid in bench.systems.items():
        tried = [
            list_metrics(choice, _ranked(name, choice, setting))["ndcg10"].mean()
            for setting in grid
        ]
        best_settings[name] = grid[int(np.argmax(tried))]
        runs[name] = [_ranked(name, one, best_settings[name]) for one in trials]
    return runs, best_settings


def _ranked(name: str, one: Trial, setting: Mapping[str, float]) -> TrialRun:
    started = time.perf_counter()
    scores = SYSTEMS[name](one.train, one.members, setting)
    return one.ranked(scores, time.perf_counter() - started, 0.0)  # these fit and rank in one go


class _Peers:
    """The other libraries, asked in a child process; or the reason why they are left out."""

    def __init__(self, wanted: bool, bench: TemporalBench, say: Say) -> None:
        self.bench, self.say, self.state = bench, say, "not asked for (--no-peers)"
        self.python = None
        if wanted:
            try:
                self.python, self.state = peer_python(say), "installed"
            except FrontrowError as error:
                self.state = f"could not be installed: {error}"
        if self.python is None:
            say(f"other libraries are left out: {self.state}")

    def runs(
        self, choice: Trial, trials: Sequence[Trial]
    ) -> tuple[Runs, dict[str, object], dict[str, str]]:
        """Each library's runs, its chosen setting, and what failed."""
        if self.python is None:
            return {}, {}, {}
        grid = [(name, setting) for name, grid in self.bench.peers.items() for setting in grid]
        tried = ask(
            self.python,
            [Question(name, s, choice.train, choice.members) for name, s in grid],
            self.say,
        )
        best_settings, errors = _chosen(grid, tried, choice)
        pairs = [(name, one) for name in best_settings for one in trials]
        answers = ask(
            self.python,
            [Question(n, best_settings[n], o.train, o.members) for n, o in pairs],
            self.say,
        )
        runs = Runs()
        for (name, one), answer in zip(pairs, answers, strict=True):
            if answer.lists is None:
                errors[name] = answer.error
            else:
                runs.setdefault(name, []).append(
                    one.listed(answer.lists, answer.fit_s, answer.predict_s)
                )
        for name, reason in errors.items():
            self.say(f"{name} failed: {reason}")
        return (
            {name: trial_runs for name, trial_runs in runs.items() if name not in errors},
            dict(best_settings),
            errors,
        )


def _chosen(
    grid: Sequence[tuple[str, Mapping[str, object]]], tried: Sequence[Answer], choice: Trial
) -> tuple[dict[str, Mapping[str, object]], dict[str, str]]:
    best: dict[str, tuple[float, Mapping[str, object]]] = {}
    errors = {}
    for (name, setting), answer in zip(grid, tried, strict=True):
        if answer.lists is None:
            errors[name] = answer.error
            continue
        value = float(list_metrics(choice, choice.listed(answer.lists, 0, 0))["ndcg10"].mean())
        if name not in best or value > best[name][0]:
            best[name] = value, setting
    return {n: s for n, (_, s) in best.items()}, {n: e for n, e in errors.items() if n not in best}
