"""`frontrow bench longrun`: what builders do to a service over weeks.

Each builder, and the natural baseline, lives its own days from the same past, with the same members
and the same chance, on pages that are made every evening from what its own members did. So a page
that only sells what is begun runs out of it, and one that shows the same to everybody narrows what
everybody plays.
"""

import time

import click
from rich.console import Console
from rich.table import Table

from benchmarks.longrun.figures import ArmLog, arm_log, day_stability, figures
from benchmarks.longrun.lives import ARMS, Beginning, Say, beginning, lived_days
from benchmarks.report import report
from benchmarks.worlds import named_worlds, worlds_option
from closed_loop import folder as world_folder
from conf.settings import load_settings
from conf.world import WORLDS, WorldSettings, world_settings
from jobs.io.progress import progress_printer
from simulator.arrays import FINISHED
from simulator.records import states_of

ROUND = 10  # days between two reports of progress
ROWS = (
    "hours",
    "hours_gain",
    "hours_gain_low",
    "hours_gain_high",
    "finished_titles",
    "days_with_play",
    "members_lost",
    "new_plays",
    "exposure_gini",
    "stability",
)


@click.command()
@click.option(
    "--members",
    type=click.IntRange(2),
    default=40,
    show_default=True,
    help="Accounts of the service.",
)
@click.option(
    "--days",
    type=click.IntRange(2),
    default=60,
    show_default=True,
    help="Days that each arm lives.",
)
@click.option(
    "--arms",
    default=",".join(ARMS),
    show_default=True,
    help="The arms that live, separated by commas.",
)
@worlds_option
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def longrun(members: int, days: int, arms: str, worlds: str, as_json: bool) -> None:
    """Let each builder live its own weeks with the same members, and compare hours and what is left.

    Example: frontrow bench longrun --members 30 --days 14 --arms template,stagewise
    """
    say = progress_printer(Console(stderr=True), time.monotonic())
    found: dict[str, dict[str, object]] = {}
    for name in named_worlds(worlds):
        say(f"the world {name}")
        settings = world_settings(name).model_copy(update={"accounts": members})
        found[name] = _lived(settings, _arms(arms), days, say)
    first = found.get(WORLDS[0], {})
    others = {name: of_world for name, of_world in found.items() if name != WORLDS[0]}
    report("longrun", first | others, as_json)
    if not as_json:
        for name, figures_of_world in found.items():
            _print_table(f"{name}, over all days", figures_of_world, _arms(arms))


def _lived(settings: WorldSettings, arms: list[str], days: int, say: Say) -> dict[str, object]:
    """The figures of all arms in one world."""
    world = world_folder.true_world(settings, load_settings())
    start = beginning(world, settings, say)
    logs = {arm: lived_arm(start, arm, days, say) for arm in arms}
    entries = states_of(start.outcome["state"]).entries
    return figures(logs, int((entries["status"] == FINISHED).sum()), days)


def _arms(text: str) -> list[str]:
    """The arms named, in their usual order."""
    wanted = {name.strip() for name in text.split(",") if name.strip()}
    unknown = sorted(wanted - set(ARMS))
    if unknown or not wanted:
        raise click.BadParameter(f"choose from {', '.join(ARMS)}", param_hint="--arms")
    return [arm for arm in ARMS if arm in wanted]


def lived_arm(start: Beginning, arm: str, days: int, say: Say) -> ArmLog:
    """One arm's days."""
    stability = []
    for number, life in enumerate(lived_days(start, arm, days), start=1):
        if number > 1:
            stability.append(day_stability(life))
        if number % ROUND == 0 or number == days:
            say(f"{arm}: day {number} of {days}")
    return arm_log(life, stability, days)


def _print_table(title: str, found: dict[str, object], arms: list[str]) -> None:
    """The arms side by side."""
    table = Table(title, *arms, box=None, header_style="bold")
    for name in ROWS:
        values = [figures_of(found, arm).get(name, float("nan")) for arm in arms]
        table.add_row(name, *(f"{value:.4g}" for value in values))
    Console().print(table)


def figures_of(found: dict[str, object], arm: str) -> dict[str, float]:
    """The figures of one arm."""
    of_arm = found[arm]
    assert isinstance(of_arm, dict)
    return of_arm
