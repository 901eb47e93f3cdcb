"""Jobs are killed at their moments, and one that does not come to the same is found."""

import shutil
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from deltalake import DeltaTable

from benchmarks.scale.process_tree import places_of
from benchmarks.trust import kills, service
from benchmarks.trust.kills import NO_PAGE, Counts, Step
from benchmarks.trust.made import FIRST
from benchmarks.trust.watching import run
from closed_loop.homes import environment_variables
from jobs.io.tables import seals
from tests import published

# jobs of a second without Spark, which write as the real ones do: files, an entry, a seal
WRITES = """
import time
from random import Random
from deltalake import write_deltalake
from benchmarks.trust.made import FIRST, rows
from jobs.io.tables import arrow, seals
there = arrow.was_written("events")
table = rows("events", FIRST, Random(1), 5)
how = {"mode": "overwrite", "predicate": f"ds = '{FIRST}'"} if there and REPLACES else {"mode": "append"}
write_deltalake(arrow.deltalake_path("events"), table, partition_by=["ds"], **how)
time.sleep(.3)
seals.seal("events")
time.sleep(.3)
"""
IDEMPOTENT = Step("idempotent", ("-c", f"REPLACES = True\n{WRITES}"))
DOUBLING = Step("doubling", ("-c", f"REPLACES = False\n{WRITES}"))


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A home with a service in which nothing is published."""
    before = tmp_path / "before"
    with environment_variables(**places_of(before)):
        (before / "tables" / "events" / "_delta_log").mkdir(parents=True)
        first = run(
            [sys.executable, *IDEMPOTENT.argv], service.environment(before), before / "tables"
        )
        assert first.status == 0, first.output
        yield tmp_path


def moments(home: Path, killed_at: int | None = None) -> tuple[str, ...]:
    tables = home / "before" / "tables"
    done = run(
        [sys.executable, *IDEMPOTENT.argv],
        service.environment(home / "before"),
        tables,
        killed_at=killed_at,
    )
    assert done.was_killed == (killed_at is not None)
    return done.moments


def test_a_job_has_a_moment_for_its_files_each_entry_and_each_seal(home: Path) -> None:
    looks: list[None] = []
    tables = home / "before" / "tables"
    done = run(
        [sys.executable, *IDEMPOTENT.argv],
        service.environment(home / "before"),
        tables,
        lambda: looks.append(None),
    )
    assert done.moments[:3] == ("data", "entry", "seal")
    assert len(looks) == len(done.moments)


def test_what_outlives_a_job_is_waited_for_until_it_ends(tmp_path: Path) -> None:
    tables = tmp_path / "tables"
    tables.mkdir()
    late = tables / "t" / "late"
    ends_later = f"setsid sh -c 'sleep 1; mkdir {late.parent}; touch {late}' & sleep .5"
    done = run(["sh", "-c", ends_later], service.environment(tmp_path), tables)
    assert done.status == 0
    assert late.exists()


def test_a_kill_at_an_entry_leaves_the_entry_and_no_seal_of_it(home: Path) -> None:
    moments(home, killed_at=1)
    assert DeltaTable(home / "before" / "tables" / "events").version() == 1
    folder = seals.folder_of("events")
    assert folder is not None
    assert len(seals.chain_of(folder).entries) == 1


@pytest.mark.parametrize(("step", "unequal"), [(IDEMPOTENT, 0), (DOUBLING, 1)])
def test_a_job_that_doubles_its_rows_after_a_kill_is_found(
    home: Path, step: Step, unequal: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = Counts()
    monkeypatch.setattr(kills, "_drawn", lambda *_: [1])
    kills.kill(home, step, 1, FIRST, counts)
    assert dict(counts.kills) == {"entry": 1}
    assert len(counts.unequal) == unequal
    assert counts.equal == 1 - unequal
    assert counts.unfinished == counts.damaged == []


def test_a_page_that_is_neither_the_one_before_nor_the_one_to_come_is_wrong(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = Counts()
    look = kills.reader({FIRST: {NO_PAGE}}, counts)
    look()
    monkeypatch.setattr(kills, "_read", lambda day: "another page")
    look()
    assert dict(counts.reads) == {"right": 1, "wrong": 1}


def test_right_pages_are_those_before_a_job_and_after_it(tmp_path: Path) -> None:
    night = published.DAY
    published.publish(tmp_path / "before" / "tables", night - timedelta(days=1), service.READER)
    shutil.copytree(tmp_path / "before", tmp_path / "after")
    published.publish(tmp_path / "after" / "tables", night, service.READER)
    right = kills.pages(tmp_path, night)
    [before] = right[night - timedelta(days=1)]
    assert before != NO_PAGE
    assert NO_PAGE in right[night] and len(right[night]) == 2
    counts = Counts()
    with environment_variables(**places_of(tmp_path / "after")):
        kills.reader(right, counts)()
    assert dict(counts.reads) == {"right": 2}


def test_every_step_has_its_share_of_the_kills(tmp_path: Path) -> None:
    steps = kills.steps(tmp_path, date(2026, 1, 5))
    shares = dict(kills.shares(steps, 60))
    assert sum(shares.values()) == 60
    assert min(shares.values()) >= 5
