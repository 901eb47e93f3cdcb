"""Days of a small service whose settings, titles, windows and artwork change before pages are read."""
# Tested by tests/benchmarks/safety/test_run.py.

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from benchmarks.page.facts import as_asked, as_given
from benchmarks.safety.changes import KEYS, Changes, Draw, Truth
from benchmarks.safety.readers import CALLER, TABLES, Readers, caller_settings
from closed_loop import folder as world_folder
from closed_loop.days import SimulatedService
from closed_loop.loop import learn
from conf.days import start_of
from conf.errors import Rejected
from conf.nearline import nearline_settings
from conf.pages import pages
from conf.ticks import Tick
from jobs import direct, ingest_events
from jobs.compute_overlays import compute_overlays
from jobs.io.landing.options import LandingOptions
from jobs.io.published.known_tables import known_tables
from jobs.io.tables import arrow as arrow_tables
from jobs.publish_updates import publish_updates
from jobs.serve_pages import serve_pages
from judge.judgement import Judgement, judgement

Say = Callable[[str], None]
STRANGER = "somebody new"  # a profile of which nothing is known
DEVICES = (None, *pages().devices)
MORNING, HOURS_LATER = timedelta(hours=6), timedelta(hours=5)
TICKS = 36  # in which changes may come
TICK_LENGTH = timedelta(minutes=nearline_settings().every_minutes)
AFTER = timedelta(minutes=2)  # from a change to the next visits
TICK_EVERY = 5  # days with changes of which one has a tick after them


@dataclass
class Figures:
    """What was counted so far."""

    nights: int = 0
    false_alarms: list[str] = field(default_factory=list)
    changed_days: int = 0
    pages: int = 0
    cells: int = 0
    offences: Counter[str] = field(default_factory=Counter)
    subjects: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)
    settings_s: list[float] = field(default_factory=list)

    def add(self, found: Judgement) -> None:
        """Count what the judge found."""
        self.pages += found.pages
        self.cells += found.cells
        self.offences.update(found.offences)
        for finding in found.findings:
            name = finding.verdict if finding.subject == "pages" else finding.subject
            self.subjects[name] += finding.count
        self.examples += found.sentences


@dataclass
class Visits:
    """What readers were given, to be judged together."""

    given: list[pa.Table] = field(default_factory=list)
    asked: list[pa.Table] = field(default_factory=list)
    passed: list[dict[str, Any]] = field(default_factory=list)

    def tables(self) -> dict[str, pa.Table]:
        """The tables given, asked and passed."""
        tables = {"asked": pa.concat_tables(self.asked)}
        if self.given:
            tables["given"] = pa.concat_tables(self.given, promote_options="default")
        if self.passed:
            tables["passed"] = pa.Table.from_pylist(self.passed)
        return tables


class SafetyLife:
    """A service, its readers and its truth, day after day."""

    def __init__(
        self, life: SimulatedService, readers: Readers, folder: Path, seed: int, say: Say
    ) -> None:
        self.life, self.readers, self.folder, self.say = life, readers, folder, say
        self.rng = np.random.default_rng(seed)
        self.figures = Figures()
        self._truth_versions: dict[str, list[dict[str, Any]]] = {}

    def night(self, day: int) -> None:
        """Live a day and build the pages of the next; what the audit refuses is a false alarm."""
        ds = world_folder.date_of(self.life.settings, day)
        self.life.simulate_day(day, ("pipeline",))
        learn(self.life, day, _silently)
        self.figures.nights += 1
        try:
            direct.run_dag(self.life.spark, "homepage_daily", ds)
        except Rejected as error:
            self.figures.false_alarms.append(f"{ds}: {error}")
            self.say(f"FALSE ALARM {error}")

    def changed_day(self, day: int, of_each: int) -> None:
        """The day after the night of `day`: visits, changes landed, visits again."""
        ds = world_folder.date_of(self.life.settings, day)
        morning = start_of(ds + timedelta(days=1)) + MORNING
        self._serve(morning)
        profile_ids, title_ids = published_names(ds)
        if not profile_ids:
            return  # the audit refused the night
        self.figures.changed_days += 1
        visits = Visits()
        truth = self._truth()
        self._visit(visits, truth, [*profile_ids, STRANGER], morning + AFTER)
        at = morning + HOURS_LATER + int(self.rng.integers(TICKS)) * TICK_LENGTH
        changes = Draw(truth, self.rng, at).changes(
            profile_ids, title_ids, of_each, sorted(self.life.settings.countries)
        )
        start = time.perf_counter()
        self._land(changes, day, at)  # makes a release of its own
        self.readers.reload()
        self._visit(visits, truth, changes.profiles, at + AFTER)
        self.figures.settings_s.append(time.perf_counter() - start)
        others = [name for name in (*profile_ids, STRANGER) if name not in changes.profiles]
        self._visit(visits, truth, others, at + AFTER)
        if self.figures.changed_days % TICK_EVERY == 0:
            tick = Tick(at + TICK_LENGTH)
            self._tick(tick)
            self._visit(visits, truth, profile_ids, tick.until + AFTER)
        self._keep_truth(truth)
        events = {"events": known_tables()["events"]}
        found = judgement(visits.tables() | truth.tables() | events)
        self.figures.add(found)
        self.say(f"{ds}: {found.cells:,} cells judged; {found.offences or 'nothing wrong'}")

    def _truth(self) -> Truth:
        """What is landed, and what has to hold since earlier changes."""
        known = known_tables()
        versions = {name: known[name].to_pylist() for name in KEYS}
        for name, rows in self._truth_versions.items():
            versions[name] += rows
        return Truth(versions)

    def _keep_truth(self, truth: Truth) -> None:
        """Remember the versions that were worked out here."""
        for name, rows in truth.versions.items():
            self._truth_versions[name] = [row for row in rows if row["landing_id"] == "~"]

    def _land(self, changes: Changes, day: int, at: datetime) -> None:
        folder = self.folder / f"changes-{day}"
        changes.write(folder)
        found = ingest_events.files_to_land("files", str(folder), say=lambda _: None)
        options = LandingOptions(known_at=at, most_refused=1.0)
        ingest_events.ingest_events(
            self.life.spark, "files", found, options, say=_silently, notice=_silently
        )

    def _serve(self, at: datetime) -> None:
        serve_pages(at)
        self.readers.reload()

    def _tick(self, tick: Tick) -> None:
        """A tick of the nearline DAG, whose pages stand for those of the night."""
        compute_overlays(self.life.spark, tick)
        publish_updates(self.life.spark, tick)
        self._serve(tick.until)

    def _visit(self, visits: Visits, truth: Truth, profile_ids: list[str], at: datetime) -> None:
        """Every reader asks for the page of every profile, each on some device."""
        for reader in self.readers.names:
            for profile_id in profile_ids:
                if profile_id == STRANGER and reader == TABLES:
                    continue  # tables have no page for who is not in them
                newest = truth.newest["profiles"].get((profile_id,), {})
                settings = caller_settings(newest) if newest else {"kids": True}
                device = DEVICES[int(self.rng.integers(len(DEVICES)))]
                rows = self.readers.page(reader, profile_id, at, device, settings)
                if rows.num_rows:
                    visits.given.append(as_given(_as_read(rows, profile_id), at, reader))
                visits.asked.append(as_asked([profile_id], at, reader))
                if reader == CALLER:
                    visit = {"reader": reader, "seen_at": at, "profile_id": profile_id}
                    visits.passed.append({**visit, **settings})


def _silently(_: str) -> None:
    """Say nothing."""


def published_names(ds: date) -> tuple[list[str], list[str]]:
    """The profiles with a published page of a run date, and the titles that stand high on them."""
    table = arrow_tables.open_table("homepage_rows")
    assert table is not None
    columns = ["profile_id", "row_position", "cells"]
    rows = table.to_pyarrow_table(filters=[("ds", "=", ds)], columns=columns).to_pylist()
    titles = {
        cell["title_id"] for row in rows if row["row_position"] <= 10 for cell in row["cells"][:12]
    }
    return sorted({row["profile_id"] for row in rows}), sorted(titles)


def _as_read(rows: pa.Table, profile_id: str) -> pa.Table:
    """Rows under the name of who asked: a page for everybody has none."""
    names = pa.array([profile_id] * rows.num_rows, pa.string())
    return rows.set_column(rows.column_names.index("profile_id"), "profile_id", names)
