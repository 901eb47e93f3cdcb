"""The figures of `bench nearline` that need a world: what ticks cost, what they show, what they are worth."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa

from benchmarks.nearline import checks
from benchmarks.nearline.cost import Cost, cost
from benchmarks.nearline.days import NEARLINE, OFFLINE, ONLINE, Part, days_judged
from benchmarks.nearline.reads import levels_seen, speeds
from closed_loop import folder as world_folder
from closed_loop.days import ARMS, Life
from closed_loop.homes import environment, home_of_its_own
from closed_loop.loop import Build, build_night, live_on, next_day
from conf.nearline import nearline_settings
from conf.settings import load_settings
from conf.ticks import Tick
from conf.world import world_settings
from experiments.metrics.rates import rate_lift
from jobs import direct
from jobs.io.session import open_session
from jobs.io.tables import arrow as arrow_tables
from jobs.serve_pages import serve_pages

Figures = dict[str, object]
Say = Callable[[str], None]


def crowd(accounts: int, keep: str | None, reads: int, say: Say) -> Figures:
    """A night and a tick of so many accounts, and how their pages are read."""
    with home_of_its_own(keep) as home, lived_in({"accounts": accounts}) as life:
        dear = cost(life, say)
        return cost_told(dear) | read_told(home, dear, reads)


def judged(
    keep: str | None, members: int, days: int, judge: int, parts: int, draws: int, say: Say
) -> Figures:
    """Days of a world, kept or new, with and without ticks between its nights."""
    with home_of_its_own(None) as home:
        if keep:
            shutil.copytree(keep, home, dirs_exist_ok=True)
        with lived_in({} if keep else {"accounts": members}) as life:

            def build(dag_id: str, ds: date) -> object:
                return direct.run(life.spark, dag_id, ds, say=say)

            live_on(life, max(0, days - max(0, next_day(life.settings))), ARMS[:1], build, say)
            if not arrow_tables.has("contexts"):  # of a world kept from before there were any
                direct.step(
                    life.spark,
                    "build_contexts",
                    world_folder.date_of(life.settings, next_day(life.settings) - 1),
                )
            return lived_told(life, home, judge, parts, draws, build, say)


@contextmanager
def lived_in(given: dict[str, object]) -> Iterator[Life]:
    """The world of this home, or a new one with what is given, in a session of its own."""
    settings = world_folder.begun(world_settings(), given)
    spark = open_session("bench nearline")
    try:
        yield Life(spark, settings, world_folder.true_world(settings, load_settings()))
    finally:
        spark.stop()


def cost_told(dear: Cost) -> Figures:
    """What a tick costs beside a night."""
    return {
        "profiles": dear.profiles,
        "touched": dear.touched,
        "night_s": round(dear.night_s, 1),
        "tick_s": round(dear.overlays_s + dear.updates_s, 1),
        "cost_share": round(dear.share, 4),
    }


def read_told(home: Path, dear: Cost, reads: int) -> Figures:
    """Speeds of reading the crowd's pages."""
    with environment(FRONTROW_HOME=str(home)):
        serve_pages(dear.tick.until)
    names = arrow_tables.sql("SELECT DISTINCT profile_id FROM homepage_rows")[
        "profile_id"
    ].to_pylist()
    return dict(speeds(home, sorted(names), dear.tick.until, reads))


def levels_told(home: Path, tick: Tick) -> Figures:
    """The levels that serve at the end of a tick when something is broken; two nights are published before it."""
    with environment(FRONTROW_HOME=str(home)):
        serve_pages(tick.until)
    asked = f"SELECT DISTINCT profile_id FROM homepage_updates WHERE ds = DATE '{tick.ds}' AND tick <= '{tick.name}'"
    fresh = sorted(arrow_tables.sql(asked)["profile_id"].to_pylist())
    night = f"SELECT DISTINCT profile_id FROM homepage_rows WHERE ds = DATE '{tick.ds - timedelta(days=1)}'"
    based = sorted(set(arrow_tables.sql(night)["profile_id"].to_pylist()) - set(fresh))
    levels = levels_seen(home, fresh[0], based[0], tick.until)
    return {"levels": levels, "fallback_levels_seen": len(set(levels.values()))}


def lived_told(
    life: Life, home: Path, judge: int, parts: int, draws: int, build: Build, say: Say
) -> Figures:
    """What the days showed: gains in play rate, ages, state as offline, once and only once, levels, rules."""
    first, told, measured = next_day(life.settings), list[Part](), list[dict[str, pa.Table]]()
    differs: dict[str, int] = {}
    broken: dict[str, int] = {}

    night = partial(build_night, life.settings, pages=build, say=say)
    for day, lived, ticks in days_judged(life, first, judge, parts, draws, night, say):
        ds = world_folder.date_of(life.settings, day)
        differs |= {f"{ds} {name}": count for name, count in checks.replay_differs(ds).items()}
        for part in ticks:
            for rule, count in checks.broken_rules(part.tick, ds - timedelta(days=1)).items():
                broken[rule] = broken.get(rule, 0) + count
        told, measured = told + ticks, [*measured, lived]
        say(_so_far(_gains(measured, draws)))
    say("the last tick again, killed at several moments")
    once = checks.once_after_kills(told[-1].tick)
    return {
        **_gains(measured, draws),
        **_ages(told),
        **_touched(told, parts),
        **levels_told(home, told[-2].tick),
        "replay_equal": not differs,
        "replay_differs": differs,
        "exactly_once": once,
        "violations": sum(broken.values()),
        "broken": broken,
    }


def _gains(measured: list[dict[str, pa.Table]], draws: int) -> Figures:
    """Lifts of play rate over pages of the night alone, with intervals clustered by account."""
    rows = [(table, name) for day in measured for name, table in day.items()]
    taken, sessions = (
        np.concatenate([t[c].to_numpy() for t, _ in rows]) for c in ("taken", "sessions")
    )
    account = np.concatenate(
        [t["account_id"].to_numpy(zero_copy_only=False).astype(str) for t, _ in rows]
    )
    arm = np.concatenate([np.full(t.num_rows, name) for t, name in rows])
    found: Figures = {"sessions": int(sessions[arm == OFFLINE].sum()) // draws, "draws": draws}
    for name in (OFFLINE, ONLINE, NEARLINE):
        found[f"play_rate_{name}"] = float(taken[arm == name].sum() / sessions[arm == name].sum())
    found |= rate_lift(taken, sessions, account, arm, NEARLINE, OFFLINE).named("gain_play_rate")
    found |= rate_lift(taken, sessions, account, arm, ONLINE, OFFLINE).named(
        "gain_play_rate_online_alone"
    )
    return found


def _so_far(gains: Figures) -> str:
    low, gain, high = (gains[f"gain_play_rate{end}"] for end in ("_low", "", "_high"))
    return f"{gains['sessions']} sessions so far: gain in play rate {gain:+.4f} [{low:+.4f}, {high:+.4f}]"


def _ages(told: list[Part]) -> Figures:
    """Seconds from an event to the published rows that know of it, with ticks as often as they are scheduled.

    What is learned waits for the end of its tick; overlays are made then, updates `online_after_minutes` later or when
    the overlays are there, each as long as it took here.
    """
    settings = nearline_settings()
    every, after = 60 * settings.every_minutes, 60 * settings.online_after_minutes
    ages = []
    for part in told:
        happened, learned = (_seconds(part.events[name]) for name in ("event_at", "known_at"))
        published = np.ceil(learned / every) * every + max(after, part.overlays_s) + part.updates_s
        ages.append(published - happened)
    flat = np.concatenate(ages)
    return {
        f"event_to_row_p{percent}_s": round(float(np.percentile(flat, percent)), 1)
        for percent in (50, 95)
    }


def _seconds(instants: pa.ChunkedArray) -> np.ndarray:
    return instants.cast(pa.timestamp("us", "UTC")).cast(pa.int64()).to_numpy() / 1e6


def _touched(told: list[Part], parts: int) -> Figures:
    """The share of profiles that a tick touched here, where it took in a part of a day."""
    ds = told[0].tick.ds - timedelta(days=1)
    everybody = arrow_tables.sql(
        f"SELECT count(*) AS n FROM profile_features WHERE ds = DATE '{ds}'"
    )["n"].to_pylist()[0]
    share = float(np.mean([part.profiles for part in told])) / everybody
    return {"touched_share": round(share, 4), "ticks_a_day": parts}
