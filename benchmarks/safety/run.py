"""`frontrow bench safety`: what readers see while everything changes, and what the audit stops.

A small simulated service lives night after night. On some days settings, titles, windows and
artwork change between the evening a page was built and the moment it is read, and the judge holds
everything that every reader was given against what has to hold. Each night that the audit refuses
is a false alarm. At last defects are planted in a day, one at a time.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import numpy as np
from rich.console import Console

from benchmarks.report import report
from benchmarks.safety.data_defects import DATA_DEFECTS, planted_in_data
from benchmarks.safety.defects import DEFECTS
from benchmarks.safety.life import Figures, SafetyLife, Say
from benchmarks.safety.planting import Outcome, planted
from benchmarks.safety.readers import Readers, redis_server
from closed_loop import folder as world_folder
from closed_loop.homes import environment_variables
from closed_loop.loop import next_day
from closed_loop.stage import kept_world
from conf.settings import load_settings
from jobs.io.progress import progress_printer

FIRST_NIGHTS = 1  # before anything is counted: pages to be read on the first day
SUBJECTS = {
    "illegal_titles": ("titles",),
    "illegal_artwork": ("artwork",),
    "illegal_sentences": ("sentences",),
    "false_reasons": ("reasons", "anchors"),
    "empty_pages": ("page_empty",),
    "impossible_propensities": ("propensity_impossible",),
}


@click.command()
@click.option("--members", type=click.IntRange(1), default=16, show_default=True, help="Accounts.")
@click.option(
    "--nights", type=click.IntRange(1), default=60, show_default=True, help="Clean nights to audit."
)
@click.option(
    "--days",
    type=click.IntRange(0),
    default=30,
    show_default=True,
    help="Days of them with changes between build and read.",
)
@click.option(
    "--of-each",
    type=click.IntRange(1),
    default=4,
    show_default=True,
    help="Profiles, titles, windows and pictures that change on such a day.",
)
@click.option(
    "--defects/--no-defects",
    "with_defects",
    default=True,
    show_default=True,
    help="Plant defects after the last night.",
)
@click.option("--seed", type=int, default=22, show_default=True, help="Of the changes.")
@click.option(
    "--keep",
    type=click.Path(),
    help="Keep the service in this folder, and go on from there.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def safety(
    members: int,
    nights: int,
    days: int,
    of_each: int,
    with_defects: bool,
    seed: int,
    keep: str | None,
    as_json: bool,
) -> None:
    """Hold what every reader is given against what has to hold, and plant defects before the audit.

    Example: frontrow bench safety --nights 4 --days 2 --no-defects
    """
    say = progress_printer(Console(stderr=True), time.monotonic())
    with _service(keep, members, seed, say) as service:
        first = next_day(service.life.settings)
        for number in range(nights):
            service.night(first + number)
            if _changes_after(number, nights, days):
                service.changed_day(first + number, of_each)
        outcomes: list[Outcome] = []
        if with_defects:
            ds = world_folder.date_of(service.life.settings, first + nights - 1)
            outcomes = planted(service.life.spark, ds, say)
            outcomes += planted_in_data(service.life.spark, ds, say)
        readers = service.readers.names
    report("safety", _summary(service.figures, readers, outcomes), as_json)


@contextmanager
def _service(keep: str | None, members: int, seed: int, say: Say) -> Iterator[SafetyLife]:
    """A service in a home of its own, with its readers."""
    with kept_world(keep, members, FIRST_NIGHTS, say) as life:
        home = Path(os.environ["FRONTROW_TABLES"]).parent
        folder = home / "changes" / str(time.time_ns())
        with environment_variables(FRONTROW_HOME=str(home)), redis_server(home) as url:
            readers = Readers(load_settings().home_path, url)
            try:
                yield SafetyLife(life, readers, folder, seed, say)
            finally:
                readers.close()


def _changes_after(night: int, nights: int, days: int) -> bool:
    """Whether the day after a night is one with changes: `days` of them, evenly apart."""
    return night * days // nights != (night + 1) * days // nights


def _summary(figures: Figures, readers: list[str], outcomes: list[Outcome]) -> dict[str, object]:
    """The figures by name."""
    tried = [outcome for outcome in outcomes if outcome.is_planted]
    published = [outcome.defect for outcome in tried if not outcome.stopped_by]
    counts = {
        name: sum(figures.subjects[subject] for subject in subjects)
        for name, subjects in SUBJECTS.items()
    }
    settings_s = figures.settings_s
    return {
        "readers": len(readers),
        "reader_names": readers,
        "changed_days": figures.changed_days,
        "pages_judged": figures.pages,
        "cells_judged": figures.cells,
        **counts,
        "offences": dict(figures.offences),
        "examples": figures.examples[:20],
        "nights": figures.nights,
        "false_alarms": len(figures.false_alarms),
        "alarms": figures.false_alarms[:5],
        "planted_defects": len(tried),
        "defects_declared": len(DEFECTS) + len(DATA_DEFECTS),
        "defects_published": len(published),
        "published": published,
        "settings_to_readers_p95_s": (
            round(float(np.percentile(settings_s, 95)), 2) if settings_s else None
        ),
        "settings_passed_by_callers_s": 0.0,
    }
