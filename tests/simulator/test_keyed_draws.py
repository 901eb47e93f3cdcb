import numba
import numpy as np
from scipy import stats

from simulator.draws import CHOICE, stream
from simulator.keyed_draws import bell, by_weight, chance, poisson


@numba.njit
def _drawn(count):
    start = stream(1, 2, 3, CHOICE)
    out = np.empty((count, 4))
    for i in range(count):
        out[i, 0], out[i, 1], out[i, 2] = (
            chance(start, 0, i),
            chance(start, -i, 7),
            bell(start, 1, i),
        )
        out[i, 3] = poisson(out[i, 0], 0.9, 6)
    return out


@numba.njit
def _by_weight(x, weights):
    return by_weight(x, weights)


def test_draws_found_by_name_are_uniform_normal_and_poisson():
    drawn = _drawn(20_000)
    assert stats.kstest(drawn[:, 0], "uniform").pvalue > 0.001
    assert stats.kstest(drawn[:, 1], "uniform").pvalue > 0.001
    assert stats.kstest(drawn[:, 2], "norm").pvalue > 0.001
    counts = np.bincount(drawn[:, 3].astype(int), minlength=7)[:5]
    assert np.abs(counts / 20_000 - stats.poisson.pmf(np.arange(5), 0.9)).max() < 0.01
    assert np.abs(np.corrcoef(drawn[:, :3], rowvar=False) - np.eye(3)).max() < 0.03


def test_a_place_is_drawn_by_its_weight_and_never_with_weight_zero():
    weights = np.array([0.0, 1.0, 0.0, 3.0])
    drawn = np.bincount([_by_weight(x, weights) for x in np.arange(0.0005, 1, 0.001)], minlength=4)
    assert drawn.tolist() == [0, 250, 0, 750]
