"""Population stability by hand."""

import math

import numpy as np
import pytest

from experiments.metrics.drift import bin_edges, bin_shares, population_stability


def test_edges_are_the_distinct_deciles_of_what_is_known() -> None:
    assert bin_edges(np.array([*range(11), np.nan])).tolist() == pytest.approx(list(range(1, 10)))
    assert bin_edges(np.array([0.0] * 95 + [1.0] * 5)).tolist() == [0.0]
    assert len(bin_edges(np.array([np.nan]))) == 0


def test_shares_count_the_missing_last_and_an_edge_below() -> None:
    assert bin_shares(np.array([1.0, 2.0, 3.0, np.nan]), [1.0, 2.5]).tolist() == [
        0.25,
        0.25,
        0.25,
        0.25,
    ]
    assert bin_shares(np.zeros(0), [1.0]).tolist() == [0, 0, 0]


def test_stability_by_hand() -> None:
    assert population_stability([0.5, 0.5], [0.25, 0.75]) == pytest.approx(
        -0.25 * math.log(0.5) + 0.25 * math.log(1.5)
    )
    assert population_stability([0.5, 0.5], [0.5, 0.5]) == 0


def test_an_empty_bin_is_large_and_not_infinite() -> None:
    assert 0.25 < population_stability([0.5, 0.5, 0.0], [0.4, 0.4, 0.2]) < 2
