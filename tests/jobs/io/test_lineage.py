"""The lineage of a step: which tables at which versions, and how much of the day it built."""

import json
import subprocess
import sys
from datetime import date
from random import Random

import pytest

from benchmarks.trust.made import rows, write
from conf.errors import UserMistake
from conf.ticks import tick_named
from jobs.io import lineage as lineage_of
from jobs.io.lineage import lineage

MONDAY, TUESDAY = date(2026, 1, 5), date(2026, 1, 6)


def build(name: str, ds: date, count: int) -> None:
    write(name, rows(name, ds, Random(count), count))


def test_a_step_reads_and_writes_what_contracts_say(lake):
    found = lineage("run_audits", MONDAY)
    assert "drafts" in [each["name"] for each in found["inputs"]]
    assert {each["name"] for each in found["outputs"]} >= {"audits", "title_health"}
    assert all(each["version"] is None for part in found.values() for each in part)


def test_outputs_count_the_day_alone_and_name_the_version(lake):
    build("daily_counts", MONDAY, 2)
    build("daily_counts", TUESDAY, 3)
    (counts,) = lineage("build_daily_counts", TUESDAY)["outputs"]
    assert (counts["version"], counts["rows"], counts["files"]) == (1, 3, 1)
    assert counts["bytes"] > 0
    (nothing,) = lineage("build_daily_counts", date(2026, 1, 7))["outputs"]
    assert (nothing["rows"], nothing["files"]) == (0, 0)


def test_of_a_tick_only_its_own_rows_count(lake):
    build("freshness", MONDAY, 4)
    build("freshness", TUESDAY, 1)
    (freshness,) = lineage("measure_freshness", tick_named(MONDAY, "2110"))["outputs"]
    assert freshness["rows"] == 4
    (another,) = lineage("measure_freshness", tick_named(MONDAY, "2120"))["outputs"]
    assert another["rows"] == 0


def test_it_is_printed_as_json(lake):
    build("daily_counts", MONDAY, 1)
    command = [sys.executable, "-m", "jobs.io.lineage", "build_daily_counts", "--ds", str(MONDAY)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert json.loads(printed) == lineage("build_daily_counts", MONDAY)


def test_an_export_writes_no_table(lake):
    found = lineage("serve_pages", MONDAY)
    assert found["outputs"] == []
    assert {each["name"] for each in found["inputs"]} == {"homepage_rows", "homepage_updates"}


@pytest.mark.parametrize("given", [["--ds", "yesterday"], ["--until", "soon"]])
def test_what_is_no_day_and_no_instant_is_refused(given):
    with pytest.raises(UserMistake, match="yesterday|soon"):
        lineage_of.main(["run_audits", *given])
