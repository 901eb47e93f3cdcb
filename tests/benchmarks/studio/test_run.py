"""`frontrow bench studio` on a small service: figures of titles, addresses, and one line for none."""

import json
import os
import subprocess
import sys
import urllib.error
from collections import Counter
from contextlib import nullcontext
from email.message import Message
from io import BytesIO
from pathlib import Path
from statistics import median
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyarrow as pa
import pytest
from click.testing import CliRunner

from benchmarks.studio import figures, home, run
from benchmarks.studio.home import counted, tree_cpu_s
from benchmarks.studio.views import Studio, addresses, cpu_s, view_times
from conf.errors import Rejected, UserMistake
from conf.settings import load_settings
from jobs import direct
from jobs.io.published import homepage
from jobs.io.shown_titles import title_batches
from jobs.io.tables.ranges import table_day
from studio import reading
from studio.reports import trace
from tests.built import DAYS, tables_at


def test_state_that_no_rule_explains_is_counted() -> None:
    states = pa.chunked_array([["shown", "removed"], ["unexplained", "shown"]])
    assert figures.health_complete(states) == 0.75


def test_title_in_most_rows_of_each_page_is_counted() -> None:
    rows = [("ann", "a b"), ("ann", "b c"), ("ann", "b"), ("bob", "a"), ("bob", "c")]
    cells = [[{"title_id": title} for title in titles.split()] for _, titles in rows]
    pages = pa.table({"profile_id": [name for name, _ in rows], "cells": cells})
    assert figures.median_of_most(pages.to_batches()) == 2.0  # three of ann's, one of bob's


def test_addresses_of_hostile_ids_are_whole() -> None:
    asked = addresses(["a&b=c #"], ["<t>"], [{"row": "a&b"}], ["2026-01-01"], [""], 3)
    assert all(len(paths) == 3 for paths in asked.values())
    query = parse_qs(urlsplit(asked["homepage"][0]).query)
    assert query == {"profile": ["a&b=c #"]}


def test_home_without_title_health_is_one_line(lake: Path) -> None:
    error = CliRunner().invoke(run.studio, ["--here"]).exception
    assert isinstance(error, UserMistake) and "a night built now writes it" in str(error)


def test_share_of_explained_cells_falls_with_the_first_that_is_not(
    built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tables_at(built):
        assert figures.trace_complete(["p1", "p2"], DAYS[1], 2) == 1.0
        told = iter([False])
        monkeypatch.setattr(trace, "is_complete", lambda _: next(told, True))
        assert 0.9 < figures.trace_complete(["p1", "p2"], DAYS[1], 2) < 1.0


def test_titles_of_stored_pages_are_counted(built: Path) -> None:
    with tables_at(built):
        day = table_day("homepage_rows", DAYS[1], homepage.trusted_version_of(DAYS[1]))
        most = []
        for name in reading.profiles_of(DAYS[1]):
            rows = homepage.page_records(name, DAYS[1])
            of_rows = Counter(cell["title_id"] for row in rows for cell in row["cells"])
            most.append(max(of_rows.values()))
        assert figures.median_of_most(title_batches(day)) == median(most)


def test_cells_are_drawn_of_pages_that_have_them(built: Path) -> None:
    with tables_at(built):
        for cell in figures._cells(["p1", "p2"], DAYS[1], 4):
            rows = homepage.page_records(cell["profile"], DAYS[1])
            row = next(row for row in rows if row["row_id"] == cell["row"])
            assert cell["title"] in {each["title_id"] for each in row["cells"]}


def test_processor_time_of_a_call_is_counted() -> None:
    with counted(json, "dumps") as spent:
        json.dumps(list(range(200_000)))
    assert len(spent) == 1 and spent[0] > 0
    before = tree_cpu_s()
    subprocess.run([sys.executable, "-c", "sum(range(10**7))"], check=True)
    assert tree_cpu_s() - before > 0.05
    assert cpu_s(os.getpid()) > 0


def test_a_view_that_cannot_be_shown_is_named_with_what_it_says() -> None:
    body = b"<html><main class='narrow'><h1>This cannot be shown</h1><p>no names yet</p></main>"

    def refuse(url: str, timeout: float) -> Any:
        raise urllib.error.HTTPError(url, 404, "Not Found", Message(), BytesIO(body))

    running: Any = Studio(SimpleNamespace(open=refuse), "http://studio", os.getpid())  # type: ignore[arg-type]
    with pytest.raises(Rejected, match="/search.* 404: This cannot be shown no names yet$"):
        view_times(running, {"search": ["/search?q=a"]})


def test_the_cost_of_a_night_is_measured_in_a_copy(
    built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = []

    def build(spark: Any, dag_id: str, day: Any, say: Any) -> None:
        days.append((dag_id, day))
        assert load_settings().tables_root != str(built)
        assert (Path(load_settings().tables_root) / "homepage_rows").is_dir()
        home.run_audits.write_title_health()
        sum(range(10**6))

    def within(folder: Path) -> Any:
        monkeypatch.setenv("FRONTROW_TABLES", str(folder / "tables"))
        return nullcontext()

    with tables_at(built):
        monkeypatch.setattr(home, "session", within)
        monkeypatch.setattr(direct, "run_dag", build)
        monkeypatch.setattr(home.run_audits, "write_title_health", lambda: sum(range(10**6)))
        share = home.share_of_a_copy(print)
    assert days == [("homepage_daily", DAYS[1])] * 2 and 0 < share < 1
