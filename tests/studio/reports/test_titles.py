"""How titles stand: what the table says, found by name, and the same rule on days to come."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from conf.days import end_of
from conf.errors import UserMistake
from jobs.io.tables import arrow as arrow_tables
from studio.reports.catalogue import known_titles
from studio.reports.titles import OPEN, dry_run, health_of_day, rule_at, title_report
from tests import drafts, healthy
from tests.built import tables_at


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    root = tmp_path_factory.mktemp("healthy")
    with tables_at(root):
        healthy.write_healthy(root)
        yield root


def test_titles_that_nobody_was_shown_are_those_on_no_page(service: Path) -> None:
    _, health = health_of_day()
    on_pages = {
        cell["title_id"]
        for row in arrow_tables.filtered_rows("drafts").to_pylist()
        for cell in row["cells"]
    }
    unseen = {each["title_id"] for each in health.unseen()}
    assert unseen == set(drafts.TITLES) - on_pages
    assert {"soon", "grim", "thai", "abroad"} <= unseen
    of_rule = {each["title_id"] for each in health.unseen("NO", "not_launched")}
    assert of_rule == {"soon"}
    with pytest.raises(UserMistake, match="known: BR, NO"):
        health.unseen("XX")


def test_rules_are_counted_by_country(service: Path) -> None:
    by_rule = {each["reason"]: each for each in health_of_day()[1].by_rule()}
    assert by_rule["not_launched"]["by_country"] == {"": 1, "BR": 1, "NO": 1}
    assert by_rule["window_ended"]["by_country"]["NO"] == 1
    assert by_rule["no_profiles"]["by_country"]["NO"] == 0


def test_a_title_is_found_by_id_by_name_and_by_a_part_of_it(service: Path) -> None:
    known = known_titles()
    for text in ("grim", "NAME grim", "e gri"):
        assert known.find(text)["title_id"] == "grim"
    with pytest.raises(UserMistake, match="titles have a name like"):
        known.find("name")
    with pytest.raises(UserMistake, match="no title has the id"):
        known.find("nothing of the kind")


def test_a_title_is_told_country_by_country_with_what_mends_it(service: Path) -> None:
    report = title_report("grim")
    norway = next(each for each in report["countries"] if each["country"] == "NO")
    assert norway["reason"] == "above_age_limits" and "maturity" in norway["mend"]
    assert any("Not for children" in note for note in report["notes"])
    shown = title_report("t00", "NO")["countries"]
    assert [each["country"] for each in shown] == ["NO"] and shown[0]["health"] == "shown"


def test_the_rule_of_one_title_is_that_of_the_table(service: Path) -> None:
    known = known_titles()
    rows = arrow_tables.filtered_rows("title_health").to_pylist()
    of_time = {"not_launched", "window_ahead", "window_ended", "no_window"}
    for row in rows:
        title = known.titles[row["title_id"]]
        windows = known.windows.get(row["title_id"])
        by_country = windows.by_country if windows else {}
        rule = rule_at(title["launched_at"], by_country, row["country"], end_of(row["ds"]))
        expected = row["health_reason"] if row["health_reason"] in of_time else OPEN
        assert rule == expected, row


def test_a_launch_within_the_days_to_come_is_seen_to_open(service: Path) -> None:
    days = dry_run("soon", "NO")["countries"][0]["days"]
    assert [day["reason"] for day in days] == ["not_launched"] * 3 + [OPEN] * 5


def test_a_window_holds_from_its_beginning_until_its_end() -> None:
    begins = datetime(2026, 1, 2, tzinfo=UTC)
    ends = begins + timedelta(days=1)
    windows = {"NO": [(begins, ends)]}
    second = timedelta(seconds=1)
    rules = [
        rule_at(None, windows, "NO", at) for at in (begins - second, begins, ends - second, ends)
    ]
    assert rules == ["window_ahead", OPEN, OPEN, "window_ended"]
    assert rule_at(None, windows, "SE", begins) == "no_window"
    assert rule_at(None, {}, "SE", begins) == OPEN
