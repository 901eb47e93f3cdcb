import math
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest
from deltalake import write_deltalake

from closed_loop.validation import (
    Life,
    Viewing,
    monthly_leaving,
    picture_gains,
    ranges_kept,
    reality_check,
    reality_checks,
    viewing,
)
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
    assert list(told.hours) == [4.5, 0.5, 1]  # heat, ship, toys
    # ann: 5 Jan, 6 Jan (half past midnight), 8 Jan; bob: 5 and 6 Jan, a rating is no play
    assert list(told.gaps) == [2, 1]
    # ship first of ann's picks; heat second, twice; heat is not among bob's
    assert list(told.ranks) == [1, 2, 1]
    assert list(told.rank_hours) == [0.5, 3, 1]


def life(left: list[int]) -> Life:
    """Four members of ten days, there from the beginning; pictures of three titles."""
    titles = SimpleNamespace(
        artwork_first=np.array([0, 2, 5, 8]),
        artwork_shared=np.log([1.0, 1.2, 1.0, 1.0, 1.1, 1.0, 0.5, 0.5]),
    )
    return Life(np.full(4, -30, np.int32), np.array(left, np.int32), -5, 4, titles)


STAYING = life([1000] * 4)


def test_every_real_figure_is_held_against_a_simulated_one():
    log = Viewing(np.array([6.0, 3, 1]), np.array([3.0, 2]), np.array([2.0, 2]), np.array([3.0, 1]))
    told = measures(days=4, profiles=100)
    by_name = reality_checks(told, log, STAYING, world_settings())
    assert list(by_name) == list(reality().figures)
    assert (by_name["gap_median"].simulated, by_name["next_day"].simulated) == (1, 0.6)
    assert by_name["catalogue_ratio"].simulated == pytest.approx(1)  # of one place, of one title
    assert by_name["titles_looked_at"][3:] == (15, "difference", 0, -5, 5, True)
    assert by_name["popularity_loss"].simulated < 0 < by_name["page_hours"].simulated < 1
    # 30 cells in a session; a screen of a television has 18, of a browser 15, of a telephone 15
    cells = sum(
        share * of for share, of in zip(world_settings().habits.devices, (18, 15, 15), strict=True)
    )
    assert by_name["screens"].simulated == pytest.approx(30 / cells)


def test_leaving_is_of_the_days_that_members_were_there():
    """One leaves on day 0, after 5 of 10 days: 1 of 35 days there. Who left before never counts."""
    assert monthly_leaving(STAYING) == 0
    assert monthly_leaving(life([0, 1000, 1000, 1000])) == pytest.approx(1 - (34 / 35) ** 30.4)
    assert monthly_leaving(life([-8, 1000, 1000, 1000])) == 0


def test_pictures_are_compared_with_the_first_of_their_title():
    """Best over first: 1.2, 1.1 and 1; better of the second and third over the first: 1.1 and .5."""
    gains = picture_gains(STAYING.titles)
    assert gains["picture_best"] == pytest.approx((0.2 + 0.1 + 0) / 3)
    assert gains["picture_other"] == pytest.approx((0.1 - 0.5) / 2)


def test_a_figure_outside_its_range_and_one_that_was_not_measured_are_named():
    figures = {"page_hours": 0.8, "screens": 4.0, "titles_looked_at": math.nan, "gap_median": 2.0}
    checks = {
        key: reality_check(reality().figures[key], reality().figures[key].real, value)
        for key, value in figures.items()
    }
    assert ranges_kept(checks) == (3, ["screens", "titles_looked_at"])


def test_plays_beyond_the_own_order_are_no_mistake():
    log = Viewing(np.array([1.0]), np.array([1.0, 2]), np.array([2.0, 1]), np.array([3.0]))
    checks = reality_checks(measures(1), log, STAYING, world_settings())
    assert (
        math.isnan(checks["catalogue_ratio"].simulated) and checks["catalogue_ratio"].inside is None
    )


def test_without_other_pages_nothing_is_told_of_them():
    log = Viewing(np.array([1.0]), np.array([1.0]), np.array([2.0]), np.array([3.0]))
    alone = measures(days=1, chances={"pipeline": CHANCES["pipeline"]})
    loss = reality_checks(alone, log, STAYING, world_settings())["popularity_loss"]
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
