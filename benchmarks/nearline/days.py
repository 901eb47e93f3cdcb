"""Days of a kept world lived in parts: after each part we learn of it, and the next one meets the pages made since.

The same day, sessions and luck are met by three services: one whose pages are last night's, one that also asks the
online step for each visit, and one that takes in what happened, tick by tick.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyspark.sql import SparkSession

from benchmarks.nearline.pages import PagesOf, base_pages, by_profile, partition
from benchmarks.nearline.undelivered import LOGS, Mail, late_mail
from closed_loop import folder as world_folder
from closed_loop.days import Life
from closed_loop.variants import published
from conf.days import WHOLE_DAY_S, start_of
from conf.ticks import Tick
from jobs import compute_overlays, publish_updates
from jobs.io.snapshot.catalogue_view import settings_at, shelf_at
from models.catalogue.profile_settings import by_settings
from models.page.online.assemble import Visit, assemble
from simulator import days as living

OFFLINE, ONLINE, NEARLINE = "offline", "online", "nearline"
MEASURES = ["account_id", "measures"]
SHOWN = ["profile_id", "page_id", "row_id", "row_position", "cells"]  # what clients read of a page
Say = Callable[[str], None]


@dataclass(frozen=True)
class Part:
    """What one part of a day showed of the pipeline."""

    tick: Tick
    profiles: int  # touched
    overlays_s: float  # of compute_overlays
    updates_s: float  # of publish_updates
    events: pa.Table  # event_at and known_at of what it took in
    updates: pa.Table  # the pages published


def day_in_parts(
    life: Life, day: int, parts: int, draws: int, say: Say
) -> tuple[dict[str, pa.Table], list[Part], pa.Table]:
    """Live a day before the three services. Sessions and plays of each by profile; what its ticks did; its outcome.

    Each part is lived `draws` times, with the same sessions and other luck in them, so that a gain is told from more
    than the luck of one life; the first draw is the one that is remembered and learned of. The tables hold afterwards
    what the third service learned; nothing of the offline run of the day is built.
    """
    ds = world_folder.date_of(life.settings, day - 1)
    base, who = base_pages(ds), Everybody(life, day)
    mail, updated, nightly = late_mail(life, day), dict(base), who.clients_see(base)
    states = dict.fromkeys((OFFLINE, ONLINE, NEARLINE), who.states)
    measured: dict[str, list[pa.Table]] = {name: [] for name in states}
    outcome: list[pa.Table] = []
    told: list[Part] = []
    for number in range(parts):
        begins = (WHOLE_DAY_S * number // parts, WHOLE_DAY_S * (number + 1) // parts)
        come: dict[str, Visit] = {}
        for name, pages in ((OFFLINE, base), (ONLINE, base), (NEARLINE, updated)):
            shown = (
                nightly
                if name == OFFLINE
                else who.clients_see(at_visit(who, pages, sum(begins) / 2, come))
            )
            out = who.lives(shown, begins, states[name])
            come = come or visits(out)
            measured[name] += [
                out.select(MEASURES),
                *who.otherwise(shown, begins, out, states[name], draws),
            ]
            states[name] = out.select(["index", "state"])
        outcome.append(out)  # of the last, which is NEARLINE
        mail.post(out)
        told.append(_tick(life, mail, start_of(ds + timedelta(days=1)), begins))
        updated |= by_profile(told[-1].updates)
        one = told[-1]
        seconds = f"{one.overlays_s:.1f} s and {one.updates_s:.1f} s"
        say(f"day {day}, part {number + 1} of {parts}: {one.profiles} profiles touched, {seconds}")
    return {name: _measures(tables) for name, tables in measured.items()}, told, _joined(outcome)


class Everybody:
    """The profiles of a day and how they live it."""

    def __init__(self, life: Life, day: int) -> None:
        self.life, self.day = life, day
        lived = pq.read_table(
            world_folder.lived(day - 1), columns=["index", "profile_id", "state"]
        ).sort_by("index")
        self.states = lived.select(["index", "state"])
        self.index = dict(
            zip(lived["profile_id"].to_pylist(), lived["index"].to_pylist(), strict=True)
        )
        size = (len(life.settings.countries), len(life.truth.title_ids))
        self._unseen = np.zeros(size, np.float32)  # no page of the comparison is asked for

    def clients_see(self, pages: PagesOf) -> pa.Table | None:
        """Pages as clients get them; None where there are none."""
        mine = [pages[name].select(SHOWN) for name in sorted(pages) if name in self.index]
        return (
            published(pa.concat_tables(mine).combine_chunks(), self.index).sort_by("index")
            if mine
            else None
        )

    def lives(
        self, shown: pa.Table | None, begins: tuple[int, int], states: pa.Table, luck: int = 0
    ) -> pa.Table:
        """The sessions that begin in these seconds, on these pages."""
        life = self.life
        return living.day(
            life.truth,
            life.settings,
            self.day,
            states,
            shown,
            self._unseen,
            begins=begins,
            luck=luck,
        )

    def otherwise(
        self,
        shown: pa.Table | None,
        begins: tuple[int, int],
        out: pa.Table,
        states: pa.Table,
        draws: int,
    ) -> Iterator[pa.Table]:
        """What the sessions of an outcome measure with other luck, from the states before it, `draws` - 1 times."""
        came = out.filter(
            pc.greater(out["measures"].combine_chunks().flatten().field("sessions"), 0)
        )["index"]
        mine = states.filter(pc.is_in(states["index"], came.combine_chunks()))
        for luck in range(1, draws):
            yield self.lives(shown, begins, mine, luck).select(MEASURES)


def visits(outcome: pa.Table) -> dict[str, Visit]:
    """When and on which device each profile that came first looked at its page. No page changes that."""
    seen = pa.Table.from_struct_array(outcome["impressions"].combine_chunks().flatten()).sort_by(
        "shown_at"
    )
    first = seen.group_by("profile_id", use_threads=False).aggregate(
        [("shown_at", "first"), ("device", "first")]
    )
    return {
        name: Visit(at.timestamp(), device)
        for name, at, device in zip(
            *(
                first[column].to_pylist()
                for column in ("profile_id", "shown_at_first", "device_first")
            ),
            strict=True,
        )
    }


def at_visit(who: Everybody, pages: PagesOf, second: float, come: dict[str, Visit]) -> PagesOf:
    """The pages of those who come as the online step shows them; the catalogue is that of a second of the day."""
    at = start_of(world_folder.date_of(who.life.settings, who.day)) + timedelta(seconds=second)
    shelf, settings = shelf_at(at), settings_at(at)
    made = {}
    for name, visit in come.items():
        if name in pages:
            profile = by_settings(name, settings.get(name, {}), shelf.at)
            made[name] = assemble(pages[name], profile, shelf, visit, lambda: inf).rows
    return {name: rows for name, rows in made.items() if rows.num_rows}


def _tick(life: Life, mail: Mail, midnight: datetime, begins: tuple[int, int]) -> Part:
    """Land what was learned by the end of a part and run the tick that ends with it."""
    since, until = (midnight + timedelta(seconds=second) for second in begins)
    mail.land(since, until)
    tick = Tick(until)
    overlays_s, updates_s = run_tick(life.spark, tick)
    taken = partition("overlays", tick, ["taken"])["taken"].combine_chunks()
    events = pa.Table.from_struct_array(taken.flatten())
    return Part(
        tick, len(taken), overlays_s, updates_s, events, partition("homepage_updates", tick)
    )


def run_tick(spark: SparkSession, tick: Tick) -> tuple[float, float]:
    """Run both steps of a tick; the seconds each took."""
    took = []
    for step in (compute_overlays.compute_overlays, publish_updates.publish_updates):
        began = time.perf_counter()
        step(spark, tick)
        spark.catalog.clearCache()
        took.append(time.perf_counter() - began)
    return took[0], took[1]


def _measures(parts: list[pa.Table]) -> pa.Table:
    """account_id, sessions and taken of each profile, summed over parts."""
    tables = []
    for out in parts:
        flat = out["measures"].combine_chunks().flatten()
        tables.append(
            pa.table(
                {"account_id": out["account_id"]}
                | {n: flat.field(n) for n in ("sessions", "taken")}
            )
        )
    sums = (
        pa.concat_tables(tables)
        .group_by("account_id")
        .aggregate([("sessions", "sum"), ("taken", "sum")])
    )
    return sums.rename_columns(["account_id", "sessions", "taken"])


def _joined(parts: list[pa.Table]) -> pa.Table:
    """The outcome of a day from those of its parts."""
    last, columns = parts[-1], {}
    for name in last.column_names:
        lists = [part[name].combine_chunks() for part in parts]
        columns[name] = _concatenated(lists) if name in LOGS else last[name]
    return pa.table(columns, schema=last.schema)


def _concatenated(lists: list[pa.ListArray]) -> pa.ListArray:
    """Lists of the same owners, one after another."""
    owner = np.concatenate([pc.list_parent_indices(one).to_numpy() for one in lists])
    flat = pa.concat_arrays([one.flatten() for one in lists]).take(
        pa.array(np.argsort(owner, kind="stable"))
    )
    ends = np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=len(lists[0])))])
    return pa.ListArray.from_arrays(pa.array(ends, pa.int32()), flat)


def days_judged(
    life: Life,
    first: int,
    count: int,
    parts: int,
    draws: int,
    build: Callable[[int], object],
    say: Say,
) -> Iterator[tuple[int, dict[str, pa.Table], list[Part]]]:
    """So many days from `first` on, each lived in parts and then built offline from what was learned in them."""
    for day in range(first, first + count):
        measured, told, outcome = day_in_parts(life, day, parts, draws, say)
        with world_folder.whole(world_folder.lived(day)) as path:
            path.mkdir(parents=True)
            pq.write_table(outcome, path / "part.parquet")
        build(day)
        yield day, measured, told
