"""A kept world and the days of it that rows are judged on.

A day is the profiles that live it, and what their pages are made from.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray
from pyspark.sql import SparkSession

from closed_loop import folder as world_folder
from closed_loop.days import ARMS, SimulatedService
from closed_loop.homes import bench_home
from closed_loop.loop import next_day, simulate_days
from conf.contracts import contract, table_names
from conf.days import end_of
from conf.schedule import cadence
from conf.settings import load_settings
from conf.world import WORLDS, WorldSettings, world_settings
from features.trend import learning_lag_hours
from jobs import direct
from jobs.io.session import open_session
from jobs.io.snapshot.page_maker import page_maker
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables import spark as tables
from models.catalogue.arrays import Profiles
from models.page.maker import PageMaker
from simulator.truth import World

Say = Callable[[str], None]
WRITES = {
    contract(name).written_by: name
    for name in table_names()
    if contract(name).written_by != "ingest_events"
}
STATE_COLUMNS = ("index", "profile_id", "account_id", "state")
PUBLISHING = ("assemble_drafts", "run_audits", "publish_homepage_rows")


@dataclass(frozen=True)
class Stage:
    """A day of the world before it begins: its profiles, their state, and the page maker."""

    world: World
    settings: WorldSettings
    day: int
    states: pa.Table  # index, profile_id, account_id, state; only profiles that have features
    maker: PageMaker
    features: pa.Table  # of the same profiles, in their order

    @property
    def batches(self) -> Iterator[tuple[Profiles, NDArray[np.float32]]]:
        """Profiles as pages are made for them, and their own scores of each title."""
        yield from self.maker.asked([self.features])


@contextmanager
def kept_world(
    keep: str | None, members: int, days: int, say: Say, name: str = WORLDS[0]
) -> Iterator[SimulatedService]:
    """A world of at least so many days on the pipeline's pages, in a folder of its own.

    Of a kept world the missing days are simulated and nothing else changes: the number of its
    members is its own. `name` is that of the world's settings.
    """
    with bench_home(keep):
        is_new = not (world_folder.root() / "settings.json").exists()
        changes = {"accounts": members} if is_new else {}
        settings = world_folder.settings_of_world(world_settings(name), changes)
        spark = open_session("bench rows")
        try:
            world = world_folder.true_world(settings, load_settings())
            life = SimulatedService(spark, settings, world)
            missing_days = max(0, days - max(0, next_day(settings)))
            build_pages = partial(direct.run_dag, spark, say=say)
            simulate_days(life, missing_days, ARMS[:1], build_pages, say)
            if next_day(settings) == world_folder.PAST:
                _first_models(life, say)
            yield life
        finally:
            spark.stop()


def _first_models(life: SimulatedService, say: Say) -> None:
    """Run after the past what the first day's pages are made from; no page is published."""
    ds = world_folder.date_of(life.settings, world_folder.PAST)
    jobs = (*cadence("rankers_weekly").jobs, *cadence("homepage_daily").jobs)
    for job in jobs:
        if job in PUBLISHING or arrow_tables.open_table(WRITES[job]) is not None:
            continue
        say(f"{job} {ds}")
        direct.run_step(life.spark, job, ds)


def stages(life: SimulatedService, count: int) -> Iterator[Stage]:
    """The last `count` days that can be judged; the newest of them is still to come.

    Where no page was published that is one day.
    """
    last = max(0, next_day(life.settings))
    for day in range(max(0, last - count + 1), last + 1):
        yield stage(life.spark, life.truth, life.settings, day)


def stage(spark: SparkSession, world: World, settings: WorldSettings, day: int) -> Stage:
    """The stage of a day whose day before was simulated and whose pages were built."""
    ds = world_folder.date_of(settings, day - 1)
    features_of_day = tables.read_day(spark, "profile_features", ds).drop("ds")
    features = features_of_day.orderBy("profile_id").toArrow()
    states = pq.read_table(world_folder.outcome_path(day - 1), columns=list(STATE_COLUMNS))
    row_of_features = pc.index_in(states["profile_id"], features["profile_id"].combine_chunks())
    return Stage(
        world,
        settings,
        day,
        states=states.filter(pc.is_valid(row_of_features)),
        maker=page_maker(spark, ds),
        features=features.take(row_of_features.drop_null()),
    )


def youngest_trend_hours(life: SimulatedService, share: float) -> float:
    """Hours from the beginning of a trend until a page can show it, at least (N-032).

    They are the hours after which `share` of the plays of the last week were known, and those
    between two runs of the DAG.
    """
    last_day = max(0, next_day(life.settings)) - 1
    as_of = end_of(world_folder.date_of(life.settings, last_day))
    events = tables.read(life.spark, "events")
    lag_hours = learning_lag_hours(events, as_of, share).collect()[0]["hours"]
    return float(lag_hours) + 24.0 * cadence("homepage_daily").days
