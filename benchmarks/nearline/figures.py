"""The figures of `bench nearline`: what ticks cost, how soon they act, what they are worth."""

import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from benchmarks.nearline import checks
from benchmarks.nearline.cost import TickCost, tick_cost
from benchmarks.nearline.days import (
    NEARLINE,
    OFFLINE,
    ONLINE,
    SERVICES,
    EvaluatedDay,
    TickRun,
    evaluated_days,
)
from benchmarks.nearline.reads import read_milliseconds, serving_levels
from closed_loop import folder as world_folder
from closed_loop.days import ARMS, SimulatedService
from closed_loop.homes import bench_home, environment_variables
from closed_loop.loop import Build, build_night, next_day, simulate_days
from conf.nearline import nearline_settings
from conf.settings import load_settings
from conf.ticks import Tick
from conf.world import world_settings
from experiments.metrics.arms import arm_sums
from jobs import direct
from jobs.io.session import open_session
from jobs.io.tables import arrow as arrow_tables
from jobs.serve_pages import serve_pages

Figures = dict[str, object]
Say = Callable[[str], None]
Measures = dict[str, pa.Table]  # of a day, by service


@dataclass(frozen=True)
class EvaluationPlan:
    """How days are evaluated."""

    days: int
    parts: int  # ticks of a day
    draws: int  # times that a part is lived


def crowd_figures(accounts: int, keep: str | None, reads: int, say: Say) -> Figures:
    """A night and a tick of so many accounts, and how fast their pages are read."""
    with bench_home(keep) as home, world_of_home({"accounts": accounts}) as life:
        cost = tick_cost(life, say)
        return cost_figures(cost) | read_figures(home, cost.tick, reads)


def evaluation_figures(
    keep: str | None, accounts: int, days_before: int, evaluation: EvaluationPlan, say: Say
) -> Figures:
    """Days of a world, kept or new, with and without ticks between its nights."""
    with bench_home(None) as home:
        if keep:
            shutil.copytree(keep, home, dirs_exist_ok=True)
        with world_of_home({} if keep else {"accounts": accounts}) as life:

            def build(dag_id: str, ds: date) -> object:
                return direct.run_dag(life.spark, dag_id, ds, say=say)

            lived_days = max(0, next_day(life.settings))
            simulate_days(life, max(0, days_before - lived_days), ARMS[:1], build, say)
            if not arrow_tables.was_written(
                "contexts"
            ):  # of a world kept from before there were any
                last_day = next_day(life.settings) - 1
                ds = world_folder.date_of(life.settings, last_day)
                direct.run_step(life.spark, "build_contexts", ds)
            return day_figures(life, home, evaluation, build, say)


@contextmanager
def world_of_home(changes: dict[str, object]) -> Iterator[SimulatedService]:
    """The world of this home, or a new one with changed settings, in a Spark session of its own."""
    settings = world_folder.settings_of_world(world_settings(), changes)
    spark = open_session("bench nearline")
    try:
        yield SimulatedService(spark, settings, world_folder.true_world(settings, load_settings()))
    finally:
        spark.stop()


def cost_figures(cost: TickCost) -> Figures:
    """What a tick costs beside a night."""
    return {
        "profiles": cost.profiles,
        "touched": cost.touched,
        "night_s": round(cost.night_s, 1),
        "tick_s": round(cost.tick_s, 1),
        "cost_share": round(cost.share, 4),
    }


def read_figures(home: Path, tick: Tick, reads: int) -> Figures:
    """Milliseconds of reads of the pages that are published at a tick."""
    _serve(home, tick)
    profile_ids = _profile_ids("SELECT DISTINCT profile_id FROM homepage_rows")
    return dict(read_milliseconds(home, sorted(profile_ids), tick.until, reads))


def level_figures(home: Path, tick: Tick) -> Figures:
    """The levels that serve at the end of a tick when something is broken.

    Two nights are published before it.
    """
    _serve(home, tick)
    updated = _profile_ids(
        "SELECT DISTINCT profile_id FROM homepage_updates"
        f" WHERE ds = DATE '{tick.ds}' AND tick <= '{tick.name}'"
    )
    nightly = _profile_ids(
        "SELECT DISTINCT profile_id FROM homepage_rows"
        f" WHERE ds = DATE '{tick.ds - timedelta(days=1)}'"
    )
    with_update, without_update = min(updated), min(nightly - updated)
    levels = serving_levels(home, with_update, without_update, tick.until)
    return {"levels": levels, "fallback_levels_seen": len(set(levels.values()))}


def _serve(home: Path, tick: Tick) -> None:
    """Put the pages of a tick into the release that a home serves."""
    with environment_variables(FRONTROW_HOME=str(home)):
        serve_pages(tick.until)


def _profile_ids(query: str) -> set[str]:
    return set(arrow_tables.sql(query)["profile_id"].to_pylist())


def day_figures(
    life: SimulatedService, home: Path, evaluation: EvaluationPlan, build: Build, say: Say
) -> Figures:
    """Figures of the evaluated days: gains in play rate, ages, levels, and checks of every tick."""
    first = next_day(life.settings)
    night = partial(build_night, life.settings, pages=build, say=say)
    days = evaluated_days(
        life,
        range(first, first + evaluation.days),
        evaluation.parts,
        evaluation.draws,
        night,
        say,
    )
    ticks: list[TickRun] = []
    measures: list[Measures] = []
    differences: dict[str, int] = {}
    violations: Counter[str] = Counter()
    for day in days:
        ds = world_folder.date_of(life.settings, day.day)
        for column, count in checks.state_differences(ds).items():
            differences[f"{ds} {column}"] = count
        violations.update(_violations(day, ds))
        ticks += day.ticks
        measures.append(day.measures)
        say(_gain_line(_gain_figures(measures, evaluation.draws)))
    say("the last tick again, killed at several moments")
    exactly_once = checks.is_same_after_kills(ticks[-1].tick)
    return {
        **_gain_figures(measures, evaluation.draws),
        **_age_figures(ticks),
        **_touched_figures(ticks, evaluation.parts),
        **level_figures(home, ticks[-2].tick),
        "replay_equal": not differences,
        "replay_differs": differences,
        "exactly_once": exactly_once,
        "violations": violations.total(),
        "broken": dict(violations),
    }


def _violations(day: EvaluatedDay, ds: date) -> Counter[str]:
    """How often each rule is broken by the pages published at the ticks of a day."""
    violations: Counter[str] = Counter()
    for tick_run in day.ticks:
        violations.update(checks.violations_at(tick_run.tick, ds - timedelta(days=1)))
    return violations


def _gain_figures(measures: Sequence[Measures], draws: int) -> Figures:
    """Lifts of play rate over pages of the night alone; intervals contain members and days."""
    by_service = [
        (table, service, number)
        for number, of_day in enumerate(measures)
        for service, table in of_day.items()
    ]
    tables = [table for table, _, _ in by_service]
    taken, sessions = _joined(tables, "taken"), _joined(tables, "sessions")
    account = _joined(tables, "account_id").astype(str)
    service = np.concatenate([np.full(table.num_rows, name) for table, name, _ in by_service])
    day = np.concatenate([np.full(table.num_rows, number) for table, _, number in by_service])
    offline_sessions = int(sessions[service == OFFLINE].sum())
    figures: Figures = {"sessions": offline_sessions // draws, "draws": draws}
    for name in SERVICES:
        rate = taken[service == name].sum() / sessions[service == name].sum()
        figures[f"play_rate_{name}"] = float(rate)
    sums = arm_sums(taken, sessions, account, day, service)
    figures |= sums.gain(NEARLINE, OFFLINE).named("gain_play_rate")
    figures |= sums.gain(ONLINE, OFFLINE).named("gain_play_rate_online_alone")
    return figures


def _joined(tables: list[pa.Table], column: str) -> NDArray[np.generic]:
    return np.concatenate([table[column].to_numpy() for table in tables])


def _gain_line(gains: Figures) -> str:
    low, gain, high = (gains[f"gain_play_rate{end}"] for end in ("_low", "", "_high"))
    interval = f"{gain:+.4f} [{low:+.4f}, {high:+.4f}]"
    return f"{gains['sessions']} sessions so far: gain in play rate {interval}"


def _age_figures(ticks: list[TickRun]) -> Figures:
    """Seconds from an event to the published rows that use it, at the scheduled interval.

    An event waits for the end of its tick; overlays are built then, updates `online_after_minutes`
    later or when the overlays are there, each as long as it took here.
    """
    settings = nearline_settings()
    interval_s, online_after_s = 60 * settings.every_minutes, 60 * settings.online_after_minutes
    ages = []
    for tick_run in ticks:
        event_s = _epoch_seconds(tick_run.events["event_at"])
        known_s = _epoch_seconds(tick_run.events["known_at"])
        tick_end_s = np.ceil(known_s / interval_s) * interval_s
        updates_start_s = tick_end_s + max(online_after_s, tick_run.overlays_s)
        ages.append(updates_start_s + tick_run.updates_s - event_s)
    all_ages = np.concatenate(ages)
    return {
        f"event_to_row_p{percent}_s": round(float(np.percentile(all_ages, percent)), 1)
        for percent in (50, 95)
    }


def _epoch_seconds(instants: pa.ChunkedArray) -> NDArray[np.float64]:
    return instants.cast(pa.timestamp("us", "UTC")).cast(pa.int64()).to_numpy() / 1e6


def _touched_figures(ticks: list[TickRun], parts: int) -> Figures:
    """The share of profiles that a tick touched here, where it took in a part of a day."""
    ds = ticks[0].tick.ds - timedelta(days=1)
    count = f"SELECT count(*) AS n FROM profile_features WHERE ds = DATE '{ds}'"
    profiles = arrow_tables.sql(count)["n"].to_pylist()[0]
    touched = float(np.mean([tick_run.profiles for tick_run in ticks]))
    return {"touched_share": round(touched / profiles, 4), "ticks_a_day": parts}
