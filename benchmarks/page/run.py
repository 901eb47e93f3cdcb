"""`frontrow bench page`: which builder makes the better pages, on real and simulated plays.

Real: MovieLens-100k by protocol T, through arrays: recall of rectangles, 2-D nDCG and ERR,
diversity, calibration, stability, each profile's page as of the split. World: the last days of a
simulated world, lived again on the pages of each builder under the same sessions and chance: play
rates. Then hard cases for the rules of pages, and the speed of one core.
"""

import time
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import click
import yaml
from rich.console import Console
from rich.table import Table

from benchmarks.page.adversarial import hard_case_violations
from benchmarks.page.figures import REPEATS, STAGEWISE, WORTH
from benchmarks.page.real_log import (
    ScoredProfiles,
    WindowedLog,
    grid_figures,
    real_log_figures,
)
from benchmarks.report import report
from benchmarks.temporal.play_log import PlayLog, landed_log, movielens_log
from benchmarks.worlds import folder_of_world, named_worlds, worlds_option
from conf.errors import UserMistake
from conf.pages import pages
from conf.world import WORLDS
from jobs.io.progress import progress_printer

Say = Callable[[str], None]
Figures = dict[str, Any]
SPEED_PAGES = 2000


class Span(NamedTuple):
    """How much of a world is lived: the options of the same names."""

    members: int
    days: int
    evaluated_days: int
    draws: int


@click.command()
@click.option(
    "--input",
    "folder",
    type=click.Path(exists=True, file_okay=False),
    help="A directory of the landing contract instead of MovieLens-100k.",
)
@click.option(
    "--world/--no-world",
    "with_world",
    default=True,
    show_default=True,
    help="Measure play rates too.",
)
@click.option(
    "--keep", type=click.Path(), help="The folder of a kept world, as bench world --keep leaves it."
)
@click.option(
    "--members",
    type=click.IntRange(1),
    default=300,
    show_default=True,
    help="Accounts of a new world.",
)
@click.option(
    "--days",
    type=click.IntRange(4),
    default=9,
    show_default=True,
    help="Days that the world has to live.",
)
@click.option(
    "--judge",
    "evaluated_days",
    type=click.IntRange(1),
    default=3,
    show_default=True,
    help="Days that are evaluated, the newest.",
)
@click.option(
    "--draws",
    type=click.IntRange(1),
    default=4,
    show_default=True,
    help="Times that each day is lived, under other chance.",
)
@click.option(
    "--choose",
    "changes",
    help="Only try changes of `choice` on the inner window: a list in YAML.",
)
@worlds_option
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def page(
    folder: str | None,
    with_world: bool,
    keep: str | None,
    members: int,
    days: int,
    evaluated_days: int,
    draws: int,
    changes: str | None,
    worlds: str,
    as_json: bool,
) -> None:
    """Pages by template, each row by itself, and stage by stage, against what an oracle could make.

    Example: frontrow bench page --keep var/bench/world --json
    """
    say = progress_printer(Console(stderr=True), time.monotonic())
    if changes is not None:
        _print_grid(grid_figures(_log(folder), _parsed_changes(changes), say))
        return
    log = _log(folder)
    figures: Figures = {}
    broken: Counter[str] = Counter()
    figures["real"], in_log = real_log_figures(log, say)
    broken.update(in_log)
    scored = WindowedLog(log, say).scored_test_window().scored
    moment = scored.moment
    by_case = hard_case_violations(moment.catalogue, scored.profiles, scored.scores, moment.cosine)
    say(f"hard cases: {by_case or 'no rule broken'}")
    for name in named_worlds(worlds) if with_world else ():
        say(f"the world {name}")
        span = Span(members, days, evaluated_days, draws)
        figures[name], in_world = _world(name, folder_of_world(keep, name), span, say)
        broken.update({f"{name}, {rule}": count for rule, count in in_world.items()})
    for case, rules in by_case.items():
        broken.update({f"{case}: {rule}": count for rule, count in rules.items()})
    figures["broken"] = dict(broken)
    figures["violations"] = broken.total()
    figures[REPEATS] = _repeats(figures)
    figures["pages_per_s_per_core"] = _pages_per_second(scored)
    report("page", figures, as_json)


def _log(folder: str | None) -> PlayLog:
    """MovieLens-100k, or the log in a directory of the landing contract."""
    return movielens_log() if folder is None else landed_log(folder)


def _world(name: str, keep: str | None, span: Span, say: Say) -> tuple[Figures, Mapping[str, int]]:
    """The part that needs Spark, and only that."""
    from benchmarks.page.world import world_figures
    from closed_loop.stage import kept_world

    with kept_world(keep, span.members, span.days, say, name) as life:
        return world_figures(life, span.evaluated_days, span.draws, say)


def _repeats(figures: Figures) -> int:
    """Repeats in the first screens over all pages of the bench."""
    repeats = 0
    for part in ("real", *WORLDS):
        for of_builder in figures.get(part, {}).values():
            if isinstance(of_builder, dict):
                repeats += of_builder.get(REPEATS, 0)
    return int(repeats)


def _pages_per_second(scored: ScoredProfiles) -> float:
    """Pages a second of processor time, from scored candidates to records with reasons."""
    layout = pages().model_copy(update={"builder": STAGEWISE})
    scored.build(layout, WORTH)  # compiles
    start, built = time.process_time(), 0
    while built < SPEED_PAGES:
        scored.build(layout, WORTH)
        built += scored.profiles.size
    return round(built / (time.process_time() - start), 1)


def _parsed_changes(text: str) -> list[dict[str, object]]:
    try:
        changes = yaml.safe_load(text)
    except yaml.YAMLError:
        changes = None
    if not isinstance(changes, list) or not all(isinstance(change, dict) for change in changes):
        raise UserMistake(
            "--choose: give a list of changes, for example"
            " '[{diversity: 0.2}, {head: 6, fresh: 12}]'"
        )
    return changes


def _print_grid(grid: list[tuple[str, dict[str, float]]]) -> None:
    metrics = [metric for metric in grid[0][1] if metric != REPEATS]
    title = "stagewise pages in the inner window"
    table = Table("choice", *metrics, title=title, title_justify="left", box=None)
    for name, values in grid:
        table.add_row(name, *(f"{values[metric]:.4f}" for metric in metrics))
    Console().print(table)
