"""`frontrow simulate`: the closed loop. Members live with yesterday's pages, we learn of it and build new ones."""

import contextlib
import time
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial

import click
from pyspark.sql import SparkSession
from rich.console import Console

from conf.settings import load_settings
from conf.world import WorldSettings, world_settings
from jobs import ingest_events
from jobs.io import lake
from jobs.io import world as disk
from jobs.io.receipts import PUBLISHED
from jobs.io.session import open_session
from jobs.tools import days as direct
from jobs.tools import world_outcome
from jobs.tools.backfill import at_hand, build
from jobs.tools.progress import require_success, teller
from jobs.tools.world_days import ARMS, Life

Say = Callable[[str], None]
Build = Callable[[str, date], object]  # (DAG, run date)


@click.command()
@click.option("--days", type=click.IntRange(0, 3650), required=True, help="Days to live from now on; 0: only the past.")
@click.option("--members", type=click.IntRange(1, 100_000_000), help="Accounts; each has one to five profiles.")
@click.option("--seed", type=click.IntRange(0), help="Another world of the same kind.")
@click.option("--airflow", "by_airflow", is_flag=True, help="Build pages with Airflow, not by direct calls.")
@click.option("--compare/--no-compare", default=True, show_default=True, help="Also measure other pages.")
@click.option("--json", "as_json", is_flag=True, help="Print the last three days' figures as JSON.")
def simulate(days: int, members: int | None, seed: int | None, by_airflow: bool, compare: bool, as_json: bool) -> None:
    """Let a simulated streaming service live for some days on the pages that the pipeline builds for it.

    The first call makes the world and its past; later calls go on from its last day. A day is never lived twice. The
    report is var/reports/world.html.

    Example: frontrow simulate --days 3 --members 500
    """
    began, console = time.monotonic(), Console(stderr=as_json)
    settings = asked(members, seed)
    say = teller(console, began)
    spark = open_session("simulate")
    try:
        say(f"a simulated service: real titles of MovieLens 100K, {settings.accounts:,} made-up accounts")
        life = Life(spark, settings, disk.true_world(settings, load_settings()))
        with builder(spark, settings, days, by_airflow, say, console) as pages:
            live_on(life, days, ARMS if compare else ARMS[:1], pages, say)
    finally:
        spark.stop()
    if disk.last_day() != disk.BEFORE:
        world_outcome.show(settings, console, as_json)


def asked(members: int | None, seed: int | None) -> WorldSettings:
    """The settings of the world that has begun, or of a new one; of what is asked only what differs is changed."""
    given = {name: value for name, value in (("accounts", members), ("seed", seed)) if value is not None}
    return disk.begun(world_settings(), given)


def live_on(life: Life, days: int, arms: tuple[str, ...], pages: Build, say: Say) -> None:
    """Live `days` more days. Every step that was done before is left as it is, so a loop cut short goes on."""
    first = next_day(life.settings)
    if first == disk.BEFORE:
        say(f"{life.settings.past_days} days of life before the first page")
        life.live_past()
        _learn(life, disk.BEFORE, say)
        if days:
            build_night(life.settings, disk.BEFORE, pages, say)
        first = 0
    for day in range(first, first + days):
        say(f"day {day}, {disk.date_of(life.settings, day)}: members live")
        life.live(day, arms)
        _learn(life, day, say)
        build_night(life.settings, day, pages, say)


def next_day(settings: WorldSettings) -> int:
    """The first day whose pages are not published yet."""
    if not lake.has("publications"):
        return disk.BEFORE
    nights = f"SELECT max(ds) AS last FROM publications WHERE table_name = '{PUBLISHED}'"
    published = lake.sql(nights)["last"].to_pylist()[0]
    return (published - settings.first_day).days + 1 if published else disk.BEFORE


def _learn(life: Life, day: int, say: Say) -> None:
    """What the clients sent by the end of the day is landed."""
    life.send(day)
    found = ingest_events.found("simulated", str(disk.sent(day)))
    receipts = ingest_events.ingest_events(life.spark, "simulated", found, say=lambda _: None)
    counts = [sum(getattr(r, f"{c}_count") for r in receipts) for c in ("accepted", "duplicate", "rejected")]
    say("landed {:,} records, {:,} known already, {:,} broken".format(*counts))
    life.spark.catalog.clearCache()


def build_night(settings: WorldSettings, day: int, pages: Build, say: Say) -> None:
    """The pages for the next day; on Sundays, where the week of rankers_weekly ends, with a new ranker."""
    ds = disk.date_of(settings, day)
    for dag_id in ("rankers_weekly", "homepage_daily") if ds.isoweekday() == 7 else ("homepage_daily",):
        say(f"{dag_id} {ds}")
        pages(dag_id, ds)


@contextlib.contextmanager
def builder(
    spark: SparkSession, settings: WorldSettings, days: int, by_airflow: bool, say: Say, console: Console
) -> Iterator[Build]:
    """How pages are built: by direct calls of the jobs in our session, or by the scheduler of an Airflow."""
    if not by_airflow:
        yield partial(direct.run, spark, say=say)
        return
    last = disk.date_of(settings, max(next_day(settings), 0) + days - 1)
    with at_hand(load_settings(), last, lambda what: say(f"airflow: {what}")) as airflow:

        def scheduled(dag_id: str, ds: date) -> None:
            runs = build(airflow, dag_id, [ds], max_active_runs=1, reprocess=False, console=console)
            require_success(airflow.api(), dag_id, runs)

        yield scheduled
