"""How the service stands: each thing that may be wrong is planted and found, and nothing else is."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from benchmarks.trust.made import rows
from conf.alarms import alarm_settings
from conf.days import end_of
from conf.settings import load_settings
from jobs.io import status as status_module
from jobs.io.alarms import Alarm, raise_alarm
from jobs.io.published import ranker_holds, rollbacks
from jobs.io.published.ranker_holds import ON_HOLD
from jobs.io.serving import releases
from jobs.io.status import add_stale_days, status
from jobs.io.tables import seals
from jobs.io.tables.partitions import day_key
from jobs.serve_pages import serve_pages
from tests import published
from tests.published import DAY, EVE, UNTIL

MORNING = end_of(DAY) + timedelta(hours=7)
REAL_NOW = datetime.now(UTC)


@pytest.fixture
def living(root: Path, lake: Path) -> Path:
    """A service with a release whose log goes on: an event of each published day."""
    for ds in (EVE, DAY):
        row = {"profile_id": "ann", "title_id": "t01", "ds": ds, "kind": "play"}
        at = {"event_at": end_of(ds) - timedelta(hours=1), "known_at": end_of(ds)}
        published.write(lake, "events", [{**row, **at}])
    serve_pages(UNTIL, now=UNTIL)
    return lake


def write(table: str, records: list[dict[str, object]]) -> None:
    """Append to a table of the service."""
    published.write(Path(load_settings().tables_root), table, records)


def found(now: datetime = MORNING) -> list[tuple[str, str]]:
    """Kinds and texts, but for what the fixture's own clock brings: it publishes today."""
    return [
        (finding.kind, finding.text) for finding in status(now).findings if finding.kind != "clock"
    ]


def test_nothing_is_wrong_with_a_day_that_was_published_in_time(living: Path) -> None:
    assert found() == []
    facts = status(MORNING).facts
    assert (facts["published"], facts["release_of"]) == (DAY, DAY)
    assert facts["release"] == releases.serving_id(releases.folder_of(load_settings().home_path))


def test_day_is_late_from_its_deadline_on_and_not_before(living: Path) -> None:
    deadline = end_of(DAY + timedelta(days=1)) + timedelta(
        minutes=alarm_settings().deadlines["homepage_daily"]
    )
    assert found(deadline - timedelta(seconds=1)) == []
    assert found(deadline) == [
        ("late", f"1998-04-23 should be published; the newest published day is {DAY}"),
        ("late", f"those of 1998-04-23 should be landed; the newest are of {DAY}"),
    ]


def test_log_that_has_ended_is_never_late(living: Path) -> None:
    assert found(end_of(DAY) + timedelta(days=31)) == []


def test_declared_last_day_that_is_missing_is_late(living: Path, monkeypatch) -> None:
    monkeypatch.setenv("FRONTROW_SCHEDULE_END", "1998-04-30")
    assert [kind for kind, _ in found()] == ["late"]


def test_day_that_the_audit_refused_is_named_until_it_passes(living: Path) -> None:
    row = {"ds": DAY, "rule": "rows_as_before", "observed": "3", "examples": []}
    row |= {"content_hash": "x", "passed": False, "drafts_version": 4}
    published.write(living, "audits", [row])
    assert found() == [("refused", "the audit failed: rows_as_before")]
    published.write(living, "audits", [row | {"passed": True, "drafts_version": 5}])
    assert found() == []


def test_release_older_than_the_newest_day_is_stale(living: Path) -> None:
    published.publish(living, DAY + timedelta(days=1))
    later = REAL_NOW + timedelta(hours=2)  # the fixture dates receipts by the real clock
    assert [kind for kind, _ in found(later)] == ["stale"]


def test_release_that_is_not_whole_is_stale(living: Path) -> None:
    root = releases.folder_of(load_settings().home_path)
    (root / str(releases.serving_id(root)) / releases.MANIFEST).write_text("{}")
    assert found() == [("stale", "is not there whole")]


def test_release_without_one_of_its_stores_is_stale(living: Path) -> None:
    root = releases.folder_of(load_settings().home_path)
    store = releases.store_path(root, str(releases.serving_id(root)), "base")
    store.write_bytes(store.read_bytes()[:1000])
    assert found() == [("stale", "is not there whole")]
    store.unlink()
    assert found() == [("stale", "is not there whole")]


def test_what_is_on_hold_is_named_until_it_is_lifted(living: Path) -> None:
    root = releases.folder_of(load_settings().home_path)
    ranker = rows("rankers", DAY, Random(1), 1).to_pylist()[0]
    write("rankers", [ranker | {"ranker": "pvr", "reason": f"{ON_HOLD}rolled back at noon"}])
    rollbacks.roll_back_day(EVE)
    releases.hold(root, str(releases.serving_id(root)))
    held = [finding.subject for finding in status(MORNING).findings if finding.kind == "hold"]
    assert held == [f"table homepage_rows, ds={EVE}", "release", "ranker pvr"]
    rollbacks.lift("homepage_rows", day_key(EVE))
    ranker_holds.lift_ranker("pvr")
    releases.lift(root)
    assert "hold" not in {kind for kind, _ in found()}


def test_table_that_nobody_reads_and_is_not_as_it_was_sealed_is_named(living: Path) -> None:
    write("contexts", rows("contexts", DAY, Random(1), 3).to_pylist())
    seals.seal("contexts")
    assert found() == []
    folder = living / "contexts"
    (folder / min(seals.chain_of(folder).files)).unlink()
    ((kind, text),) = found()
    assert kind == "failed" and text.endswith("is missing")


def test_days_whose_inputs_changed_are_a_fact_and_no_fault(living: Path) -> None:
    """The fixture's events are written after the features of its days."""
    seen = status(MORNING)
    assert "stale_days" not in seen.facts, "it takes time, and pages ask for a status too"
    add_stale_days(seen)
    assert seen.facts["stale_days"] == {str(DAY): "1 events up to its end came since"}
    assert "stale" not in {finding.kind for finding in seen.findings}


def test_what_lies_ahead_of_the_clock_is_named(living: Path) -> None:
    subjects = [f.subject for f in status(UNTIL - timedelta(days=1)).findings if f.kind == "clock"]
    assert any(subject.startswith("release") for subject in subjects)
    later = status(REAL_NOW + timedelta(days=1))
    assert [f for f in later.findings if f.kind == "clock"] == []


def test_disk_without_space_is_full(living: Path, monkeypatch) -> None:
    class Usage:
        free = 10**8

    monkeypatch.setattr(status_module.shutil, "disk_usage", lambda _: Usage)
    assert {kind for kind, _ in found()} == {"full"}


def test_alarm_is_named_until_its_day_was_published(living: Path) -> None:
    def alarm(at: datetime, when: str) -> None:
        raise_alarm(
            Alarm(at=at, kind="failed", subject="homepage_daily.run_audits", when=when, text="no")
        )

    alarm(MORNING, str(DAY))  # DAY was published by the real clock, later
    alarm(MORNING, "1998-04-23")
    assert found() == [("failed", "no")]
    day_later = found(MORNING + timedelta(hours=alarm_settings().heard_hours, seconds=1))
    assert {kind for kind, _ in day_later} == {"late"}, "and no longer failed"


def test_table_that_cannot_be_read_is_a_finding(living: Path) -> None:
    for log in (living / "publications" / "_delta_log").glob("*.json"):
        log.write_text("not a log\n")
    kinds = {kind for kind, _ in found()}
    assert "failed" in kinds


def test_empty_home_is_no_fault(lake: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("FRONTROW_HOME", str(tmp_path / "none"))
    assert status().findings == []
