"""Faults of a night are planted for real, and one that nobody would hear of is counted."""

from datetime import timedelta
from pathlib import Path
from random import Random
from typing import get_args

import pytest

from benchmarks.trust import alarms
from benchmarks.trust.alarms import is_named
from benchmarks.trust.made import rows, write
from benchmarks.trust.night_faults import Fault, faults
from benchmarks.trust.nights import morning, told
from conf.alarms import Kind
from conf.schedule import CADENCES
from jobs.io import status as status_module
from jobs.serve_pages import serve_pages
from tests import published
from tests.published import DAY

LEAST = 40
HEARD_BY_STATUS = (
    "contexts: entry emptied, unread",
    "first night that never began",
    "release without a store",
    "release cut short",
    "day on hold",
    "release on hold",
    "ranker on hold",
)


@pytest.fixture
def service(root: Path, lake: Path) -> Path:
    """A service whose ranker, log and release are there."""
    for ds in (DAY - timedelta(days=1), DAY):
        event = {"profile_id": "ann", "title_id": "t01", "ds": ds, "kind": "play"}
        at = published.end_of(ds) - timedelta(hours=1)
        published.write(lake, "events", [{**event, "event_at": at, "known_at": at}])
    ranker = rows("rankers", DAY, Random(1), 1).to_pylist()[0]
    ranker |= {"ranker": "top_picks", "promoted": True, "model": "tree\n" * 9}
    published.write(lake, "rankers", [ranker])
    write("contexts", rows("contexts", DAY, Random(1), 3))
    serve_pages(published.UNTIL, now=published.UNTIL)
    published.update(lake, published.UNTIL + timedelta(minutes=10), "bob")
    serve_pages(published.UNTIL + timedelta(minutes=10), now=published.NOW + timedelta(minutes=9))
    return lake


def test_there_are_faults_of_every_kind_and_each_has_its_name(service: Path) -> None:
    planted = faults(DAY)
    assert len({fault.name for fault in planted}) == len(planted) >= LEAST
    assert set(get_args(Kind)) <= {fault.words[0] for fault in planted}
    for fault in planted:
        assert set(fault.tasks) <= set(CADENCES[fault.dag_id].jobs)


@pytest.mark.parametrize("name", HEARD_BY_STATUS)
def test_fault_without_a_task_is_heard_by_status_and_missed_without_its_check(
    service: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (fault,) = [fault for fault in faults(DAY) if fault.name == name]
    looks = morning(DAY) + timedelta(hours=fault.hours)
    assert not is_named(fault, told(looks))
    fault.plant(DAY)
    assert is_named(fault, told(looks))
    monkeypatch.setattr(status_module, "_look", lambda *_: None)
    assert not is_named(fault, told(looks))


def test_small_disk_is_left_out_where_nobody_may_mount_one(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = [Fault("small disk", ("full",), before="mount"), Fault("x", ("failed",))]
    monkeypatch.setattr(alarms, "may_mount", lambda: False)
    assert alarms.possible(wanted) == wanted[1:]
    monkeypatch.setattr(alarms, "may_mount", lambda: True)
    assert alarms.possible(wanted) == wanted


def test_one_line_has_to_have_all_the_words() -> None:
    fault = Fault("x", ("failed", "drafts"))
    assert is_named(fault, ["all is well", "failed: table drafts"])
    assert not is_named(fault, ["failed: table audits", "retried: drafts"])
