"""`frontrow bench studio`: how long people wait for it, what a browser finds, and what is explained."""

import time

import click
from rich.console import Console

from benchmarks.report import report
from benchmarks.studio.figures import figures
from benchmarks.studio.home import copies_of, make_home, service_of, share_of_a_copy
from closed_loop.homes import bench_home, environment_variables
from conf.errors import UserMistake
from conf.settings import load_settings
from jobs.io.progress import progress_printer
from jobs.io.tables import arrow as arrow_tables


@click.command()
@click.option(
    "--profiles", type=click.IntRange(20), default=50_000, show_default=True, help="Of the service."
)
@click.option(
    "--titles", type=click.IntRange(100), default=10_000, show_default=True, help="Of the service."
)
@click.option("--here", is_flag=True, help="Measure this home and make none.")
@click.option(
    "--keep", type=click.Path(), help="Keep the made home in this folder, or use it again."
)
@click.option(
    "--asked", type=click.IntRange(2), default=20, show_default=True, help="Answers of each view."
)
@click.option(
    "--traced",
    type=click.IntRange(1),
    default=200,
    show_default=True,
    help="Pages of trace_complete.",
)
@click.option(
    "--browser/--no-browser", default=True, show_default=True, help="Look with Chromium too."
)
@click.option(
    "--night",
    is_flag=True,
    help="With --here: build its newest day again, in a copy, for title_health_cost_share.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def studio(
    profiles: int,
    titles: int,
    here: bool,
    keep: str | None,
    asked: int,
    traced: int,
    browser: bool,
    night: bool,
    as_json: bool,
) -> None:
    """Make a large service by the real jobs, time each view and command on it, and count what is told.

    Of 2,500 profiles pages are made; where more are asked for, the others are copies of these from before
    the audit on. The log is a made one, and rankers are those of a small service. What a missing browser
    would have to find is null.

    Example: frontrow bench studio --profiles 500 --titles 400
    """
    say = progress_printer(Console(stderr=True), time.monotonic())
    if here:
        if not arrow_tables.has_rows("title_health"):
            raise UserMistake("this home has no title_health; a night built now writes it")
        home = load_settings().home_path
        found = figures(home, asked, traced, browser, say)
        if night:
            found["title_health_cost_share"] = share_of_a_copy(say)
        report("studio", found, as_json)
        return
    with bench_home(keep) as home:
        began = time.monotonic()
        service, copies = service_of(profiles, titles), copies_of(profiles)
        cost = make_home(home, service, copies, say)
        made_s = time.monotonic() - began
        with environment_variables(FRONTROW_HOME=str(home)):
            found = figures(home, asked, traced, browser, say)
    stand_ins = {"profiles_made": service.members, "copies_of_each": copies}
    found |= stand_ins | {"title_health_cost_share": cost, "home_made_s": made_s}
    report("studio", found, as_json)
