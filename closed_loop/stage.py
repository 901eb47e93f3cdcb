"""A kept world and the days of it that rows are judged on: who lives, and what their pages are made from."""

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
from conf.world import WorldSettings, world_settings
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
PUBLISHING = ("assemble_drafts", "run_audits", "publish_homepage_rows")


@dataclass(frozen=True)
class Stage:
    """A day of the world before it begins: who lives, what they remember, and what pages are made from."""

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
def kept_world(keep: str | None, members: int, days: int, say: Say) -> Iterator[SimulatedService]:
    """A world that has lived so many days on the pipeline's pages, in a folder of its own; a kept one is not changed.

    Of a kept world that has not lived long enough the missing days are lived; how many members it has is its own.
    """
    with bench_home(keep):
        begun = (world_folder.root() / "settings.json").exists()
        settings = world_folder.settings_of_world(
            world_settings(), {} if begun else {"accounts": members}
        )
        spark = open_session("bench rows")
        try:
            life = SimulatedService(
                spark, settings, world_folder.true_world(settings, load_settings())
            )
            simulate_days(
                life,
                max(0, days - max(0, next_day(settings))),
                ARMS[:1],
                partial(direct.run_dag, spark, say=say),
                say,
            )
            if next_day(settings) == world_folder.PAST:
                _first_models(life, say)
            yield life
        finally:
            spark.stop()


def _first_models(life: SimulatedService, say: Say) -> None:
    """After the past, what the first day's pages are made from; no page is published."""
    ds = world_folder.date_of(life.settings, world_folder.PAST)
    for job in (*cadence("rankers_weekly").jobs, *cadence("homepage_daily").jobs):
        if job not in PUBLISHING and arrow_tables.open_table(WRITES[job]) is None:
            say(f"{job} {ds}")
            direct.run_step(life.spark, job, ds)


def stages(life: SimulatedService, count: int) -> Iterator[Stage]:
    """The last `count` days that can be judged, at most one where no page was published; the very last is to come."""
    last = max(0, next_day(life.settings))
    for day in range(max(0, last - count + 1), last + 1):
        yield stage(life.spark, life.truth, life.settings, day)


def stage(spark: SparkSession, world: World, settings: WorldSettings, day: int) -> Stage:
    """The stage of a day whose day before was lived and built."""
    ds = world_folder.date_of(settings, day - 1)
    features = (
        tables.read_day(spark, "profile_features", ds).drop("ds").orderBy("profile_id").toArrow()
    )
    lived = pq.read_table(
        world_folder.outcome_path(day - 1), columns=["index", "profile_id", "account_id", "state"]
    )
    place = pc.index_in(lived["profile_id"], features["profile_id"].combine_chunks())
    both = lived.filter(pc.is_valid(place))
    return Stage(
        world, settings, day, both, page_maker(spark, ds), features.take(place.drop_null())
    )


def youngest_trend_hours(life: SimulatedService, share: float) -> float:
    """How old a trend is at least when the next page can show it: until it is learned of, and until that page (N-032).

    Hours after which `share` of the plays of the last week were learned of, and those between two runs of the DAG.
    """
    as_of = end_of(world_folder.date_of(life.settings, max(0, next_day(life.settings)) - 1))
    lag = learning_lag_hours(tables.read(life.spark, "events"), as_of, share).collect()[0]["hours"]
    return float(lag) + 24.0 * cadence("homepage_daily").days
