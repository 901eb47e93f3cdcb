"""What a tick costs beside a night, with one profile in a hundred touched."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.nearline.days import SimulatedDay, run_tick
from benchmarks.nearline.pages import base_pages
from benchmarks.nearline.undelivered import Undelivered
from closed_loop import folder as world_folder
from closed_loop.days import ARMS, SimulatedService
from closed_loop.loop import next_day, simulate_days
from conf.days import WHOLE_DAY_S, start_of
from conf.ticks import Tick
from jobs import direct
from jobs.io.tables import arrow as arrow_tables

Say = Callable[[str], None]
TOUCHED = 0.01  # of all profiles
CANDIDATES_PER_PROFILE = 10  # as many as are needed have a session on their day


@dataclass(frozen=True)
class TickCost:
    """Seconds in one session: a night of homepage_daily, and a tick that touched some profiles."""

    profiles: int
    touched: int
    night_s: float
    overlays_s: float
    updates_s: float
    tick: Tick

    @property
    def tick_s(self) -> float:
        """Seconds of both steps of the tick."""
        return self.overlays_s + self.updates_s

    @property
    def share(self) -> float:
        """The tick's time over the night's."""
        return self.tick_s / self.night_s


def tick_cost(life: SimulatedService, say: Say) -> TickCost:
    """The cost of the first night of a world, and of a tick with TOUCHED of the profiles in it.

    Of a new world the night is built twice, once for the tables and compilers and once for the
    clock; that of a kept world is timed at once. Of the tick's two runs the slower one counts.
    """
    build = partial(direct.run_dag, life.spark, say=say)
    night = world_folder.date_of(life.settings, world_folder.PAST)
    if next_day(life.settings) == world_folder.PAST:
        simulate_days(life, 0, ARMS[:1], build, say)
        build("rankers_weekly", night)
        build("homepage_daily", night)
    start = time.perf_counter()
    build("homepage_daily", night)
    night_s = time.perf_counter() - start
    day = SimulatedDay(life, 0)
    profiles = len(day.states)
    midnight = start_of(night + timedelta(days=1))
    tick = Tick(midnight + timedelta(days=1))
    undelivered = Undelivered(life)
    undelivered.send(_outcome_of_some(night, day))
    undelivered.land(midnight, tick.until)
    overlays_s, updates_s = max((run_tick(life.spark, tick) for _ in range(2)), key=sum)
    count = f"SELECT count(*) AS n FROM overlays WHERE ds = DATE '{tick.ds}'"
    touched = arrow_tables.sql(count)["n"].to_pylist()[0]
    cost = TickCost(profiles, touched, night_s, overlays_s, updates_s, tick)
    say(
        f"a night of {profiles:,} profiles: {night_s:.0f} s;"
        f" a tick of {touched}: {cost.tick_s:.1f} s"
    )
    return cost


def _outcome_of_some(night: date, day: SimulatedDay) -> pa.Table:
    """The day of TOUCHED of the profiles, out of those with a session.

    A sample of pages is read, since everybody's at once would fill the memory.
    """
    rng = np.random.default_rng(0)
    touched = max(1, round(TOUCHED * len(day.states)))
    profile_ids = np.array(sorted(day.index), object)
    candidates = min(len(profile_ids), CANDIDATES_PER_PROFILE * touched)
    sample = rng.choice(profile_ids, candidates, replace=False)
    pages = base_pages(night, sample.tolist())
    outcome = day.live(day.client_pages(pages), (0, WHOLE_DAY_S), day.states)
    has_page = pc.is_in(outcome["profile_id"], pa.array(sorted(pages), pa.string()))
    has_events = pc.greater(pc.list_value_length(outcome["events"]), 0)
    return outcome.filter(pc.and_(has_page, has_events)).slice(0, touched)
