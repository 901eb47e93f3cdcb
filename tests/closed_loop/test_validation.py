import math
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from deltalake import write_deltalake

from closed_loop.validation import Viewing, reality_check, reality_checks, viewing
from conf.reality import RealFigure, reality
from conf.world import world_settings
from tests.closed_loop.days_of_life import CHANCES, measures

START = datetime(2026, 1, 5, 23, 30, tzinfo=UTC)


def play(
    profile: str, title: str, hours: float, seconds: int, page: str | None = None
) -> dict[str, object]:
    """A play so many hours after half past eleven on the first evening."""
    return {
        "profile_id": profile,
        "title_id": title,
        "event_at": START + timedelta(hours=hours),
        "kind": "play",
        "watched_seconds": seconds,
        "page_id": page,
    }


PLAYS = [
    play("ann", "heat", 0, 3600, "page-a"),
    play("ann", "heat", 1, 7200, "page-a"),
    play("ann", "toys", 49, 3600),
    play("ann", "ship", 50, 1800, "page-a"),
    play("bob", "heat", 0, 3600, "page-b"),
    play("bob", "heat", 24, 1800),
    {**play("bob", "toys", 72, 0), "kind": "rating"},
]
PICKS = {"page-a": ["ship", "heat"], "page-b": ["toys", "ship"]}


@pytest.fixture
def landed(lake: Path) -> Path:
    schema = pa.schema(
        {
            "profile_id": pa.string(),
            "title_id": pa.string(),
            "event_at": pa.timestamp("us", "UTC"),
            "kind": pa.string(),
            "watched_seconds": pa.int64(),
            "page_id": pa.string(),
        }
    )
    write_deltalake(str(lake / "events"), pa.Table.from_pylist(PLAYS, schema))
    rows = [
        {
            "page_id": page,
            "row_kind": kind,
            "cells": [
                {"column_position": n + 1, "title_id": title} for n, title in enumerate(order)
            ],
        }
        for page, picks in PICKS.items()
        for kind, order in (("top_picks", picks), ("popular", picks[::-1]))
    ]
    cell = pa.struct({"column_position": pa.int32(), "title_id": pa.string()})
    kinds = pa.schema({"page_id": pa.string(), "row_kind": pa.string(), "cells": pa.list_(cell)})
    write_deltalake(str(lake / "homepage_rows"), pa.Table.from_pylist(rows, kinds))
    return lake


def test_the_log_is_summed_by_title_gap_and_place_in_the_own_order(landed):
    told = viewing()
    assert list(told.viewers) == [
        2,
        1,
        1,
    ]  # heat, ship, toys: two members watched heat, however often
    assert list(told.hours) == [4.5, 0.5, 1]
    # ann: 5 Jan, 6 Jan (half past midnight), 8 Jan; bob: 5 and 6 Jan, a rating is no play
    assert list(told.gaps) == [2, 1]
    # ship first of ann's picks; heat second, twice; heat is not among bob's
    assert list(told.ranks) == [1, 2, 1]
    assert list(told.rank_hours) == [0.5, 3, 1]


def test_every_real_figure_is_held_against_a_simulated_one():
    log = Viewing(
        np.array([9, 3]),
        np.array([6.0, 3, 1]),
        np.array([3.0, 2]),
        np.array([2.0, 2]),
        np.array([3.0, 1]),
    )
    told = measures(days=4, profiles=100)
    checks = reality_checks(told, log, np.array([5, 4, 1]), 20, world_settings())
    by_name = dict(zip(reality().figures, checks, strict=True))
    assert [check.figure for check in checks] == [
        figure.name for figure in reality().figures.values()
    ]
    assert by_name["top_titles"].real == pytest.approx(9 / 10)  # two of twenty titles
    assert by_name["top_titles"].simulated == 1
    assert by_name["top_titles"].off == pytest.approx(0.1)
    assert (by_name["gap_median"].simulated, by_name["next_day"].simulated) == (1, 0.6)
    assert by_name["catalogue_ratio"].simulated == pytest.approx(1)  # of one place, of one title
    assert by_name["titles_looked_at"][3:] == (15, "difference", 0, -5, 5, True)
    assert by_name["popularity_loss"].simulated < 0 < by_name["page_hours"].simulated < 1
    # 30 cells in a session; a screen of a television has 18, of a browser 15, of a telephone 15
    cells = sum(
        share * of for share, of in zip(world_settings().habits.devices, (18, 15, 15), strict=True)
    )
    assert by_name["screens"].simulated == pytest.approx(30 / cells)


def test_more_titles_rated_than_there_are_and_plays_beyond_the_own_order_are_no_mistake():
    log = Viewing(
        np.array([9]), np.array([1.0]), np.array([1.0, 2]), np.array([2.0, 1]), np.array([3.0])
    )
    checks = dict(
        zip(
            reality().figures,
            reality_checks(measures(1), log, np.array([1, 2]), 1, world_settings()),
            strict=True,
        )
    )
    assert checks["gini"].real == pytest.approx(1 / 6)
    assert (
        math.isnan(checks["catalogue_ratio"].simulated) and checks["catalogue_ratio"].inside is None
    )


def test_without_other_pages_nothing_is_told_of_them():
    log = Viewing(np.array([9]), np.array([1.0]), np.array([1.0]), np.array([2.0]), np.array([3.0]))
    alone = measures(days=1, chances={"pipeline": CHANCES["pipeline"]})
    loss = next(
        c
        for c in reality_checks(alone, log, np.array([5]), 20, world_settings())
        if "popular page" in c.figure
    )
    assert math.isnan(loss.simulated) and loss.inside is None


@pytest.mark.parametrize(
    ("kind", "real", "simulated", "off", "inside"),
    [
        ("difference", 0.8, 0.75, -0.05, True),
        ("difference", 0.8, 1.6, 0.8, False),
        ("ratio", 4.0, 3.0, 0.75, True),
        ("value", None, 0.5, None, True),
        ("value", None, 3.0, None, False),
    ],
)
def test_what_it_is_off_by_and_whether_that_is_in_range(kind, real, simulated, off, inside):
    figure = RealFigure(
        name="x", source="y", by=kind, range=(-0.1, 0.75) if kind != "value" else (0.5, 2)
    )
    told = reality_check(figure, real, simulated)
    assert (told.off, told.inside) == (pytest.approx(off) if off is not None else None, inside)


def test_without_a_real_figure_there_is_no_verdict():
    told = reality_check(RealFigure(name="x", source="no public figure found"), None, 3.0)
    assert told.off is None and told.inside is None


def test_every_figure_names_its_source_and_a_range_only_where_something_real_is_known():
    for name, figure in reality().figures.items():
        assert len(figure.source) > 20, name
        if figure.range is None:
            assert figure.real is None and figure.source.startswith("no public figure")
