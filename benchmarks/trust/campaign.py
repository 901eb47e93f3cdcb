"""Faults by seed: a published service in one process, one fault in it, readers all the while.

Each seed draws what is done (publications, rollbacks, holds lifted, releases) and the one point at
which something goes wrong. Then the same is done again, as Airflow and people would, and the tables
have to be what they are without a fault. The pages are written by deltalake; rollbacks, receipts,
fences, seals, releases and repairs are those of the service.
"""

# Tested by tests/benchmarks/trust/test_campaign.py.

import hashlib
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch

import pyarrow as pa
from deltalake import DeltaTable, write_deltalake

from benchmarks.trust.made import FIRST, own_home, rows, write
from benchmarks.trust.points import KINDS, Killed, Points, numbered
from closed_loop.homes import environment_variables
from conf.errors import FrontrowError, Rejected, UserMistake
from conf.settings import load_settings
from jobs.io.published import homepage, rollbacks
from jobs.io.published.receipts import PUBLISHED, newest_receipt, next_instant
from jobs.io.serving import codec, releases
from jobs.io.serving.backends import Folder
from jobs.io.serving.kv import Store
from jobs.io.serving.open_release import OpenRelease
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables import fences, repairs, seals
from jobs.io.tables.partitions import day_key, predicate
from jobs.io.tables.row_hash import content_hash_of

Say = Callable[[str], None]
SEEDS = 5_000
STEPS = 3  # done by a seed, the last of them with no fault in it
MOST_POINTS = 10  # of a step; a point past its last means that nothing goes wrong
MOST_TRIES = 5
DAYS = (FIRST, FIRST + timedelta(days=1))
PROFILES = 4
LAYER, KEY = "base", "titles"
CLOCKS = {"clock ahead": timedelta(days=2), "clock behind": timedelta(days=-2)}


class Wrong(Exception):
    """A reader was given what was never right, or the tables did not come to what they should be."""


@dataclass
class Counts:
    """What a campaign counted."""

    injected: Counter[str] = field(default_factory=Counter)
    reads: Counter[str] = field(default_factory=Counter)
    failing: dict[int, str] = field(default_factory=dict)
    equal: int = 0


def figures(say: Say, seeds: int = SEEDS) -> dict[str, object]:
    """How many seeds had which fault, and how many of them ended as without it."""
    counts = Counts()
    with own_home() as home:
        _first_state(home)
        for seed in range(seeds):
            if seed % 250 == 0:
                say(f"faults by seed: {seed:,} of {seeds:,}")
            run_seed(home, seed, counts)
    return {
        "seeds": seeds,
        "faults_injected": dict(sorted(counts.injected.items())),
        "hash_equal_after_faults": counts.equal,
        "campaign_reads": dict(counts.reads),
        "campaign_wrong_reads": counts.reads["wrong"],
        "seeds_failing": counts.failing,
    }


def run_seed(template: Path, seed: int, counts: Counts) -> str:
    """Run one seed on a copy of a first state; a checksum of everything that happened."""
    home = template.parent / f"{template.name}-{seed}"
    shutil.copytree(template, home)
    service = Service(Random(seed), counts)
    try:
        places = {"FRONTROW_HOME": str(home), "FRONTROW_TABLES": str(home / "tables")}
        with environment_variables(**places), _clock(service):
            service.run()
        counts.equal += 1
    except Wrong as error:
        counts.failing[seed] = str(error)
    finally:
        shutil.rmtree(home)
    return hashlib.sha256("\n".join(service.trace).encode()).hexdigest()


@dataclass
class Day:
    """What a day should be: its titles in the order of publication, and those given up."""

    titles: list[str] = field(default_factory=list)
    given_up: set[str] = field(default_factory=set)
    shows: str = ""  # nothing: withdrawn
    is_held: bool = False

    def published(self, title: str) -> None:
        """A publication."""
        self.titles.append(title)
        self.shows = title

    def rolled_back(self) -> None:
        """What was published before, of what was not given up."""
        self.given_up.add(self.shows)
        before = self.titles[: self.titles.index(self.shows)]
        self.shows = next((t for t in reversed(before) if t not in self.given_up), "")
        self.is_held = True


class Service:
    """A service, what it should be, and the fault of its seed."""

    def __init__(self, random: Random, counts: Counts) -> None:
        self.random, self.counts = random, counts
        self.days = {ds: Day() for ds in DAYS}
        for ds, day in self.days.items():
            day.published(f"first {ds}")
        self.released = self._shown()
        self.skew = timedelta(0)
        self.number = 0
        self.trace: list[str] = []

    def run(self) -> None:
        """Do some steps, one of them with a fault; raise Wrong where anything is not as it should be."""
        faulty = self.random.randrange(STEPS - 1)
        for number in range(STEPS):
            step, ds = self._drawn()
            points = self._fault(step, ds) if number == faulty else Points()
            self.trace.append(f"{step} {ds}")
            _STEPS[step](self, ds, points)
            self.trace += [*points.trace, points.happened]
        self._compare()

    def _drawn(self) -> tuple[str, date]:
        """A step that is possible as things are."""
        ds = self.random.choice(DAYS)
        day = self.days[ds]
        possible = ["release", "lift" if day.is_held else "publish"]
        if day.shows and not day.is_held:
            possible.append("roll back")
        return self.random.choice(possible), ds

    def _fault(self, step: str, ds: date) -> Points:
        kind = self.random.choice([*KINDS, *CLOCKS])
        if kind in CLOCKS:
            self.skew = CLOCKS[kind]
            self.counts.injected[kind] += 1
            return Points()
        if kind == "overtaken" and step != "publish":
            kind = "killed before"
        at = self.random.randrange(MOST_POINTS)
        return Points(at, kind, meanwhile=lambda: self._overtake(ds))

    def _overtake(self, ds: date) -> None:
        """Another run publishes the same day."""
        self.number += 1
        title = f"other {self.number}"
        _publish(ds, title, self.now())
        self.days[ds].titles.append(title)

    def now(self) -> datetime:
        """The instant by this machine's clock, which may be wrong."""
        return datetime.now(UTC) + self.skew

    def publish(self, ds: date, points: Points) -> None:
        """A day's pages in place of what it has."""
        self.number += 1
        title, day = f"published {self.number}", self.days[ds]
        allowed = {day.shows, title, f"other {self.number + 1}"}
        self._until_done(
            points,
            lambda: _publish(ds, title, self.now()),
            lambda: self._is_published(ds, title),
            {ds: allowed},
        )
        seen = self._read(ds)
        if seen not in allowed - {day.shows}:
            raise Wrong(f"{ds} shows {seen!r} after {title!r} was published")
        day.titles.append(title)
        if seen != title:  # the other run came after it
            day.titles[-1], day.titles[-2] = day.titles[-2], day.titles[-1]
        day.shows = seen

    def _is_published(self, ds: date, title: str) -> bool:
        receipts = homepage.publication_receipts()
        return any(r.ds == ds and r.content_hash == title for r in receipts)

    def roll_back(self, ds: date, points: Points) -> None:
        """A day goes back to what it had before."""
        day = self.days[ds]
        before = day.shows
        day.rolled_back()
        self._until_done(
            points,
            lambda: rollbacks.roll_back_day(ds),
            lambda: _is_held(ds),
            {ds: {before, day.shows}},
        )

    def lift(self, ds: date, points: Points) -> None:
        """A day may be published again."""
        day = self.days[ds]
        self._until_done(
            points,
            lambda: rollbacks.lift(PUBLISHED, day_key(ds)),
            lambda: not _is_held(ds),
            {ds: {day.shows}},
        )
        day.is_held = False

    def release(self, ds: date, points: Points) -> None:
        """A release of what is published."""
        shown = self._shown()
        self._until_done(
            points,
            lambda: _release(shown, self.now()),
            lambda: _released() == shown,
            {},
            (self.released, shown),
        )
        self.released = shown

    def _until_done(
        self,
        points: Points,
        step: Callable[[], object],
        is_done: Callable[[], bool],
        allowed: dict[date, set[str]],
        released: tuple[str, ...] = (),
    ) -> None:
        """Do a step with its fault, and again without one, until it is done; readers look each time."""
        for number in range(MOST_TRIES):
            try:
                if number:
                    step()
                else:
                    with numbered(points, sys.modules[__name__]):
                        step()
            except (Killed, OSError, FrontrowError) as error:
                self.trace.append(f"{type(error).__name__}")
            _forget_memory()
            if points.happened:
                self._look(allowed, released)
                self._repair()
            if is_done():
                break
        else:
            raise Wrong(f"not done after {MOST_TRIES} tries: {points.happened}")
        if points.happened:
            self.counts.injected[points.kind] += 1
        self._look(allowed, released)

    def _look(self, allowed: dict[date, set[str]], released: tuple[str, ...]) -> None:
        """What readers are given is what was there before or what comes, never anything else."""
        for ds, day in self.days.items():
            right = allowed.get(ds, {day.shows})
            try:
                seen = self._read(ds)
            except Rejected:
                self.counts.reads["refused"] += 1
                continue
            self.counts.reads["right" if seen in right else "wrong"] += 1
            if seen not in right:
                raise Wrong(f"a reader of {ds} was given {seen!r}, not one of {sorted(right)}")
        served = _released()
        is_right = served in (released or (self.released,))
        self.counts.reads["right" if is_right else "wrong"] += 1
        if not is_right:
            raise Wrong(f"the release has {served!r}")

    def _read(self, ds: date) -> str:
        """The title of all rows of somebody's page; nothing where the day was withdrawn. Raises Rejected."""
        try:
            page = homepage.page_records(f"p{self.number % PROFILES}", ds)
        except UserMistake:
            return ""
        titles = {row["row_title"] for row in page}
        return titles.pop() if len(titles) == 1 else f"a mixture of {sorted(titles)}"

    def _repair(self) -> None:
        """What `frontrow doctor --repair` does."""
        found = repairs.found([PUBLISHED, "publications"])
        if found:
            self.counts.reads["repaired"] += len(repairs.done(found))

    def _shown(self) -> str:
        return ", ".join(day.shows for day in self.days.values())

    def _compare(self) -> None:
        """Whoever reads the table by its path has what is right, row by row."""
        right = [_pages(ds, day.shows) for ds, day in self.days.items() if day.shows]
        there = DeltaTable(arrow_tables.deltalake_path(PUBLISHED)).to_pyarrow_table()
        if not right:
            if there.num_rows:
                raise Wrong("all days were withdrawn, and the table has rows")
            return
        wanted = pa.concat_tables(right)
        if str(content_hash_of(there.select(wanted.column_names))) != str(content_hash_of(wanted)):
            raise Wrong(f"the table does not have {self._shown()}")


_STEPS: dict[str, Callable[[Service, date, Points], None]] = {
    "publish": Service.publish,
    "roll back": Service.roll_back,
    "lift": Service.lift,
    "release": Service.release,
}


def _first_state(home: Path) -> None:
    """Both days published once, and a release of them."""
    for ds in DAYS:
        write(PUBLISHED, _pages(ds, f"first {ds}"))
        write("publications", _receipt(ds, f"first {ds}", datetime.now(UTC)))
    _release(", ".join(f"first {ds}" for ds in DAYS), datetime.now(UTC))


def _publish(ds: date, title: str, now: datetime) -> None:
    """Replace a day and write its receipt, each in a commit with a fence, as the job does."""
    fence = fences.taken(PUBLISHED, day_key(ds))
    of_receipt = rollbacks.receipt_fence(PUBLISHED, day_key(ds))
    receipts = homepage.publication_receipts()
    rollbacks.refuse_held(receipts, (ds, None))
    opened = arrow_tables.open_table(PUBLISHED)
    assert opened is not None
    with fences.committing(fence):
        write_deltalake(
            opened,
            _pages(ds, title),
            mode="overwrite",
            predicate=predicate(day_key(ds)),
            commit_properties=fences.properties(opened, fence),
        )
    seals.seal(PUBLISHED)
    receipt = _receipt(ds, title, next_instant(homepage.publication_receipts(), now))
    publications = arrow_tables.open_table("publications")
    assert publications is not None
    with fences.committing(of_receipt):
        write_deltalake(
            publications,
            receipt,
            mode="append",
            commit_properties=fences.properties(publications, of_receipt),
        )
    seals.seal("publications")


@cache
def _rows_of_day(ds: date) -> pa.Table:
    table = rows(PUBLISHED, ds, Random(str(ds)), PROFILES)
    names = pa.array([f"p{n}" for n in range(PROFILES)])
    return table.set_column(table.schema.get_field_index("profile_id"), _field("profile_id"), names)


def _pages(ds: date, title: str) -> pa.Table:
    """A page for each profile, all of whose rows have the title."""
    table = _rows_of_day(ds)
    titles = pa.array([title] * table.num_rows)
    return table.set_column(table.schema.get_field_index("row_title"), _field("row_title"), titles)


def _field(name: str) -> pa.Field:
    return rows(PUBLISHED, FIRST, Random(0), 1).schema.field(name)


@cache
def _receipt_like() -> pa.Table:
    return rows("publications", FIRST, Random(0), 1)


def _receipt(ds: date, title: str, at: datetime) -> pa.Table:
    record: dict[str, Any] = _receipt_like().to_pylist()[0]
    record |= {"ds": ds, "table_name": PUBLISHED, "tick": None, "restored_version": None}
    record |= {"on_hold": None, "published_at": at, "content_hash": title}
    record |= {"table_version": arrow_tables.newest_version(PUBLISHED), "rows_count": PROFILES}
    return pa.Table.from_pylist([record], _receipt_like().schema)


def _is_held(ds: date) -> bool:
    newest = newest_receipt(homepage.publication_receipts(), ds)
    return bool(newest and newest.on_hold)


def _release(titles: str, now: datetime) -> None:
    """A release with one layer, which says what is published."""
    root = releases.folder_of(load_settings().home_path)

    def fill(store: Store) -> tuple[int, dict[str, int]]:
        return store.put([(KEY, codec.record_value(KEY, {KEY: titles}))]), {}

    with releases.locked(root):
        before = releases.serving_id(root)
        with releases.making(root) as folder:
            layer, _ = releases.layer(root, folder, LAYER, titles, fill)
            release = releases.Release(
                release_id=releases.release_id_at(now),
                until=now,
                made_at=now,
                base_ds=FIRST,
                base_version=0,
                layers={LAYER: layer},
            )
            releases.put_in_place(root, folder, release)
        releases.flip(root, release.release_id, before)
        releases.forget_old(root, 2, 2)


def _released() -> str:
    """What the release that serves says."""
    release = OpenRelease(Folder(releases.folder_of(load_settings().home_path)))
    try:
        record = release.value(LAYER, KEY, codec.record_of, [])
        return str(record[KEY]) if record else ""
    finally:
        release.close()


def _forget_memory() -> None:
    """A process that was killed remembers nothing."""
    seals._chains.clear()
    seals._verified.clear()


@contextmanager
def _clock(service: Service) -> Iterator[None]:
    """Rollbacks go by the clock of the service."""

    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + service.skew

    with patch.object(rollbacks, "datetime", Clock):
        yield
