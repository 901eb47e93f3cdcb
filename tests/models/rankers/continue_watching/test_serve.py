"""Rankers of Continue Watching on a page: the order of the row and where it stands."""

from dataclasses import replace

import numpy as np
import pytest

from conf.rows import Rows, rows
from models.page.build import build_pages
from models.rankers.continue_watching.features import PROFILE
from models.rankers.continue_watching.fit import (
    continuation_rows,
    fit_continuation,
    fit_resume_order,
)
from models.rankers.continue_watching.serve import ResumePackages
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
def packages() -> ResumePackages:
    """Rankers that learned to want what is half watched."""
    sample = days(1500)
    order = pack(fit_resume_order(sample, SETTINGS), sample.matrix)
    rows = continuation_rows(sample, SETTINGS)
    continuation = pack(fit_continuation(rows), rows.matrix)
    return ResumePackages(order, continuation, {"context_weekday": 1.0})


def member():  # type: ignore[no-untyped-def]
    people = small.profiles(SHOP, {"ann": {"history": ["a", "b"], "states": STATES}, "bob": {}})
    people.features.update({name: np.zeros(2, np.float32) for name in PROFILE})
    return people


def page(people, who: str = "ann") -> list[tuple[str, str]]:  # type: ignore[no-untyped-def]
    made = build_pages(
        SHOP, people, small.scores(SHOP, [{}, {}]), small.neighbours(SHOP, {}), "r", kinds=KINDS
    )
    return [(row_id, titles[:3]) for row_id, titles in small.shown(made, who)]


def test_row_is_by_recency_until_a_ranker_serves(packages: ResumePackages) -> None:
    assert page(member())[0] == ("continue_watching", "a b")
    without = replace(packages, order=None)
    assert page(without.load().scored(SHOP, member()))[0] == ("continue_watching", "a b")


def test_ranker_orders_the_row_and_says_how_probable_going_on_is(packages: ResumePackages) -> None:
    scored = packages.load().scored(SHOP, member())
    assert page(scored)[0] == ("continue_watching", "b a")
    assert 0.3 < scored.p_continues[0] < 1 and scored.p_continues[1] == 0


def test_row_of_who_goes_on_with_little_stands_lower(packages: ResumePackages) -> None:
    unlikely = replace(
        packages.load().scored(SHOP, member()), p_continues=np.array([0.01, 0], np.float32)
    )
    assert [row for row, _ in page(unlikely)] == ["popular", "continue_watching"]


def test_changed_ranker_is_not_loaded(packages: ResumePackages) -> None:
    other = replace(packages, order=packages.continuation)
    with pytest.raises(Exception, match="features differ"):
        other.load()
