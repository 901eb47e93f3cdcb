"""Days of a kept world lived in parts: after each part a tick takes in what happened.

The same day, sessions and chance are met by three services: one whose pages are last night's, one
that also asks the online step for each visit, and one that takes in what happened, tick by tick.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from math import inf

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyspark.sql import SparkSession

from benchmarks.nearline.pages import (
    PagesByProfile,
    base_pages,
    pages_by_profile,
    tick_partition,
)
from benchmarks.nearline.undelivered import LOGS, Undelivered, undelivered_before
from closed_loop import folder as world_folder
from closed_loop.days import SimulatedService
from closed_loop.variants import client_pages
from conf.days import WHOLE_DAY_S, start_of
from conf.ticks import Tick
from jobs import compute_overlays, publish_updates
from jobs.io.snapshot.catalogue_view import catalogue_view_at, settings_at
from models.catalogue.profile_settings import by_settings
from models.page.online.assemble import Visit, assemble
from simulator import days as living

OFFLINE, ONLINE, NEARLINE = SERVICES = ("offline", "online", "nearline")
MEASURES = ["account_id", "measures"]
CLIENT_COLUMNS = ["profile_id", "page_id", "row_id", "row_position", "cells"]
Say = Callable[[str], None]
Window = tuple[int, int]  # seconds after midnight


@dataclass(frozen=True)
class TickRun:
    """What a tick did with the part of a day that ends with it."""

    tick: Tick
    profiles: int  # touched
    overlays_s: float  # of compute_overlays
    updates_s: float  # of publish_updates
    events: pa.Table  # event_at and known_at of what it took in
    updates: pa.Table  # the pages published


@dataclass(frozen=True)
class EvaluatedDay:
    """A day before the three services."""

    day: int
    measures: dict[str, pa.Table]  # account_id, sessions and taken by service
    ticks: list[TickRun]
    outcome: pa.Table  # of the nearline service: what is remembered and learned from


class SimulatedDay:
    """The profiles of a day and how they live it."""

    def __init__(self, life: SimulatedService, day: int) -> None:
        self.life, self.day = life, day
        columns = ["index", "profile_id", "state"]
        yesterday = pq.read_table(world_folder.outcome_path(day - 1), columns=columns).sort_by(
            "index"
        )
        self.states = yesterday.select(["index", "state"])
        profile_ids, index = yesterday["profile_id"].to_pylist(), yesterday["index"].to_pylist()
        self.index = dict(zip(profile_ids, index, strict=True))
        size = (len(life.settings.countries), len(life.truth.title_ids))
        self._no_plays = np.zeros(size, np.float32)  # no page of popular titles is compared

    def client_pages(self, pages: PagesByProfile) -> pa.Table | None:
        """Pages as clients get them; None where there are none."""
        tables = [
            pages[name].select(CLIENT_COLUMNS) for name in sorted(pages) if name in self.index
        ]
        if not tables:
            return None
        return client_pages(pa.concat_tables(tables).combine_chunks(), self.index).sort_by("index")

    def live(
        self, pages: pa.Table | None, window: Window, states: pa.Table, replication: int = 0
    ) -> pa.Table:
        """The outcome of the sessions that begin in a window, on these pages."""
        life = self.life
        return living.day_outcome(
            life.truth,
            life.settings,
            self.day,
            states,
            pages,
            self._no_plays,
            session_window=window,
            replication=replication,
        )

    def replications(
        self,
        pages: pa.Table | None,
        window: Window,
        outcome: pa.Table,
        states: pa.Table,
        count: int,
    ) -> Iterator[pa.Table]:
        """Measures of the sessions of an outcome under other chance, `count` - 1 times.

        `states` are those before the outcome.
        """
        sessions = outcome["measures"].combine_chunks().flatten().field("sessions")
        visitors = outcome.filter(pc.greater(sessions, 0))["index"].combine_chunks()
        visitor_states = states.filter(pc.is_in(states["index"], visitors))
        for replication in range(1, count):
            yield self.live(pages, window, visitor_states, replication).select(MEASURES)


def evaluated_days(
    life: SimulatedService,
    days: range,
    parts: int,
    draws: int,
    build: Callable[[int], object],
    say: Say,
) -> Iterator[EvaluatedDay]:
    """Days that are each lived in parts and then built offline from what was learned in them."""
    for day in days:
        evaluated_day = day_in_parts(life, day, parts, draws, say)
        with world_folder.complete_path(world_folder.outcome_path(day)) as path:
            path.mkdir(parents=True)
            pq.write_table(evaluated_day.outcome, path / "part.parquet")
        build(day)
        yield evaluated_day


def day_in_parts(
    life: SimulatedService, day: int, parts: int, draws: int, say: Say
) -> EvaluatedDay:
    """Live a day before the three services.

    Each part is lived `draws` times, with the same sessions under other chance, so that a gain
    rests on more than the chance of one life; the first draw is the one that is remembered and
    learned from. The tables hold afterwards what the third service learned; nothing of the offline
    run of the day is built.
    """
    ds = world_folder.date_of(life.settings, day - 1)
    nightly_pages, simulated_day = base_pages(ds), SimulatedDay(life, day)
    nearline_pages = dict(nightly_pages)
    undelivered = undelivered_before(life, day)
    states = dict.fromkeys(SERVICES, simulated_day.states)
    measures: dict[str, list[pa.Table]] = {service: [] for service in SERVICES}
    outcomes, ticks = [], []
    offline_pages = simulated_day.client_pages(nightly_pages)
    for number in range(parts):
        window = (WHOLE_DAY_S * number // parts, WHOLE_DAY_S * (number + 1) // parts)
        part = _DayPart(simulated_day, window, draws)
        outcome = part.live(offline_pages, states, measures, OFFLINE)
        visits = first_visits(outcome)
        for service, pages in ((ONLINE, nightly_pages), (NEARLINE, nearline_pages)):
            assembled = online_pages(simulated_day, pages, sum(window) / 2, visits)
            client_pages = simulated_day.client_pages(assembled)
            outcome = part.live(client_pages, states, measures, service)
        outcomes.append(outcome)  # of the last service, which is NEARLINE
        undelivered.send(outcome)
        tick = _land_and_run_tick(life, undelivered, day, window)
        nearline_pages |= pages_by_profile(tick.updates)
        ticks.append(tick)
        say(
            f"day {day}, part {number + 1} of {parts}: {tick.profiles} profiles touched,"
            f" {tick.overlays_s:.1f} s and {tick.updates_s:.1f} s"
        )
    summed = {service: _summed_measures(tables) for service, tables in measures.items()}
    return EvaluatedDay(day, summed, ticks, _outcome_of_parts(outcomes))


@dataclass(frozen=True)
class _DayPart:
    """A window of a day, lived `draws` times."""

    simulated_day: SimulatedDay
    window: Window
    draws: int

    def live(
        self,
        pages: pa.Table | None,
        states: dict[str, pa.Table],
        measures: dict[str, list[pa.Table]],
        service: str,
    ) -> pa.Table:
        """Live it before a service; add its measures, and replace its states by those after it."""
        before = states[service]
        outcome = self.simulated_day.live(pages, self.window, before)
        measures[service].append(outcome.select(MEASURES))
        measures[service] += self.simulated_day.replications(
            pages, self.window, outcome, before, self.draws
        )
        states[service] = outcome.select(["index", "state"])
        return outcome


def first_visits(outcome: pa.Table) -> dict[str, Visit]:
    """When and on which device each visitor first looked at its page; no page changes that."""
    impressions = pa.Table.from_struct_array(outcome["impressions"].combine_chunks().flatten())
    first = (
        impressions.sort_by("shown_at")
        .group_by("profile_id", use_threads=False)
        .aggregate([("shown_at", "first"), ("device", "first")])
    )
    return {
        row["profile_id"]: Visit(row["shown_at_first"].timestamp(), row["device_first"])
        for row in first.to_pylist()
    }


def online_pages(
    simulated_day: SimulatedDay, pages: PagesByProfile, second: float, visits: dict[str, Visit]
) -> PagesByProfile:
    """The visitors' pages as the online step assembles them at a second of the day."""
    day = world_folder.date_of(simulated_day.life.settings, simulated_day.day)
    at = start_of(day) + timedelta(seconds=second)
    view, settings = catalogue_view_at(at), settings_at(at)
    assembled = {}
    for profile_id, visit in visits.items():
        if profile_id in pages:
            profile = by_settings(profile_id, settings.get(profile_id, {}), view.title_index)
            rows = assemble(pages[profile_id], profile, view, visit, lambda: inf).rows
            if rows.num_rows:
                assembled[profile_id] = rows
    return assembled


def _land_and_run_tick(
    life: SimulatedService, undelivered: Undelivered, day: int, window: Window
) -> TickRun:
    """Land what arrived by the end of a part and run the tick that ends with it."""
    midnight = start_of(world_folder.date_of(life.settings, day))
    since, until = (midnight + timedelta(seconds=second) for second in window)
    undelivered.land(since, until)
    tick = Tick(until)
    overlays_s, updates_s = run_tick(life.spark, tick)
    events = tick_partition("overlays", tick, ["taken"])["taken"].combine_chunks()
    return TickRun(
        tick=tick,
        profiles=len(events),
        overlays_s=overlays_s,
        updates_s=updates_s,
        events=pa.Table.from_struct_array(events.flatten()),
        updates=tick_partition("homepage_updates", tick),
    )


def run_tick(spark: SparkSession, tick: Tick) -> tuple[float, float]:
    """Run both steps of a tick; the seconds each took."""
    seconds = []
    for step in (compute_overlays.compute_overlays, publish_updates.publish_updates):
        start = time.perf_counter()
        step(spark, tick)
        spark.catalog.clearCache()
        seconds.append(time.perf_counter() - start)
    return seconds[0], seconds[1]


def _summed_measures(outcomes: list[pa.Table]) -> pa.Table:
    """account_id, sessions and taken of each account, summed over outcomes."""
    tables = []
    for outcome in outcomes:
        measures = outcome["measures"].combine_chunks().flatten()
        columns = {name: measures.field(name) for name in ("sessions", "taken")}
        tables.append(pa.table({"account_id": outcome["account_id"], **columns}))
    by_account = pa.concat_tables(tables).group_by("account_id")
    sums = by_account.aggregate([("sessions", "sum"), ("taken", "sum")])
    return sums.rename_columns(["account_id", "sessions", "taken"])


def _outcome_of_parts(parts: list[pa.Table]) -> pa.Table:
    """The outcome of a day from those of its parts: logs are joined, states are the last ones."""
    last, columns = parts[-1], {}
    for name in last.column_names:
        columns[name] = last[name]
        if name in LOGS:
            columns[name] = _concatenated_lists([part[name].combine_chunks() for part in parts])
    return pa.table(columns, schema=last.schema)


def _concatenated_lists(arrays: list[pa.ListArray]) -> pa.ListArray:
    """The lists of the same owners in several arrays, one after another."""
    owner = np.concatenate([pc.list_parent_indices(lists).to_numpy() for lists in arrays])
    entries = pa.concat_arrays([lists.flatten() for lists in arrays])
    in_order = entries.take(pa.array(np.argsort(owner, kind="stable")))
    counts = np.bincount(owner, minlength=len(arrays[0]))
    offsets = np.concatenate([[0], np.cumsum(counts)])
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), in_order)
