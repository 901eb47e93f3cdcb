"""`frontrow stale` lists the days that would be others now, and no others."""

import json
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.stale import stale
from conf.days import end_of
from jobs import direct
from tests import published
from tests.published import DAY, EARLY, EVE

MORNING = datetime(1998, 4, 21, 9, tzinfo=UTC)


@pytest.fixture
def service(lake: Path) -> Path:
    """Two published days that were built of what is there."""
    event(lake, MORNING)
    published.catalogue(lake)
    published.settings(lake, EARLY, "ann")
    time.sleep(0.05)  # instants of files and commits are told in milliseconds
    for ds in (EVE, DAY):
        published.write(lake, "drafts", published.page_rows(ds))
        published.publish(lake, ds)
    time.sleep(0.05)
    return lake


def event(lake: Path, known_at: datetime, landing: str = "one") -> None:
    facts = {"profile_id": "ann", "title_id": "t01", "kind": "play", "source": "test"}
    instants = {"event_at": known_at, "known_at": known_at, "ds": known_at.date()}
    published.write(
        lake, "events", [facts | instants | {"event_id": f"{known_at}", "landing_id": landing}]
    )


def days() -> dict[str, list[str]]:
    said = CliRunner().invoke(stale, ["--json"], catch_exceptions=False).output
    return {day["ds"]: day["reasons"] for day in json.loads(said)["stale"]}


def test_nothing_is_stale_after_publication(service: Path) -> None:
    assert days() == {}


def test_late_event_makes_its_day_and_those_after_it_stale(service: Path) -> None:
    event(service, end_of(DAY) - timedelta(hours=1), "late")
    assert days() == {str(DAY): ["1 events up to its end came since"]}
    event(service, MORNING + timedelta(hours=1), "later")
    assert set(days()) == {str(EVE), str(DAY)}


def test_event_of_a_later_day_makes_none_stale(service: Path) -> None:
    event(service, end_of(DAY) + timedelta(hours=1))
    assert days() == {}


def test_correction_that_was_known_by_then_makes_days_stale(service: Path) -> None:
    published.settings(service, end_of(DAY) + timedelta(hours=1), "ann", maturity_limit=7)
    assert days() == {}
    published.settings(service, end_of(EVE) + timedelta(hours=1), "ann", maturity_limit=7)
    assert days() == {str(DAY): ["1 records of profiles known by its end came since"]}


def test_correction_known_at_the_very_end_of_a_day_counts_for_it(service: Path) -> None:
    published.settings(service, end_of(DAY) + timedelta(microseconds=1), "ann", maturity_limit=7)
    assert days() == {}
    published.settings(service, end_of(DAY), "ann", maturity_limit=7)
    assert days() == {str(DAY): ["1 records of profiles known by its end came since"]}


def test_drafts_that_were_not_published_make_their_day_stale(service: Path) -> None:
    published.write(service, "drafts", published.page_rows(DAY))
    assert days() == {str(DAY): ["its drafts were built again and not published"]}


def test_rebuild_builds_exactly_the_stale_days(
    service: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built: list[date] = []

    class Session:
        def stop(self) -> None:
            """Nothing was opened."""

    def run_dag(_: object, dag_id: str, ds: date) -> dict[str, str]:
        built.append(ds)
        return {"publish_homepage_rows": dag_id}

    monkeypatch.setattr(direct, "run_dag", run_dag)
    monkeypatch.setattr("jobs.io.session.open_session", lambda _: Session())
    event(service, end_of(DAY) - timedelta(hours=1), "late")
    CliRunner().invoke(stale, ["--rebuild"], catch_exceptions=False)
    assert built == [DAY]
