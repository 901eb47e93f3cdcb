"""`frontrow bench scale`: what a night costs as members, titles and days grow, beside its floor."""

import time

import click
from rich.console import Console

from benchmarks.report import report
from benchmarks.scale.made import bench_of
from benchmarks.scale.measurements import PARTS, Measurements
from benchmarks.scale.plays import Service
from closed_loop.homes import bench_home
from conf.days import parse_day
from conf.errors import UserMistake
from jobs.io.progress import progress_printer

DS = parse_day("2026-03-30")
SEED = 24
OF_EACH_SIZE = ("tick", "als")  # the other parts are measured of the smallest service
USUAL_DAYS = 90  # of which a profile's plays are told: fewer days of log have fewer of them


class Numbers(click.ParamType):
    """Whole numbers above 0, ascending, separated by commas."""

    name = "numbers"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, ...]:
        """The numbers of a text."""
        if isinstance(value, tuple):
            return value
        try:
            numbers = tuple(sorted({int(part) for part in str(value).split(",") if part}))
        except ValueError:
            numbers = (0,)
        if any(number < 1 for number in numbers):
            self.fail(f"{value!r} is not a list of whole numbers above 0, as 2000,6000", param, ctx)
        return numbers


@click.command()
@click.option(
    "--members",
    type=Numbers(),
    default="50000,150000",
    show_default=True,
    help="Sizes of services, two or more: costs are slopes between them.",
)
@click.option(
    "--titles", type=click.IntRange(100), default=10_000, show_default=True, help="Titles of each."
)
@click.option(
    "--title-counts",
    type=Numbers(),
    default="",
    show_default=True,
    help="Further catalogues, each with the two smallest sizes, for titles_exponent.",
)
@click.option(
    "--days",
    type=click.IntRange(30),
    default=USUAL_DAYS,
    show_default=True,
    help="Days of the log.",
)
@click.option(
    "--history",
    type=Numbers(),
    default="",
    show_default=True,
    help="Lengths of the log to compare, of the smallest size, as 30,180.",
)
@click.option(
    "--plays",
    type=click.FloatRange(1),
    default=64,
    show_default=True,
    help=f"Plays of a profile in {USUAL_DAYS} days.",
)
@click.option("--tick/--no-tick", default=True, show_default=True, help="Measure a tick.")
@click.option(
    "--als/--no-als", default=True, show_default=True, help="Measure Spark MLlib's lists."
)
@click.option("--landing/--no-landing", default=True, show_default=True, help="Measure landing.")
@click.option(
    "--airflow/--no-airflow", default=True, show_default=True, help="Measure a night by Airflow."
)
@click.option(
    "--writers/--no-writers", default=True, show_default=True, help="Compare writers of drafts."
)
@click.option(
    "--training",
    type=click.IntRange(0),
    default=4000,
    show_default=True,
    help="Queries that a ranker is trained on by one task and by two; 0 leaves it out.",
)
@click.option("--keep", type=click.Path(), help="Keep rankers and services in this folder.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def scale(
    members: tuple[int, ...],
    titles: int,
    title_counts: tuple[int, ...],
    days: int,
    history: tuple[int, ...],
    plays: float,
    training: int,
    keep: str | None,
    as_json: bool,
    **parts: bool,
) -> None:
    """Measure nights of made services of several sizes, and the same arithmetic without Frontrow.

    What is left out by an option is null in the figures.

    Example: frontrow bench scale --members 2000,6000 --titles 2000 --no-als --no-airflow
    """
    if len(members) < 2:
        raise UserMistake("--members needs two sizes or more: costs are slopes between them")
    say = progress_printer(Console(stderr=True), time.monotonic())
    with bench_home(keep) as home:

        def service(count: int, catalogue: int = titles, length: int = days) -> Service:
            """A service of some size."""
            return Service(count, catalogue, length, plays / USUAL_DAYS, DS, SEED)

        bench = bench_of(home, service(members[0]), say)
        measurements = Measurements(bench, keep is not None)
        wanted = [part for part in PARTS if parts[part]]
        of_each = [part for part in wanted if part in OF_EACH_SIZE]
        for count in members:
            measurements.add(service(count), *(wanted if count == members[0] else of_each))
        if training:
            measurements.train(training)
        for catalogue in title_counts:
            for count in members[:2]:
                measurements.add(service(count, catalogue))
        for length in history:
            measurements.add(service(members[0], length=length))
        figures = measurements.figures(service(members[0]))
    report("scale", figures, as_json)
