"""`frontrow tune`: hyper-parameters of a ranker by Optuna, judged on what came later, written to conf/rankers.yaml."""

import importlib
import json
import re
import time
from pathlib import Path
from typing import Any

import click
import numpy as np
from rich.console import Console

from benchmarks.temporal.ours import Change, Ours
from benchmarks.temporal.play_log import landed_log, movielens_log
from benchmarks.temporal.trials import Trial, list_metrics, trial
from conf.bench import Tuning, benches
from conf.errors import UserMistake
from conf.rankers import ranker_settings
from conf.settings import ROOT
from experiments.metrics.ranking import percentile_rank, whole_list_ranks
from experiments.protocols import Window
from jobs.io.progress import progress_printer

FILE = ROOT / "conf" / "rankers.yaml"


@click.command()
@click.option(
    "--ranker",
    default="top_picks",
    show_default=True,
    help="Name of the ranker in conf/rankers.yaml.",
)
@click.option(
    "--trials", default=30, show_default=True, type=click.IntRange(min=1), help="How many to try."
)
@click.option("--seed", default=1, show_default=True, help="Of the search.")
@click.option(
    "--input", "folder", help="A directory of the landing contract instead of MovieLens-100k."
)
@click.option(
    "--write/--no-write",
    default=False,
    show_default=True,
    help="Write the best into conf/rankers.yaml.",
)
def tune(ranker: str, trials: int, seed: int, folder: str | None, write: bool) -> None:
    """Search a ranker's hyper-parameters on time-ordered validation: later plays of the first half of a log.

    Example: frontrow tune --ranker pvr --trials 50 --write
    """
    optuna = _optuna()
    say, tuning = progress_printer(Console(stderr=True), time.monotonic()), benches().tuning
    log = landed_log(folder) if folder else movielens_log()
    size = len(log.plays)
    ours = Ours(log.plays, log.facts, benches().temporal, lambda _: None)
    windows = [
        trial(log.plays, Window(round(size * cut), round(size * end)))
        for cut, end in tuning.windows
    ]

    def objective(one: Any) -> float:
        change = suggested(one, tuning, ranker)
        value = float(np.mean([judgement(ours, ranker, change, window) for window in windows]))
        say(f"{one.number + 1} of {trials}: {value:.4f} with {change}")
        return value

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=seed))
    study.enqueue_trial(_today(ranker, tuning), skip_if_exists=True)
    study.optimize(objective, n_trials=trials)
    click.echo(
        json.dumps(
            {"ranker": ranker, "value": study.best_value, "best": study.best_params}, indent=1
        )
    )
    if write:
        FILE.write_text(
            rewritten(FILE.read_text(encoding="utf-8"), ranker, study.best_params), encoding="utf-8"
        )
        say(
            f"written to {FILE.relative_to(ROOT) if FILE.is_relative_to(ROOT) else Path(FILE).name}"
        )


def judgement(ours: Ours, ranker: str, change: Change, one: Trial) -> float:
    """nDCG@10 of one booster of a ranker of candidates; of one of the whole catalogue 1 - mean percentile rank."""
    run, scores, _ = ours.run(ranker, {**change, "models": 1}, one)
    if ours.ranker(ranker, {}).rows == "candidates":
        return float(list_metrics(one, run.lists)["ndcg10"].mean())
    return 1 - float(percentile_rank(whole_list_ranks(scores, one.open), one.relevant).mean())


def suggested(one: Any, tuning: Tuning, ranker: str) -> dict[str, object]:
    """The parameters that an Optuna trial draws."""
    found: dict[str, object] = {
        "objective": one.suggest_categorical("objective", tuning.objectives[ranker])
    }
    for name, (least, most) in tuning.ranges.items():
        draw = (
            one.suggest_int
            if isinstance(least, int) and isinstance(most, int)
            else one.suggest_float
        )
        found[name] = draw(name, least, most, log=name not in tuning.even)
    return found


def rewritten(text: str, ranker: str, best: Change) -> str:
    """The YAML text with a ranker's parameters replaced; comments and everything else stay as they are."""
    head, mark, rest = text.partition(f"\n  {ranker}:")
    if not mark:
        raise UserMistake(f"conf/rankers.yaml has no ranker {ranker!r}")
    block, *after = re.split(r"(?=\n  \w)", rest, maxsplit=1)
    for name, value in best.items():
        shown = f"{value:.4g}" if isinstance(value, float) else str(value)
        block, count = re.subn(rf"(\n    {name}: )\S+", rf"\g<1>{shown}", block, count=1)
        block += "" if count else f"\n    {name}: {shown}"
    return head + mark + block + "".join(after)


def _today(ranker: str, tuning: Tuning) -> dict[str, object]:
    """The parameters of conf, the first to be tried, held within the ranges."""
    now = ranker_settings(ranker)
    limits = {
        name: type(least)(np.clip(getattr(now, name), least, most))
        for name, (least, most) in tuning.ranges.items()
    }
    return {"objective": now.objective, **limits}


def _optuna() -> Any:
    try:
        return importlib.import_module("optuna")
    except ModuleNotFoundError:
        raise UserMistake(
            "frontrow tune needs Optuna, which this environment lacks; run `make setup`"
        ) from None
