"""The status as OpenMetrics, read by Prometheus' own parser."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from conf.errors import UserMistake
from conf.settings import load_settings
from jobs.io.status import Status
from jobs.io.status_metrics import metrics, write_metrics

NOW = datetime(2026, 1, 6, 3, tzinfo=UTC)


@pytest.fixture
def found() -> Status:
    """A service with one late night and a nearly full disk."""
    facts = {
        "log_until": date(2026, 1, 5),
        "landed_at": datetime(2026, 1, 6, 1, tzinfo=UTC),
        "published": None,
        "quarantined": 3,
        "release_age_minutes": 1.5,
        "free_gb": {'/a "folder"': 2.5},
    }
    found = Status(NOW, load_settings(), facts)
    found.wrong("late", "homepage_rows", "2026-01-05 should be published")
    return found


def values(text: bytes) -> dict[tuple[str, ...], float]:
    """The value by the metric's name and its labels' values."""
    families = text_string_to_metric_families(text.decode())
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in families
        for sample in family.samples
    }


def test_each_kind_of_finding_is_counted_also_those_of_which_there_are_none(found):
    there = values(metrics(found))
    assert there["frontrow_findings", "late"] == 1
    assert there["frontrow_findings", "failed"] == 0


def test_instants_are_seconds_and_a_day_is_its_end(found):
    there = values(metrics(found))
    assert there[("frontrow_log_until_timestamp_seconds",)] == 1767657600  # 6 January, midnight
    assert there[("frontrow_landed_at_timestamp_seconds",)] == 1767661200
    assert there[("frontrow_status_timestamp_seconds",)] == NOW.timestamp()


def test_sizes_are_in_bytes_and_ages_in_seconds(found):
    there = values(metrics(found))
    assert there["frontrow_free_bytes", '/a "folder"'] == 2.5e9
    assert there[("frontrow_release_age_seconds",)] == 90
    assert there[("frontrow_quarantined",)] == 3


def test_what_is_not_known_is_left_out(found):
    names = {name for name, *_ in values(metrics(found))}
    assert "frontrow_published_timestamp_seconds" not in names
    assert "frontrow_held_versions" not in names


def test_the_file_is_whole_or_as_it_was(found, tmp_path: Path):
    path = tmp_path / "frontrow.prom"
    path.write_text("old")
    write_metrics(found, path)
    assert values(path.read_bytes())["frontrow_findings", "late"] == 1
    assert [each.name for each in tmp_path.iterdir()] == ["frontrow.prom"]


def test_a_folder_that_is_not_there_is_said_in_one_line(found):
    with pytest.raises(UserMistake, match=r"--metrics /nowhere/x.prom: No such file"):
        write_metrics(found, Path("/nowhere/x.prom"))
