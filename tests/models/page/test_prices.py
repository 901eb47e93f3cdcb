"""A price is on the scores of its country's profiles, and what is no candidate stays none."""

import numpy as np

from conf.promises import Price
from models.page.prices import promised, raised
from tests.models.page import small

SHOP = small.catalogue({title: {"plays": 1} for title in "xyz"}, countries=("NO", "SE"))


def test_only_scores_of_the_country_are_raised_and_what_is_no_candidate_stays_none() -> None:
    people = small.profiles(SHOP, {"ann": {"country": "NO"}, "eve": {"country": "SE"}})
    scores = small.scores(SHOP, [{"x": 1.0}, {"x": 1.0, "y": 1.0}])
    prices = [Price("x", "NO", 2.0), Price("y", "NO", 2.0), Price("nothing", "NO", 2.0)]
    x, y = SHOP.title_index["x"], SHOP.title_index["y"]
    with_prices = raised(SHOP, people, scores, prices)
    assert with_prices[:, x].tolist() == [3, 1] and with_prices[1, y] == 1
    assert np.isneginf(with_prices[0, y]) and scores[0, x] == 1
    mask = promised(SHOP, people, prices)
    assert mask is not None and np.argwhere(mask).tolist() == [[0, x], [0, y]]
    assert promised(SHOP, people, []) is None


def test_a_price_of_no_country_is_of_everybody() -> None:
    people = small.profiles(SHOP, {"ann": {"country": "NO"}, "bob": {}})
    scores = small.scores(SHOP, [{"x": 1.0}, {"x": 1.0}])
    with_price = raised(SHOP, people, scores, [Price("x", "", 2.0)])
    assert with_price[:, SHOP.title_index["x"]].tolist() == [3, 3]
