"""What `frontrow bench rows` makes of the measures, and how pages become what clients read."""

import numpy as np
import pyarrow as pa
import pytest

from benchmarks.rows.run import row_figures
from closed_loop.variants import BASELINE, TREATMENT, arms, client_pages, with_moved_row
from conf.rows import rows
from models.page.build import build_pages
from simulator.served_pages import PAGES
from tests.models.page import small


def measures(**sides: tuple[str, list[int]]) -> pa.Table:
    """Four accounts of ten sessions each; side -> (comparison, sessions with a play by account)."""
    return pa.concat_tables(
        [
            pa.table(
                {
                    "comparison": [name.split("__")[0]] * 4,
                    "side": [side] * 4,
                    "account_id": list("abcd"),
                    "sessions": [10] * 4,
                    "taken": taken,
                }
            )
            for name, (side, taken) in sides.items()
        ]
    )


def test_lift_is_relative_and_clustered_by_account() -> None:
    found = row_figures(
        measures(
            genre__1=(TREATMENT, [4, 6, 4, 6]),
            genre__2=(BASELINE, [4, 4, 4, 4]),
            placement__1=(TREATMENT, [5, 5, 5, 5]),
            placement__2=("first", [5, 4, 5, 4]),
            placement__3=("lower", [4, 4, 4, 4]),
        )
    )
    lift = found["lift"]
    assert lift["genre"] == pytest.approx(0.25)
    # contributions (r1 deviations - 1.25 x none) / r2 = (-1, 1, -1, 1) / 40 / .4; s^2 = 4 / 3 x sum of squares
    half = 1.959964 * np.sqrt(4 / 3 * 4 * (1 / 16) ** 2)
    assert (lift["genre_low"], lift["genre_high"]) == pytest.approx((0.25 - half, 0.25 + half))
    assert found["play_rate"]["genre"] == {"sessions": 40, TREATMENT: 0.5, BASELINE: 0.4}


def test_placement_has_to_beat_the_better_fixed_place() -> None:
    found = row_figures(
        measures(
            placement__1=(TREATMENT, [5, 5, 5, 5]),
            placement__2=("first", [5, 4, 5, 4]),
            placement__3=("lower", [4, 4, 4, 4]),
        )
    )["placement"]
    assert (
        found["best_fixed"] == "first"
        and found["gain"] == pytest.approx(0.05) == found["above_first"]
    )
    assert found["above_lower"] == pytest.approx(0.1)


def test_a_row_is_moved_and_the_rows_between_give_way() -> None:
    made = pa.table(
        {
            "profile_id": ["ann"] * 4 + ["bob"] * 2 + ["cy"],
            "row_kind": ["top", "new", "resume", "popular", "top", "new", "resume"],
            "row_position": pa.array([1, 2, 3, 4, 1, 2, 1], pa.int32()),
        }
    )
    places = {
        place: with_moved_row(made, ["resume"], place)["row_position"].to_pylist()
        for place in (1, 3, 4, 9)
    }
    assert places[1] == [2, 3, 1, 4, 1, 2, 1], "bob has no such row, cy's stands alone"
    assert places[3] == [1, 2, 3, 4, 1, 2, 1]
    assert places[4] == places[9] == [1, 2, 4, 3, 1, 2, 1], "at the end of a shorter page"


def test_every_row_has_two_sides_and_the_page_a_place_of_its_own_and_fixed_ones() -> None:
    sides: dict[str, list[str]] = {}
    for arm in arms():
        sides.setdefault(arm.comparison, []).append(arm.side)
    assert {"continue_watching", "top_n", "trending_now", "genre"} <= set(sides)
    assert sides.pop("placement") == [TREATMENT, "at_1", "at_2", "at_3", "at_5"]
    assert all(found == [TREATMENT, BASELINE] for found in sides.values())


def test_pages_become_what_clients_read() -> None:
    shop = small.catalogue({t: {"plays": 9} for t in "ab"})
    people = small.profiles(shop, {"ann": {}, "bob": {"blocked": ["a"]}})
    made = build_pages(shop, people, small.scores(shop, [{}, {}]), small.neighbours(shop, {}), "r")
    found = client_pages(made, {"ann": 7, "bob": 9})
    assert found.schema.equals(PAGES) and found["index"].to_pylist() == [7, 9]
    assert [[c["title_id"] for c in r["cells"]] for r in found["rows"].to_pylist()[1]] == [["b"]]


def test_baselines_differ_in_the_order_alone() -> None:
    kinds = rows().kinds
    baseline = next(
        arm for arm in arms() if (arm.comparison, arm.side) == ("genre", BASELINE)
    ).kinds.kinds["genre"]
    assert baseline.order == "popularity" and baseline.min_length == kinds["genre"].min_length
