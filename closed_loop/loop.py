"""`frontrow simulate`: the closed loop.

Members see yesterday's pages, what they do is landed, and new pages are built.
"""

from collections.abc import Callable
from datetime import date

from closed_loop import folder as world_folder
from closed_loop.days import SimulatedService
from conf.days import end_of
from conf.world import WorldSettings
from jobs import ingest_events
from jobs.io.landing.options import LandingOptions
from jobs.io.published.receipts import PUBLISHED
from jobs.io.tables import arrow as arrow_tables

Say = Callable[[str], None]
Build = Callable[[str, date], object]  # (DAG, run date)


def simulate_days(
    life: SimulatedService, days: int, arms: tuple[str, ...], pages: Build, say: Say
) -> None:
    """Simulate `days` more days.

    Every step that was done before is left as it is, so a loop cut short goes on.
    """
    first = next_day(life.settings)
    if first == world_folder.PAST:
        say(f"{life.settings.past_days} days of life before the first page")
        life.simulate_past()
        learn(life, world_folder.PAST, say)
        if days:
            build_night(life.settings, world_folder.PAST, pages, say)
        first = 0
    for day in range(first, first + days):
        say(f"day {day}, {world_folder.date_of(life.settings, day)}: members live")
        life.simulate_day(day, arms)
        learn(life, day, say)
        build_night(life.settings, day, pages, say)


def next_day(settings: WorldSettings) -> int:
    """The first day whose pages are not published yet."""
    if not arrow_tables.was_written("publications"):
        return world_folder.PAST
    nights = f"SELECT max(ds) AS last FROM publications WHERE table_name = '{PUBLISHED}'"
    published = arrow_tables.sql(nights)["last"].to_pylist()[0]
    return (published - settings.first_day).days + 1 if published else world_folder.PAST


def learn(life: SimulatedService, day: int, say: Say) -> None:
    """What the clients sent by the end of the day is landed."""
    life.deliver(day)
    found = ingest_events.files_to_land("simulated", str(world_folder.delivery_path(day)))
    receipts = ingest_events.ingest_events(
        life.spark, "simulated", found, clock_of(life.settings, day), _unheard, say
    )
    counts = [
        sum(getattr(r, f"{c}_count") for r in receipts)
        for c in ("accepted", "duplicate", "rejected")
    ]
    say("landed {:,} records, {:,} known already, {:,} broken".format(*counts))
    life.spark.catalog.clearCache()


def clock_of(settings: WorldSettings, day: int) -> LandingOptions:
    """A landing at the end of a day of the world; its clients send broken records on purpose."""
    return LandingOptions(now=end_of(world_folder.date_of(settings, day)), most_refused=1.0)


def _unheard(_: str) -> None:
    """Say nothing."""


def build_night(settings: WorldSettings, day: int, pages: Build, say: Say) -> None:
    """Build the pages for the next day; on Sundays, the end of the ranker's week, train first."""
    ds = world_folder.date_of(settings, day)
    for dag_id in (
        ("rankers_weekly", "homepage_daily") if ds.isoweekday() == 7 else ("homepage_daily",)
    ):
        say(f"{dag_id} {ds}")
        pages(dag_id, ds)
