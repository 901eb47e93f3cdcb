"""`frontrow metrics` on a small published lake that deltalake wrote: figures worked out by hand."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from click.testing import CliRunner
from deltalake import write_deltalake

from cli.metrics import metrics
from conf.errors import UserMistake

EARLY, DAY, BEFORE = datetime(1998, 1, 1, tzinfo=UTC), date(1998, 4, 22), date(1998, 4, 21)
PAGES = {  # profile: rows of titles, kind first
    "ann": [("top_picks", "a b c d"), ("popular", "e f a b")],
    "bob": [("popular", "a e"), ("new", "f")],
}
YESTERDAY = {"ann": [("top_picks", "a b c d"), ("popular", "x f a b")]}


def rows_of(pages: dict[str, list[tuple[str, str]]], ds: date) -> list[dict[str, Any]]:
    return [
        {
            "profile_id": name,
            "row_position": position,
            "row_kind": kind,
            "builder": "template",
            "ds": ds,
            "cells": [
                {"column_position": c, "title_id": t} for c, t in enumerate(titles.split(), 1)
            ],
        }
        for name, rows in pages.items()
        for position, (kind, titles) in enumerate(rows, 1)
    ]


@pytest.fixture
def published(lake: Path) -> Path:
    rest = {"known_at": EARLY, "landing_id": "1"}
    titles = [
        {"title_id": t, "genres": ["Drama"] if t in "abx" else ["Comedy"], **rest}
        for t in "abcdefx"
    ]
    write(lake, "titles", titles)
    for version, (ds, pages) in enumerate(((BEFORE, YESTERDAY), (DAY, PAGES))):
        rows = rows_of(pages, ds)
        write(lake, "homepage_rows", rows, partition_by=["ds"])
        write(
            lake,
            "publications",
            [
                {
                    "table_name": "homepage_rows",
                    "table_version": version,
                    "rows_count": len(rows),
                    "profiles_count": len(pages),
                    "content_hash": "x",
                    "ds": ds,
                }
            ],
        )
    facts = [
        {
            "profile_id": "ann",
            "country": "NO",
            "kids": False,
            "profile_first_play_age_days": 400.0,
            "history": [{"title_id": "b"}, {"title_id": "c"}],
            "ds": DAY,
        },
        {
            "profile_id": "bob",
            "country": "NO",
            "kids": True,
            "profile_first_play_age_days": 3.0,
            "history": [{"title_id": "x"}],
            "ds": DAY,
        },
    ]
    write(lake, "profile_features", facts, partition_by=["ds"])
    ages = [
        {
            "title_id": t,
            "title_launch_age_days": None,
            "title_first_play_age_days": 5.0 if t == "f" else 90.0,
            "ds": DAY,
        }
        for t in "abcdefx"
    ]
    write(lake, "title_features", ages, partition_by=["ds"])
    plays = [
        ("ann", "a", 23),
        ("ann", "f", 24),
        ("ann", "b", 23),
        ("bob", "c", 23),
        ("bob", "e", 30),
    ]
    at = {day: datetime(1998, 4, day, tzinfo=UTC) for _, _, day in plays}
    write(
        lake,
        "events",
        [{"profile_id": p, "title_id": t, "kind": "play", "event_at": at[d]} for p, t, d in plays],
    )
    write(
        lake, "profiles", [{"profile_id": p, "account_id": "one", **rest} for p in ("ann", "bob")]
    )
    return lake


def write(lake: Path, name: str, rows: list[dict[str, Any]], **more: Any) -> None:
    write_deltalake(str(lake / name), pa.Table.from_pylist(rows), mode="append", **more)


def told(*arguments: str) -> dict[tuple[str, str], tuple[Any, int]]:
    done = CliRunner().invoke(metrics, [*arguments, "--json"], catch_exceptions=False)
    return {
        (one["metric"], one["value"]): (one["mean"], one["pages"])
        for one in json.loads(done.output)["pages"]
    }


def test_metrics_of_what_was_played_count_new_plays_in_the_days_after(published: Path) -> None:
    # ann plays a, f and b, which she had played before; both new ones stand in her 3 x 4; bob plays c, e comes late
    assert told("--metric", "recall_3x4", "--by", "all,kids", "--horizon", "5") == {
        ("recall_3x4", "all"): (0.5, 2),
        ("recall_3x4", "grown-up"): (1.0, 1),
        ("recall_3x4", "kids"): (0.0, 1),
    }
    assert told("--metric", "recall_3x4", "--horizon", "9")["recall_3x4", "all"] == (0.75, 2)


def test_composition_and_stability_of_the_first_screen(published: Path) -> None:
    found = told("--by", "all,tenure")
    assert found["rows", "all"] == (2.0, 2) and found["cells_per_row", "all"] == ((4 + 1.5) / 2, 2)
    # ann: a b c d e f against a b c d x f: 5 of 7; bob had no page the day before
    assert found["stability", "all"] == (pytest.approx(5 / 7), 1)
    assert found["duplicates", "all"] == (1.0, 2)  # a and b twice on ann's page, none on bob's
    assert found["new_share", "all"] == (pytest.approx((1 / 8 + 1 / 3) / 2), 2)
    assert found["new_share", "365 days and more"][1] == found["new_share", "under 30 days"][1] == 1


def test_catalogue_and_kinds_are_told(published: Path) -> None:
    done = json.loads(CliRunner().invoke(metrics, ["--json"], catch_exceptions=False).output)
    assert done["row_kinds"] == {"new": 0.25, "popular": 0.5, "top_picks": 0.25}
    assert done["catalogue"]["coverage"] == pytest.approx(6 / 7) and done["navigation"] == {}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--metric", "beauty"], "choose from recall_3x4"),
        (["--by", "mood"], "choose from all, builder"),
        (["--ds", "1998-05-01"], "no page was published for ds=1998-05-01"),
        (["--device", "fridge"], "tv, web, phone"),
    ],
)
def test_mistake_names_what_there_is(published: Path, arguments: list[str], said: str) -> None:
    error = CliRunner().invoke(metrics, arguments).exception
    assert isinstance(error, UserMistake) and said in str(error)


def test_day_before_that_is_not_what_its_receipt_says_only_costs_the_stability(
    published: Path,
) -> None:
    write(
        published,
        "publications",
        [
            {
                "table_name": "homepage_rows",
                "table_version": 0,
                "rows_count": 9,
                "profiles_count": 1,
                "content_hash": "y",
                "ds": BEFORE,
            }
        ],
    )
    found = told()
    assert found["rows", "all"] == (2.0, 2) and found.get(("stability", "all"), (None, 0))[1] == 0
