"""The orders rows are filled from."""

import numpy as np
import pytest

from conf.rows import rows
from models.catalogue import Catalogue
from models.page.orders import Pools, general, history, personal, similar
from tests.models.page import small

KINDS = rows().kinds


def titles(shop: Catalogue, pool: Pools, which: int = 0) -> str:
    return " ".join(shop.title_ids[pool.title[pool.offsets[which] : pool.offsets[which + 1]]])


def test_popularity_asks_the_longer_windows_where_the_short_one_is_silent() -> None:
    shop = small.catalogue({
        "a": {"plays_30d": 0, "plays_365d": 2, "plays_all": 9},
        "b": {"plays_30d": 0, "plays_365d": 5, "plays_all": 5},
        "c": {"plays_30d": 1, "plays_all": 1},
        "d": {"plays": 0},
        "e": {"plays_30d": 1, "plays_all": 1},
    })  # fmt: skip
    assert titles(shop, general(KINDS["popular"], shop)) == "c e b a"


def test_trending_needs_a_rise_and_plays_to_carry_it() -> None:
    least = KINDS["trending"].least_plays
    shop = small.catalogue({
        "flat": {"trend": 0.0, "plays_7d": 50},
        "lone": {"trend": 0.6, "plays_7d": least - 1},
        "rising": {"trend": 0.1, "plays_7d": least},
        "soaring": {"trend": 2.0, "plays_7d": least},
    })  # fmt: skip
    assert titles(shop, general(KINDS["trending"], shop)) == "soaring rising"


@pytest.mark.parametrize("days", [KINDS["new"].window_days])
def test_newness_goes_by_launch_and_else_by_first_play(days: int) -> None:
    shop = small.catalogue({
        "edge": {"launch": days},
        "future": {"launch": -3},
        "old": {"launch": days + 1, "age": 1},  # launched long ago, though first played yesterday
        "played": {"age": 4},
        "today": {"launch": 0, "age": 2},
        "unknown": {},
    })  # fmt: skip
    assert titles(shop, general(KINDS["new"], shop)) == "today played edge"


def test_history_puts_most_played_first_then_stars_and_leaves_dislikes_out() -> None:
    shop = small.catalogue({t: {} for t in "abcde"})
    people = small.profiles(shop, {"p": {"history": [("a", 4, 1), ("b", 5, 1), ("c", 1, 9), ("d", np.nan, 2), "e"]}})
    assert titles(shop, history(people)) == "d b a e"


def test_personal_and_similar_break_ties_by_title() -> None:
    shop = small.catalogue({t: {} for t in "abcd"})
    wishes = small.scores(shop, [{"d": 1, "b": 2, "a": 1}, {}, {"c": 3}])
    assert [titles(shop, personal(wishes), row) for row in range(3)] == ["b a d", "", "c"]
    near = small.neighbours(shop, {"a": {"d": 0.5, "b": 0.5, "c": 0.9}, "b": {"a": -1, "c": 0.0}})
    assert [titles(shop, similar(near), row) for row in range(2)] == ["c b d", ""]
