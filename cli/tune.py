"""`frontrow tune`: a ranker's hyper-parameters by Optuna, judged on later plays.

They are written to conf/rankers.yaml if asked.
"""

import importlib
import json
import re
import time
from typing import Any

import click
import numpy as np
from rich.console import Console

from benchmarks.temporal.ours import Change, Ours
from benchmarks.temporal.play_log import landed_log, movielens_log
from benchmarks.temporal.trials import Trial, list_metrics, trial
from conf.bench import Tuning, benches
from conf.errors import UserMistake
from conf.rankers import RankerSettings, ranker_settings
from conf.settings import ROOT
from experiments.metrics.ranking import percentile_rank, whole_list_ranks
from experiments.protocols import Window
from jobs.io.progress import progress_printer
from models.candidates.ratings import Ratings

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
    """Search a ranker's hyper-parameters, judged on later plays of the first half of a log.

    Example: frontrow tune --ranker pvr --trials 50 --write
    """
    tuning = benches().tuning
    settings = ranker_settings(ranker)  # an unknown name is told before anything is read
    if ranker not in tuning.objectives:
        raise UserMistake(
            f"ranker {ranker} cannot be tuned; those that can: {', '.join(tuning.objectives)}"
        )
    optuna = _optuna()
    say = progress_printer(Console(stderr=True), time.monotonic())
    log = landed_log(folder) if folder else movielens_log()
    frontrow = Ours(log.plays, log.facts, benches().temporal, lambda _: None)
    windows = _validation_trials(log.plays, tuning)

    def objective(search_trial: Any) -> float:
        """The mean judgement over the windows of the parameters that Optuna draws."""
        change = suggested(search_trial, tuning, ranker)
        values = [judgement(frontrow, ranker, change, window) for window in windows]
        value = float(np.mean(values))
        say(f"{search_trial.number + 1} of {trials}: {value:.4f} with {change}")
        return value

    # a trial that is interrupted is a warning with its stack
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    sampler = optuna.samplers.TPESampler(seed=seed)
    study = optuna.create_study(direction="maximize", sampler=sampler)
    study.enqueue_trial(_current_parameters(settings, tuning), skip_if_exists=True)
    study.optimize(objective, n_trials=trials)
    record = {"ranker": ranker, "value": study.best_value, "best": study.best_params}
    click.echo(json.dumps(record, indent=1))
    if write:
        text = FILE.read_text(encoding="utf-8")
        FILE.write_text(rewritten(text, ranker, study.best_params), encoding="utf-8")
        file_name = FILE.relative_to(ROOT) if FILE.is_relative_to(ROOT) else FILE.name
        say(f"written to {file_name}")


def _validation_trials(plays: Ratings, tuning: Tuning) -> list[Trial]:
    """The trial of each window of the log that rankers are judged on."""
    size = len(plays)
    windows = [Window(round(size * cut), round(size * end)) for cut, end in tuning.windows]
    return [trial(plays, window) for window in windows]


def judgement(frontrow: Ours, ranker: str, change: Change, window: Trial) -> float:
    """How well a ranker of one booster, with changed parameters, foresees a window's plays.

    nDCG@10 for a ranker of candidates; 1 - the mean percentile rank for one of the whole catalogue.
    """
    run, scores, _ = frontrow.run(ranker, {**change, "models": 1}, window)
    if frontrow.ranker(ranker, {}).rows == "candidates":
        metrics = list_metrics(window, run)
        return float(metrics["ndcg10"].mean())
    ranks = whole_list_ranks(scores, window.open)
    percentiles = percentile_rank(ranks, window.relevant)
    return 1 - float(percentiles.mean())


def suggested(search_trial: Any, tuning: Tuning, ranker: str) -> dict[str, object]:
    """The parameters that an Optuna trial draws."""
    objective = search_trial.suggest_categorical("objective", tuning.objectives[ranker])
    parameters: dict[str, object] = {"objective": objective}
    for name, (least, most) in tuning.ranges.items():
        is_whole = isinstance(least, int) and isinstance(most, int)
        draw = search_trial.suggest_int if is_whole else search_trial.suggest_float
        parameters[name] = draw(name, least, most, log=name not in tuning.even)
    return parameters


def rewritten(text: str, ranker: str, best: Change) -> str:
    """The YAML text with a ranker's parameters replaced and everything else, comments too, as it is.

    Raises UserMistake where the text has no such ranker.
    """
    head, mark, rest = text.partition(f"\n  {ranker}:")
    if not mark:
        raise UserMistake(f"conf/rankers.yaml has no ranker {ranker!r}")
    block, *after = re.split(r"(?=\n  \w)", rest, maxsplit=1)
    for name, value in best.items():
        value_text = f"{value:.4g}" if isinstance(value, float) else str(value)
        line = rf"(\n    {name}: )\S+"
        block, count = re.subn(line, rf"\g<1>{value_text}", block, count=1)
        if not count:
            block += f"\n    {name}: {value_text}"
    return head + mark + block + "".join(after)


def _current_parameters(settings: RankerSettings, tuning: Tuning) -> dict[str, object]:
    """The parameters of conf, the first to be tried, held within the ranges."""
    parameters: dict[str, object] = {"objective": settings.objective}
    for name, (least, most) in tuning.ranges.items():
        value = np.clip(getattr(settings, name), least, most)
        parameters[name] = type(least)(value)
    return parameters


def _optuna() -> Any:
    try:
        return importlib.import_module("optuna")
    except ModuleNotFoundError:
        raise UserMistake(
            "frontrow tune needs Optuna, which this environment lacks; run `make setup`"
        ) from None
