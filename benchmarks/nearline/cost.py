"""What a tick costs beside a night, with one profile in a hundred touched."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.nearline.days import Everybody, run_tick
from benchmarks.nearline.pages import base_pages
from benchmarks.nearline.undelivered import Mail
from closed_loop import folder as world_folder
from closed_loop.days import ARMS, Life
from closed_loop.loop import live_on, next_day
from conf.days import WHOLE_DAY_S, start_of
from conf.ticks import Tick
from jobs import direct
from jobs.io.tables import arrow as arrow_tables

Say = Callable[[str], None]
TOUCHED = 0.01  # of all profiles
MANY = 10  # times as many are looked at, of whom some stay away


@dataclass(frozen=True)
class Cost:
    """Seconds in one session: a night of homepage_daily, and a tick after it that touched some of the profiles."""

    profiles: int
    touched: int
    night_s: float
    overlays_s: float
    updates_s: float
    tick: Tick

    @property
    def share(self) -> float:
        """The tick's time over the night's."""
        return (self.overlays_s + self.updates_s) / self.night_s


def cost(life: Life, say: Say) -> Cost:
    """The night after the past of a world, and the first day's last tick with TOUCHED of the profiles in it.

    Of a new world the night is made twice, once for the tables and compilers and once for the clock; that of a kept one
    is timed at once. Of the tick's two runs the slower one counts.
    """
    build = partial(direct.run, life.spark, say=say)
    night = world_folder.date_of(life.settings, world_folder.BEFORE)
    if next_day(life.settings) == world_folder.BEFORE:
        live_on(life, 0, ARMS[:1], build, say)
        build("rankers_weekly", night)
        build("homepage_daily", night)
    began = time.perf_counter()
    build("homepage_daily", night)
    night_s = time.perf_counter() - began
    who = Everybody(life, 0)
    outcome = _some(life, night, who)
    midnight = start_of(night + timedelta(days=1))
    tick, mail = Tick(midnight + timedelta(days=1)), Mail(life)
    mail.post(outcome)
    mail.land(midnight, tick.until)
    overlays_s, updates_s = max((run_tick(life.spark, tick) for _ in range(2)), key=sum)
    touched = arrow_tables.sql(f"SELECT count(*) AS n FROM overlays WHERE ds = DATE '{tick.ds}'")[
        "n"
    ].to_pylist()[0]
    say(
        f"a night of {len(who.states):,} profiles: {night_s:.0f} s; a tick of {touched}: {overlays_s + updates_s:.1f} s"
    )
    return Cost(len(who.states), touched, night_s, overlays_s, updates_s, tick)


def _some(life: Life, night: date, who: Everybody) -> pa.Table:
    """The day of TOUCHED of the profiles, of those that come; everybody's pages at once would fill the memory."""
    rng, wanted = np.random.default_rng(0), max(1, round(TOUCHED * len(who.states)))
    names = np.array(sorted(who.index), object)
    pages = base_pages(
        night, rng.choice(names, min(len(names), MANY * wanted), replace=False).tolist()
    )
    outcome = who.lives(who.clients_see(pages), (0, WHOLE_DAY_S), who.states)
    shown = pc.is_in(outcome["profile_id"], pa.array(sorted(pages), pa.string()))
    came = pc.and_(shown, pc.greater(pc.list_value_length(outcome["events"]), 0))
    return outcome.filter(came).slice(0, wanted)
