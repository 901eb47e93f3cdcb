"""What became of days, pages, rankers and experiments over time."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from jobs.io.published.receipts import PublicationReceipt
from studio.reports.history import (
    HEIGHT,
    MOST_WEEKS,
    calendar,
    experiments,
    line,
    page_metrics,
    ranker_metrics,
    state_of,
)

MONDAY = date(2026, 1, 5)


def receipt(rows: int = 3, on_hold: bool = False) -> PublicationReceipt:
    return PublicationReceipt(MONDAY, 1, rows, 1, "hash", on_hold=on_hold)


@pytest.mark.parametrize(
    ("state", "day"),
    [
        ("published", {"receipt": receipt()}),
        ("stale", {"receipt": receipt(), "stale": ["late events"]}),
        ("on hold", {"receipt": receipt(on_hold=True), "stale": ["on hold"]}),
        ("withdrawn", {"receipt": receipt(rows=0)}),
        ("refused", {"receipt": receipt(), "failed": ["rule"]}),
        ("built", {}),
    ],
)
def test_each_day_has_one_state(state: str, day: dict[str, Any]) -> None:
    assert state_of({"receipt": None, "failed": None, "stale": []} | day) == state


def test_calendar_has_whole_weeks_and_ends_with_the_newest() -> None:
    days = [
        {"ds": date(2026, 1, 7), "state": "published"},
        {"ds": date(2026, 1, 14), "state": "stale"},
    ]
    weeks = calendar(days)
    assert [len(week) for week in weeks] == [7, 7] and weeks[0][0] == (MONDAY, "none")
    assert weeks[0][2] == (date(2026, 1, 7), "published") and weeks[1][2][1] == "stale"
    assert calendar([]) == []
    ages_apart = [{"ds": date(2020, 1, 1), "state": "built"}, days[1]]
    assert len(calendar(ages_apart)) == MOST_WEEKS


def test_pages_are_measured_by_the_last_audit_of_each_day() -> None:
    def audit(day: int, version: int, pages: float) -> dict[str, Any]:
        measures = {
            "all|pages": pages,
            "all|profiles": 10.0,
            "all|rows": 3 * pages,
            "all|cells": 9.0,
        }
        return {"ds": date(2026, 1, day), "drafts_version": version, "measures": measures}

    lines = page_metrics([audit(2, 5, 5.0), audit(1, 1, 10.0), audit(2, 4, 1.0)])
    share = next(each for each in lines if each["name"] == "share of profiles with a page")
    assert share["first"] == (date(2026, 1, 1), 1.0) and share["last"] == (date(2026, 1, 2), 0.5)
    assert page_metrics([{"ds": MONDAY, "drafts_version": 1, "measures": None}]) == []


def test_line_stays_in_its_frame_and_leaves_out_what_is_no_number() -> None:
    values = [
        (date(2026, 1, day), value) for day, value in enumerate([1.0, None, float("nan"), 3.0], 1)
    ]
    drawn = line("x", values)
    assert (drawn["count"], drawn["low"], drawn["high"]) == (2, 1.0, 3.0)
    heights = [float(point.split(",")[1]) for point in drawn["points"].split()]
    assert heights == [HEIGHT - 2, 2.0]
    assert line("x", [(MONDAY, 1.0)])["points"] == f"0.0,{HEIGHT - 2:.1f}"
    assert line("x", [])["points"] == ""


def test_rankers_have_a_line_for_each_metric() -> None:
    rows = [
        {"ds": date(2026, 1, day), "ranker": "pvr", "metrics": [("ndcg", day / 10)]}
        for day in (2, 1)
    ]
    (only,) = ranker_metrics([*rows, {"ds": MONDAY, "ranker": "new", "metrics": None}])
    assert only["name"] == "pvr: ndcg" and only["first"][1] == 0.1 and only["last"][1] == 0.2


def test_experiment_is_told_by_its_newest_decision_and_result() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    decisions = [
        {"experiment": "rows", "action": "stop", "winner": None, "decided_at": at.replace(day=9)},
        {"experiment": "rows", "action": "start", "winner": None, "decided_at": at},
        {"experiment": "quiet", "action": "start", "winner": None, "decided_at": at},
    ]
    results = [
        {"experiment": "rows", "role": role, "ds": date(2026, 1, day), "cell": "b"}
        for role, day in (("metric", 2), ("metric", 3), ("guardrail", 4))
    ]
    quiet, rows = experiments(decisions, results)
    assert (quiet["action"], quiet["results"]) == ("start", [])
    assert rows["action"] == "stop" and [each["ds"] for each in rows["results"]] == [
        date(2026, 1, 3)
    ]
