import numpy as np
from scipy import stats

from simulator.draws import (
    CHOICE,
    EYES,
    next_choice,
    next_uniform,
    normals,
    stream,
    text_keys,
    uniforms,
)

KEYS = np.arange(20_000)


def test_splitmix64_gives_the_published_sequence() -> None:
    state = np.array([1234567], np.uint64)
    drawn = [next_uniform(state) for _ in range(3)]
    published = [6457827717110365317, 3203168211198807973, 9817491932198370423]
    assert drawn == [(z >> 11) * 2.0**-53 for z in published]


def test_uniforms_are_uniform_in_every_column_and_across_columns() -> None:
    drawn = uniforms(7, KEYS, EYES, 4)
    assert all(stats.kstest(drawn[:, column], "uniform").pvalue > 0.001 for column in range(4))
    assert np.abs(np.corrcoef(drawn, rowvar=False) - np.eye(4)).max() < 0.03


def test_neighbouring_keys_days_and_purposes_are_independent() -> None:
    first = uniforms(7, KEYS, EYES, 1)[:, 0]
    state = np.empty(1, np.uint64)

    def on_day(key: int, day: int) -> float:
        state[0] = stream(7, key, day, EYES)
        return next_uniform(state)

    next_day = np.array([on_day(key, 1) for key in KEYS[:5000]])
    others = [
        uniforms(7, KEYS + 1, EYES, 1)[:, 0],
        uniforms(7, KEYS, CHOICE, 1)[:, 0],
        uniforms(8, KEYS, EYES, 1)[:, 0],
    ]
    assert all(abs(np.corrcoef(first, other)[0, 1]) < 0.03 for other in others)
    assert abs(np.corrcoef(first[:5000], next_day)[0, 1]) < 0.05


def test_normals_are_standard_normal() -> None:
    assert stats.kstest(normals(7, KEYS, EYES, 3).ravel(), "norm").pvalue > 0.001


def test_draws_do_not_depend_on_batches_or_on_how_many_follow() -> None:
    whole = uniforms(7, KEYS, EYES, 5)
    parts = np.concatenate(
        [uniforms(7, KEYS[half], EYES, 3) for half in (slice(None, 99), slice(99, None))]
    )
    assert np.array_equal(whole[:, :3], parts)


def test_a_stream_in_a_loop_gives_the_columns_of_a_batch() -> None:
    state = np.array([stream(7, 42, 0, EYES)], np.uint64)
    assert [next_uniform(state) for _ in range(4)] == uniforms(7, np.array([42]), EYES, 4)[
        0
    ].tolist()


def test_choice_follows_its_weights_and_never_takes_a_weight_of_zero() -> None:
    cumulative = np.cumsum([0.0, 1.0, 0.0, 3.0, 0.0])
    state = np.array([stream(7, 1, 0, EYES)], np.uint64)
    drawn = np.bincount([next_choice(state, cumulative) for _ in range(8000)], minlength=5)
    assert drawn[[0, 2, 4]].sum() == 0
    assert abs(drawn[3] / 8000 - 0.75) < 0.02


def test_text_keys_follow_the_text() -> None:
    assert text_keys(["a", "b"]).tolist() == text_keys(["b", "a"]).tolist()[::-1]
    assert len(set(text_keys(map(str, range(1000))).tolist())) == 1000
