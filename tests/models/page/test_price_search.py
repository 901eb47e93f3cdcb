"""The price of a promise, worked out by hand: four profiles that want a title less and less.

Of one row, Top Picks, three titles are in view on every device.
"""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from conf.pages import pages
from conf.promises import Promise, promises
from conf.rows import Rows, rows
from models.catalogue.arrays import no_neighbours
from models.page.build import ChosenRows, chosen_rows
from models.page.price_search import PricedPromise, Sample, priced_promises
from tests.models.page import small

SHOP = small.catalogue({title: {"plays": 1} for title in "abcdwxyz"}, countries=("NO", "SE"))
KINDS = Rows(kinds={"top_picks": rows().kinds["top_picks"]}, template=("top_picks",), then=())
FIRST = {"a": 9.0, "b": 8.0, "c": 7.0, "d": 6.0}  # c, at 7, is the last in view
WISHES = [FIRST | {"x": 6.5}, FIRST | {"x": 5.5}, FIRST | {"x": 4.5}, FIRST]
PEOPLE = small.profiles(
    SHOP, {name: {"country": "NO", "history": ["z"]} for name in ("ann", "bob", "cy", "dan")}
)


class Maker:
    """A maker of pages of one row by the template."""

    moment = SimpleNamespace(catalogue=SHOP)

    def chosen(self, profiles: Any, scores: Any) -> ChosenRows:
        """Its pages."""
        near = no_neighbours(SHOP.size)
        return chosen_rows(SHOP, profiles, scores, near, "head-1", pages(), KINDS, None)


def sample(wishes: list[dict[str, float]] = WISHES, profiles: int = 4) -> Sample:
    """A sample of the four, of a country of so many."""
    return Sample(Maker(), [(PEOPLE, small.scores(SHOP, wishes))], profiles)  # type: ignore[arg-type]


def promise(title: str, profiles: int) -> Promise:
    return Promise(
        title_id=title,
        country="NO",
        profiles=profiles,
        from_ds=date(2026, 5, 1),
        until_ds=date(2026, 5, 1),
    )


def priced(own: Sample, **each: Promise) -> list[PricedPromise]:
    return priced_promises(own, each, promises())


@pytest.mark.parametrize(
    ("profiles", "price", "reach"),
    [(1, 0.5, 1), (2, 1.5, 2), (3, 2.5, 3)],
)
def test_the_price_is_what_the_last_profile_that_is_needed_wants_the_title_too_little_by(
    profiles: int, price: float, reach: int
) -> None:
    (found,) = priced(sample(), launch=promise("x", profiles))
    assert found.price == pytest.approx(price, abs=1e-4) and found.price > price
    assert (found.expected, found.is_kept) == (reach, True)


def test_a_title_that_enough_profiles_see_anyhow_has_no_price() -> None:
    (found,) = priced(sample(), launch=promise("c", 4))
    assert (found.price, found.expected, found.is_kept) == (0, 4, True)


@pytest.mark.parametrize("title", ["x", "z", "nothing"])
def test_what_no_price_keeps_is_said_and_has_the_lowest_that_shows_it_to_most(title: str) -> None:
    (found,) = priced(sample(), launch=promise(title, 4))
    assert not found.is_kept
    assert found.expected == (3 if title == "x" else 0)
    assert found.price == pytest.approx(2.5 if title == "x" else 0, abs=1e-4)


def test_a_sample_has_to_say_so_beyond_its_own_chance() -> None:
    """Three of four in a country of 40: 40 (.75 - 2 sqrt(.75 x .25 / 4 x .9)) = 13.6 are sure."""
    (sure,) = priced(sample(profiles=40), launch=promise("x", 13))
    assert sure.is_kept and sure.expected == 30
    (unsure,) = priced(sample(profiles=40), launch=promise("x", 14))
    assert not unsure.is_kept and unsure.expected == 30


def test_promises_that_take_places_from_each_other_are_kept_together() -> None:
    wishes = [FIRST | {"w": 6.6, "x": 6.5}, *[FIRST | {"w": 3.0, "x": 2.0}] * 3]
    found = priced(sample(wishes), one=promise("w", 3), two=promise("x", 3))
    assert [each.is_kept for each in found] == [True, True]
    alone = priced(sample(wishes), one=promise("w", 3))[0]
    assert found[0].price > alone.price  # two stands where it would have
