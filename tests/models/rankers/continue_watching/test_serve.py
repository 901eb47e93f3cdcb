"""Rankers of Continue Watching on a page: the order of the row and where it stands."""

from dataclasses import replace

import numpy as np
import pytest

from conf.rows import Rows, rows
from models.page.build import build_pages
from models.rankers.continue_watching.features import PROFILE
from models.rankers.continue_watching.fit import fitted_mode, fitted_order, mode_rows
from models.rankers.continue_watching.serve import Resuming
from models.rankers.package import pack
from tests.models.page import small
from tests.models.rankers.continue_watching.test_fit import SETTINGS, days

SHOP = small.catalogue({t: {"plays": 9, "genres": ["Crime"]} for t in "abcdef"})
LEFT = {"length_s": 6000, "finished": 0}
STATES = {"a": LEFT | {"resume_s": 600}, "b": LEFT | {"resume_s": 3000}}
KINDS = Rows(
    kinds={
        "continue_watching": rows().kinds["continue_watching"],
        "popular": rows().kinds["popular"],
    },
    template=("continue_watching", "popular", "continue_watching"),
    then=(),
)


@pytest.fixture(scope="module")
def resuming() -> Resuming:
    """Rankers that learned to want what is half watched."""
    sample = days(1500)
    order, mode = fitted_order(sample, SETTINGS), fitted_mode(sample, SETTINGS)
    packages = pack(order, sample.matrix), pack(mode, mode_rows(sample, SETTINGS)[0])
    return Resuming(packages[0], packages[1], {"context_weekday": 1.0})


def member():  # type: ignore[no-untyped-def]
    people = small.profiles(SHOP, {"ann": {"history": ["a", "b"], "states": STATES}, "bob": {}})
    people.features.update({name: np.zeros(2, np.float32) for name in PROFILE})
    return people


def page(people, who: str = "ann") -> list[tuple[str, str]]:  # type: ignore[no-untyped-def]
    made = build_pages(
        SHOP, people, small.scores(SHOP, [{}, {}]), small.neighbours(SHOP, {}), "r", kinds=KINDS
    )
    return [(row_id, titles[:3]) for row_id, titles in small.shown(made, who)]


def test_row_is_by_recency_until_a_ranker_serves(resuming: Resuming) -> None:
    assert page(member())[0] == ("continue_watching", "a b")
    without = replace(resuming, order=None)
    assert page(without.loaded().asked(SHOP, member()))[0] == ("continue_watching", "a b")


def test_ranker_orders_the_row_and_says_how_probable_going_on_is(resuming: Resuming) -> None:
    asked = resuming.loaded().asked(SHOP, member())
    assert page(asked)[0] == ("continue_watching", "b a")
    assert 0.3 < asked.p_continues[0] < 1 and asked.p_continues[1] == 0


def test_row_of_who_goes_on_with_little_stands_lower(resuming: Resuming) -> None:
    unlikely = replace(
        resuming.loaded().asked(SHOP, member()), p_continues=np.array([0.01, 0], np.float32)
    )
    assert [row for row, _ in page(unlikely)] == ["popular", "continue_watching"]


def test_changed_ranker_is_not_loaded(resuming: Resuming) -> None:
    other = replace(resuming, order=resuming.mode)
    with pytest.raises(Exception, match="features differ"):
        other.loaded()
