import numpy as np
from scipy import stats

from simulator.draws import (
    BROWSING,
    CHOICE,
    next_uniform,
    normal_draws,
    stream,
    text_keys,
    uniform_draws,
)

KEYS = np.arange(20_000)


def test_splitmix64_gives_the_published_sequence() -> None:
    state = np.array([1234567], np.uint64)
    draws = [next_uniform(state) for _ in range(3)]
    published = [6457827717110365317, 3203168211198807973, 9817491932198370423]
    assert draws == [(z >> 11) * 2.0**-53 for z in published]


def test_uniforms_are_uniform_in_every_column_and_across_columns() -> None:
    draws = uniform_draws(7, KEYS, BROWSING, 4)
    assert all(stats.kstest(draws[:, column], "uniform").pvalue > 0.001 for column in range(4))
    assert np.abs(np.corrcoef(draws, rowvar=False) - np.eye(4)).max() < 0.03


def test_neighbouring_keys_days_and_purposes_are_independent() -> None:
    first = uniform_draws(7, KEYS, BROWSING, 1)[:, 0]
    state = np.empty(1, np.uint64)

    def on_day(key: int, day: int) -> float:
        state[0] = stream(7, key, day, BROWSING)
        return next_uniform(state)

    next_day = np.array([on_day(key, 1) for key in KEYS[:5000]])
    others = [
        uniform_draws(7, KEYS + 1, BROWSING, 1)[:, 0],
        uniform_draws(7, KEYS, CHOICE, 1)[:, 0],
        uniform_draws(8, KEYS, BROWSING, 1)[:, 0],
    ]
    assert all(abs(np.corrcoef(first, other)[0, 1]) < 0.03 for other in others)
    assert abs(np.corrcoef(first[:5000], next_day)[0, 1]) < 0.05


def test_normals_are_standard_normal() -> None:
    assert stats.kstest(normal_draws(7, KEYS, BROWSING, 3).ravel(), "norm").pvalue > 0.001


def test_draws_do_not_depend_on_batches_or_on_how_many_follow() -> None:
    whole = uniform_draws(7, KEYS, BROWSING, 5)
    parts = np.concatenate(
        [uniform_draws(7, KEYS[half], BROWSING, 3) for half in (slice(None, 99), slice(99, None))]
    )
    assert np.array_equal(whole[:, :3], parts)


def test_a_stream_in_a_loop_gives_the_columns_of_a_batch() -> None:
    state = np.array([stream(7, 42, 0, BROWSING)], np.uint64)
    (row,) = uniform_draws(7, np.array([42]), BROWSING, 4)
    assert [next_uniform(state) for _ in range(4)] == row.tolist()


def test_text_keys_follow_the_text() -> None:
    assert text_keys(["a", "b"]).tolist() == text_keys(["b", "a"]).tolist()[::-1]
    assert len(set(text_keys(map(str, range(1000))).tolist())) == 1000
