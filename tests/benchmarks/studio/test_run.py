"""`frontrow bench studio` on a small service: figures of titles, addresses, and one line for none."""

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pyarrow as pa
from click.testing import CliRunner

from benchmarks.studio import run
from benchmarks.studio.views import addresses
from conf.errors import UserMistake


def test_state_that_no_rule_explains_is_counted() -> None:
    states = pa.chunked_array([["shown", "removed"], ["unexplained", "shown"]])
    assert run.health_complete(states) == 0.75


def test_title_in_most_rows_of_each_page_is_counted() -> None:
    rows = [("ann", "a b"), ("ann", "b c"), ("ann", "b"), ("bob", "a"), ("bob", "c")]
    cells = [[{"title_id": title} for title in titles.split()] for _, titles in rows]
    pages = pa.table({"profile_id": [name for name, _ in rows], "cells": cells})
    assert run.median_of_most(pages) == 2.0  # three of ann's, one of bob's


def test_addresses_of_hostile_ids_are_whole() -> None:
    asked = addresses(["a&b=c #"], ["<t>"], ["2026-01-01"], 3)
    assert all(len(paths) == 3 for paths in asked.values())
    query = parse_qs(urlsplit(asked["homepage"][0]).query)
    assert query == {"profile": ["a&b=c #"]}


def test_home_without_title_health_is_one_line(lake: Path) -> None:
    error = CliRunner().invoke(run.studio, []).exception
    assert isinstance(error, UserMistake) and "a night built now writes it" in str(error)
