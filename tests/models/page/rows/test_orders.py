"""The orders rows are filled from."""

from dataclasses import replace

import numpy as np
import pytest

from conf.errors import UserMistake
from conf.rows import RowKind, rows
from models.catalogue.arrays import Catalogue, Neighbours, Profiles, no_neighbours
from models.page.rows.orders import ORDERS, PoolInputs, order_of, pools_by_score
from tests.models.page import small

KINDS = rows().kinds


def pools(
    kind: RowKind, shop: Catalogue, people: Profiles, near: Neighbours | None = None
) -> list[str]:
    """The titles of each pool of a kind of row, best first."""
    inputs = PoolInputs(shop, people, near or no_neighbours(shop.size), {})
    lists, _ = order_of(kind).pools(kind, inputs)
    return [ids(shop, lists.title[lists.entries_of(pool)]) for pool in range(lists.list_count)]


def ids(shop: Catalogue, titles: np.ndarray) -> str:
    return " ".join(shop.title_ids[titles])


def everybodys(shop: Catalogue, kind: str, country: str = "") -> str:
    """The one pool of a kind of row for a profile of a country."""
    (titles,) = pools(KINDS[kind], shop, small.profiles(shop, {"p": {"country": country}}))
    return titles


def test_every_declared_order_has_its_code_and_the_other_way_round() -> None:
    assert set(ORDERS) == set(rows().orders)


@pytest.mark.parametrize("name", ORDERS)
def test_an_order_without_its_code_makes_no_rows(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.delitem(ORDERS, name)
    kind = KINDS["popular"].model_copy(update={"order": name})
    with pytest.raises(UserMistake, match=f"order {name} of conf/rows.yaml has no entry"):
        order_of(kind)


def test_popularity_asks_the_longer_windows_where_the_short_one_is_silent() -> None:
    shop = small.catalogue(
        {
            "a": {"plays_30d": 0, "plays_365d": 2, "plays_all": 9},
            "b": {"plays_30d": 0, "plays_365d": 5, "plays_all": 5},
            "c": {"plays_30d": 1, "plays_all": 1},
            "d": {"plays": 0},
            "e": {"plays_30d": 1, "plays_all": 1},
        }
    )
    assert everybodys(shop, "popular") == "c e b a"


def test_trending_needs_a_rise_and_plays_to_carry_it() -> None:
    least = KINDS["trending"].least_plays
    shop = small.catalogue(
        {
            "flat": {"plays_7d": 50, "before": 200},
            "lone": {"plays_7d": least - 1, "before": 0},
            "rising": {"plays_7d": 20, "before": 60},
            "soaring": {"plays_7d": 20, "before": 4},
            "falling": {"plays_7d": 20, "before": 100},
        }
    )
    assert everybodys(shop, "trending") == "soaring rising"


@pytest.mark.parametrize("days", [KINDS["new"].window_days])
def test_newness_goes_by_launch_and_else_by_first_play(days: int) -> None:
    shop = small.catalogue(
        {
            "edge": {"launch": days},
            "future": {"launch": -3},
            "old": {
                "launch": days + 1,
                "age": 1,
            },  # launched long ago, though first played yesterday
            "played": {"age": 4},
            "today": {"launch": 0, "age": 2},
            "unknown": {},
        }
    )
    assert everybodys(shop, "new") == "today played edge"


def test_history_puts_most_played_first_then_stars_and_leaves_dislikes_out() -> None:
    shop = small.catalogue({t: {} for t in "abcde"})
    people = small.profiles(
        shop, {"p": {"history": [("a", 4, 1), ("b", 5, 1), ("c", 1, 9), ("d", np.nan, 2), "e"]}}
    )
    assert pools(KINDS["watch_again"], shop, people) == ["d b a e"]


def test_personal_and_similar_break_ties_by_title() -> None:
    shop = small.catalogue({t: {} for t in "abcd"})
    wishes = small.scores(shop, [{"d": 1, "b": 2, "a": 1}, {}, {"c": 3}])
    lists = pools_by_score(wishes)
    ranked = [ids(shop, lists.title[lists.entries_of(profile)]) for profile in range(3)]
    assert ranked == ["b a d", "", "c"]
    near = small.neighbours(shop, {"a": {"d": 0.5, "b": 0.5, "c": 0.9}, "b": {"a": -1, "c": 0.0}})
    people = small.profiles(shop, {})
    assert pools(KINDS["because_you_watched"], shop, people, near)[:2] == ["c b d", ""]


def test_a_trend_is_the_countrys_own() -> None:
    rise, fall = {"NO": (20, 4), "BR": (20, 90)}, {"NO": (20, 90), "BR": (20, 4)}
    shop = small.catalogue(
        {"a": {"plays_in": rise}, "b": {"plays_in": fall}}, countries=["NO", "BR"]
    )
    assert (everybodys(shop, "trending", "NO"), everybodys(shop, "trending", "BR")) == ("a", "b")


def test_new_in_a_country_is_what_its_windows_say() -> None:
    shop = small.catalogue(
        {
            "a": {"launch": 400.0, "since": {"NO": 400.0, "BR": 3.0}},  # came to BR later
            "b": {"launch": 5.0, "since": {"NO": 5.0}},
            "c": {
                "launch": 400.0,
                "since": {"NO": 2.0},
                "back": {"NO": 1},
            },  # had been there before
        },
        countries=["NO", "BR"],
    )
    assert (everybodys(shop, "new", "NO"), everybodys(shop, "new", "BR")) == ("b", "a b")
    assert (everybodys(shop, "coming_back", "NO"), everybodys(shop, "coming_back", "BR")) == (
        "c",
        "",
    )


def test_season_is_known_only_where_earlier_years_are() -> None:
    shop = small.catalogue(
        {
            "even": {"seasons": (8, 100)},  # 31 of 365 days hold 8.5 of 100 plays
            "xmas": {"seasons": (60, 100)},
            "spring": {"seasons": (20, 100)},
            "rare": {"seasons": (3, 3)},
            "young": {},
        }
    )
    assert everybodys(shop, "in_season") == "xmas spring"


def test_gems_are_rated_better_than_most_and_played_by_few() -> None:
    shop = small.catalogue(
        {
            "gem": {"plays": 6, "stars": 4.5, "rated": 5},
            "hit": {"plays": 90, "stars": 4.6, "rated": 50},
            "dull": {"plays": 6, "stars": 2.0, "rated": 4},
            "mean": {"plays": 70, "stars": 3.0, "rated": 9},
            "once": {"plays": 1, "stars": 3.5, "rated": 0},
        }
    )
    assert everybodys(shop, "hidden_gems") == "gem"


BEGUN, DONE = (
    {"resume_s": 600, "length_s": 6000, "finished": 0},
    {"resume_s": 0, "length_s": 6000, "finished": 1},
)
STATES = {
    "a": BEGUN,
    "b": DONE | {"episode": "S01E02", "next_episode": "S01E03"},
    "c": DONE,
    "d": BEGUN | {"thumb": -1},
    "e": {},
}


def test_what_is_finished_or_disliked_cannot_be_gone_on_with() -> None:
    shop = small.catalogue({t: {} for t in "abcde"})
    people = small.profiles(shop, {"p": {"history": list("abcde"), "states": STATES}})
    kind = KINDS["continue_watching"]
    assert pools(kind, shop, people) == ["a b"]
    assert pools(kind.model_copy(update={"window_days": 1}), shop, people) == ["a"]
    wish = np.array([0.1, 0.7, 0, 0, 0], np.float32)
    assert pools(kind, shop, replace(people, wish=wish)) == ["b a"]
    assert pools(KINDS["watch_again"], shop, people) == ["c e"]


def test_list_keeps_its_order() -> None:
    shop = small.catalogue({t: {} for t in "abc"})
    people = small.profiles(shop, {"p": {"listed": ["c", "a"]}})
    assert pools(KINDS["my_list"], shop, people) == ["c a"]


def test_pools_are_sorted_as_a_stable_sort_does_zeros_and_negative_scores_included() -> None:
    rng = np.random.default_rng(3)
    scores = rng.choice([-2.5, -0.0, 0.0, 1e-40, 3.0, 1e30, -np.inf], (4, 3000)).astype(np.float32)
    scores[:, ::3] = rng.normal(size=(4, 1000))
    pools = pools_by_score(scores)
    for p, line in enumerate(scores):
        titles = np.flatnonzero(np.isfinite(line))
        expected = titles[np.argsort(-line[titles], kind="stable")]
        assert pools.title[pools.entries_of(p)].tolist() == expected.tolist()
        assert pools.value[pools.entries_of(p)].tolist() == line[expected].tolist()
