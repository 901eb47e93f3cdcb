import numba
import numpy as np
from scipy import stats

from simulator.draws import CHOICE, stream
from simulator.keyed_draws import (
    keyed_normal,
    keyed_uniform,
    poisson_count,
    weighted_index,
)


@numba.njit
def _draws(count):
    start = stream(1, 2, 3, CHOICE)
    out = np.empty((count, 4))
    for i in range(count):
        out[i, 0] = keyed_uniform(start, 0, i)
        out[i, 1] = keyed_uniform(start, -i, 7)
        out[i, 2] = keyed_normal(start, 1, i)
        out[i, 3] = poisson_count(out[i, 0], 0.9, 6)
    return out


@numba.njit
def _weighted_index(uniform, weights):
    return weighted_index(uniform, weights)


def test_draws_by_key_are_uniform_normal_and_poisson():
    draws = _draws(20_000)
    assert stats.kstest(draws[:, 0], "uniform").pvalue > 0.001
    assert stats.kstest(draws[:, 1], "uniform").pvalue > 0.001
    assert stats.kstest(draws[:, 2], "norm").pvalue > 0.001
    counts = np.bincount(draws[:, 3].astype(int), minlength=7)[:5]
    assert np.abs(counts / 20_000 - stats.poisson.pmf(np.arange(5), 0.9)).max() < 0.01
    assert np.abs(np.corrcoef(draws[:, :3], rowvar=False) - np.eye(3)).max() < 0.03


def test_an_index_is_drawn_by_its_weight_and_never_with_weight_zero():
    weights = np.array([0.0, 1.0, 0.0, 3.0])
    indices = [_weighted_index(uniform, weights) for uniform in np.arange(0.0005, 1, 0.001)]
    assert np.bincount(indices, minlength=4).tolist() == [0, 250, 0, 750]
