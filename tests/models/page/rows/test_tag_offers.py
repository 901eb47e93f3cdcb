"""Rows by facet: the titles of a tag in the profile's own order, as a plain sort gives them."""

import numpy as np
import pytest

from models.catalogue.facets import tags
from models.page.rows.orders import own_order, pools_by_score
from models.page.rows.subjects import Subjects
from models.page.rows.tag_offers import tag_rows

PROFILES, TITLES = 5, 200


def plain_row(titles: list[int], own: np.ndarray, whole: np.ndarray) -> list[int]:
    """Titles sorted by the own score, those without one behind them by the score of the whole, equal ones by title."""
    return sorted(titles, key=lambda title: (-own[title], -whole[title], title))


@pytest.mark.parametrize("seed", range(5))
def test_a_row_has_the_titles_of_its_tag_in_the_order_of_a_plain_sort(seed: int) -> None:
    rng = np.random.default_rng(seed)
    of_facet = tags([[f"tag{tag}" for tag in rng.integers(0, 9, 3)] for _ in range(TITLES)])
    whole = rng.integers(-3, 4, (PROFILES, TITLES)).astype(np.float32)  # many are equal
    whole[rng.random(whole.shape) < 0.2] = -np.inf
    distinct = rng.permuted(np.tile(np.arange(TITLES), (PROFILES, 1)), axis=1).astype(np.float32)
    is_candidate = np.isfinite(whole) & (rng.random(whole.shape) < 0.2)
    own = np.where(is_candidate, distinct, -np.inf).astype(np.float32)
    may_show = rng.random(whole.shape) < 0.8
    has_history = np.arange(PROFILES) > 0
    order = own_order(pools_by_score(own), pools_by_score(whole), has_history, TITLES)
    owner, subject = np.indices((PROFILES, len(of_facet.names))).reshape(2, -1)
    about = Subjects(owner, subject)
    ends, title, value = tag_rows(about, of_facet.titles, order, may_show, longest=20)
    own[0] = -np.inf  # of a profile without history
    for k, (p, tag) in enumerate(zip(owner, subject, strict=True)):
        shown = of_facet.marks[:, tag] & may_show[p] & np.isfinite(whole[p])
        expected = plain_row(np.flatnonzero(shown).tolist(), own[p], whole[p])[:20]
        assert title[ends[k] : ends[k + 1]].tolist() == expected
        standing = value[ends[k] : ends[k + 1]]
        assert (standing > 0).tolist() == np.isfinite(own[p, expected]).tolist()


def test_a_candidate_that_the_ranker_of_the_whole_does_not_order_is_in_no_row() -> None:
    own = np.array([[2.0, 1.0]], np.float32)
    whole = np.array([[-np.inf, 0.0]], np.float32)
    order = own_order(pools_by_score(own), pools_by_score(whole), np.ones(1, bool), 2)
    assert order.title.tolist() == [1]
