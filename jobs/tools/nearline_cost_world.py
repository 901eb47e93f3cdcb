"""What a tick costs beside a night, with one profile in a hundred touched."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from conf.days import start_of
from conf.ticks import Tick
from jobs.io import lake
from jobs.io import world as disk
from jobs.tools import days as direct
from jobs.tools.nearline_days_world import DAY_S, Everybody, run_tick
from jobs.tools.nearline_mail_world import Mail
from jobs.tools.nearline_pages import base_pages
from jobs.tools.simulate import live_on, next_day
from jobs.tools.world_days import ARMS, Life

Say = Callable[[str], None]
TOUCHED = 0.01  # of all profiles


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
    """The night after the past of a world, and the first day's last tick with TOUCHED of the profiles in it."""
    build = partial(direct.run, life.spark, say=say)
    night = disk.date_of(life.settings, disk.BEFORE)
    if next_day(life.settings) == disk.BEFORE:
        live_on(life, 0, ARMS[:1], build, say)
        build("rankers_weekly", night)
    build("homepage_daily", night)  # once for the tables and compilers, and once for the clock
    began = time.perf_counter()
    build("homepage_daily", night)
    night_s = time.perf_counter() - began
    who = Everybody(life, 0)
    outcome = who.lives(base_pages(night), (0, DAY_S), who.states)
    came = np.flatnonzero(pc.list_value_length(outcome["events"]).to_numpy() > 0)
    few = np.random.default_rng(0).choice(came, max(1, round(TOUCHED * len(who.states))), replace=False)
    midnight = start_of(night + timedelta(days=1))
    tick, mail = Tick(midnight + timedelta(days=1)), Mail(life)
    mail.post(outcome.take(pa.array(np.sort(few))))
    mail.land(midnight, tick.until)
    run_tick(life.spark, tick)  # the first one compiles what a tick needs besides a night
    overlays_s, updates_s = run_tick(life.spark, tick)
    touched = lake.sql(f"SELECT count(*) AS n FROM overlays WHERE ds = DATE '{tick.ds}'")["n"].to_pylist()[0]
    say(
        f"a night of {len(who.states):,} profiles: {night_s:.0f} s; a tick of {touched}: {overlays_s + updates_s:.1f} s"
    )
    return Cost(len(who.states), touched, night_s, overlays_s, updates_s, tick)
