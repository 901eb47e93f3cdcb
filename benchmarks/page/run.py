"""`frontrow bench page`: which builder makes the better pages, on real plays and in a world that answers.

Real: MovieLens-100k by protocol T, through arrays: recall of rectangles, 2-D nDCG and ERR, diversity, calibration,
stability, each member's page as of the split. World: the last days of a simulated world, lived again on the pages of
each builder with the same sessions and luck: play rates. Then cases made to break pages, and how fast one core is.
"""

import time
from collections.abc import Callable, Mapping

import click
import yaml
from rich.console import Console
from rich.table import Table

from benchmarks.page.adversarial import adversarial
from benchmarks.page.figures import STAGEWISE, WORTH
from benchmarks.page.real_log import Real, Scored, choices, real
from benchmarks.report import report
from benchmarks.temporal.play_log import movielens_log
from conf.errors import UserMistake
from conf.pages import pages
from conf.rows import rows
from jobs.io.progress import teller
from models.page.build import build_pages

Say = Callable[[str], None]
Figures = dict[str, object]
SPEED_PAGES = 2000


@click.command()
@click.option(
    "--world/--no-world",
    "with_world",
    default=True,
    show_default=True,
    help="Judge play rates too.",
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
    type=click.IntRange(1),
    default=3,
    show_default=True,
    help="Days that are judged, the newest.",
)
@click.option(
    "--draws",
    type=click.IntRange(1),
    default=4,
    show_default=True,
    help="Lives of each day, by other luck.",
)
@click.option(
    "--choose", "grid", help="Only try changes of `choice` on the inner window: a list in YAML."
)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def page(
    with_world: bool,
    keep: str | None,
    members: int,
    days: int,
    judge: int,
    draws: int,
    grid: str | None,
    as_json: bool,
) -> None:
    """Pages by template, each row by itself, and stage by stage, against what an oracle could make.

    Example: frontrow bench page --keep var/bench/world --json
    """
    say = teller(Console(stderr=True), time.monotonic())
    if grid is not None:
        _show(choices(movielens_log(), _changes(grid), say))
        return
    found: Figures = {}
    found["real"], broken = real(log := movielens_log(), say)
    moment = Real(log, say).moment()
    hard = adversarial(
        moment.moment.catalogue, moment.profiles, moment.scores, moment.moment.cosine
    )
    say(f"hard cases: {hard or 'no rule broken'}")
    if with_world:
        found["world"], in_world = _world(keep, members, days, judge, draws, say)
        broken = broken | {f"world, {rule}": count for rule, count in in_world.items()}
    for case, rules in hard.items():
        broken |= {f"{case}: {rule}": count for rule, count in rules.items()}
    found |= {
        "broken": broken,
        "violations": sum(broken.values()),
        "duplicates_first_screens": _repeats(found),
    }
    found["pages_per_s_per_core"] = _speed(moment)
    report("page", found, as_json)


def _world(
    keep: str | None, members: int, days: int, judge: int, draws: int, say: Say
) -> tuple[Figures, Mapping[str, int]]:
    """The part that needs Spark, and only that."""
    from benchmarks.page.world import world
    from closed_loop.stage import kept_world

    with kept_world(keep, members, days, say) as life:
        return world(life, judge, draws, say)


def _repeats(found: Figures) -> int:
    """Repeats in the first screens over all pages of the bench."""
    parts = [each for part in ("real", "world") for each in dict(found.get(part) or {}).values()]  # type: ignore[call-overload]
    return int(
        sum(each.get("duplicates_first_screens", 0) for each in parts if isinstance(each, dict))
    )


def _speed(moment: Scored) -> float:
    """Pages a second of processor time, from scored candidates to records, offers and reasons included."""
    layout = pages().model_copy(update={"builder": STAGEWISE})
    arguments = (
        moment.moment.catalogue,
        moment.profiles,
        moment.scores,
        moment.moment.cosine,
        "r",
        layout,
        rows(),
        WORTH,
    )
    build_pages(*arguments)
    began, made = time.process_time(), 0
    while made < SPEED_PAGES:
        build_pages(*arguments)
        made += moment.profiles.size
    return round(made / (time.process_time() - began), 1)


def _changes(text: str) -> list[dict[str, object]]:
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError:
        found = None
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise UserMistake(
            "--choose: give a list of changes, for example '[{diversity: 0.2}, {head: 6, fresh: 12}]'"
        )
    return found


def _show(tried: list[tuple[str, dict[str, float]]]) -> None:
    names = [name for name in tried[0][1] if name != "duplicates_first_screens"]
    table = Table(
        "choice",
        *names,
        title="stagewise pages in the inner window",
        title_justify="left",
        box=None,
    )
    for name, values in tried:
        table.add_row(name, *(f"{values[metric]:.4f}" for metric in names))
    Console().print(table)
