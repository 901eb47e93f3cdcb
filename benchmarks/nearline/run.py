"""`frontrow bench nearline`: what changes between two nights, at what cost, and its worth."""

import time

import click
from rich.console import Console

from benchmarks.report import report
from jobs.io.progress import progress_printer


@click.command()
@click.option(
    "--keep",
    type=click.Path(exists=True),
    help="The folder of a kept world (bench world --keep); copied.",
)
@click.option(
    "--members",
    type=click.IntRange(1),
    default=1_000,
    show_default=True,
    help="Accounts of a new world.",
)
@click.option(
    "--days",
    type=click.IntRange(3),
    default=5,
    show_default=True,
    help="Days that a new world lives before.",
)
@click.option(
    "--judge",
    "evaluated_days",
    type=click.IntRange(0),
    default=2,
    show_default=True,
    help="Days that are evaluated; 0 leaves them out.",
)
@click.option(
    "--parts",
    type=click.IntRange(2, 144),
    default=12,
    show_default=True,
    help="Ticks of an evaluated day.",
)
@click.option(
    "--draws",
    type=click.IntRange(1),
    default=64,
    show_default=True,
    help="Times that the same sessions are lived, under other chance.",
)
@click.option(
    "--crowd",
    type=click.IntRange(0),
    default=11_500,
    show_default=True,
    help="Accounts of the world whose night and tick are timed; 0 leaves it out.",
)
@click.option(
    "--keep-crowd",
    type=click.Path(file_okay=False),
    help="A folder to keep the crowd's world in; one that is there is used again.",
)
@click.option(
    "--reads",
    type=click.IntRange(100),
    default=5_000,
    show_default=True,
    help="Reads that are timed.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def nearline(
    keep: str | None,
    members: int,
    days: int,
    evaluated_days: int,
    parts: int,
    draws: int,
    crowd: int,
    keep_crowd: str | None,
    reads: int,
    as_json: bool,
) -> None:
    """Nights alone against nights with ticks between them, before the same members.

    Example: frontrow bench nearline --members 200 --days 4 --judge 1 --crowd 500
    """
    from benchmarks.nearline.figures import EvaluationPlan, crowd_figures, evaluation_figures

    say = progress_printer(Console(stderr=True), time.monotonic())
    figures = crowd_figures(crowd, keep_crowd, reads, say) if crowd else {}
    if evaluated_days:
        evaluation = EvaluationPlan(evaluated_days, parts, draws)
        figures |= evaluation_figures(keep, members, days, evaluation, say)
    report("nearline", figures, as_json)
