import numpy as np
import pytest

from conf.draws import GOLDEN, fibonacci_unit, purpose_uniform, splitmix64, splitmix64_of, unit

KEYS = np.arange(50_000, dtype=np.uint64)


def test_mix_gives_the_published_sequence_of_splitmix64() -> None:
    states = np.uint64(1234567) + np.array([1, 2, 3], np.uint64) * GOLDEN
    published = [6457827717110365317, 3203168211198807973, 9817491932198370423]
    assert [int(splitmix64(state)) for state in states] == published
    assert splitmix64_of(states).tolist() == published


@pytest.mark.parametrize(
    "drawn",
    [
        np.array([purpose_uniform(key, 1) for key in KEYS]),
        np.array([unit(number) for number in splitmix64_of(KEYS)]),
        fibonacci_unit(KEYS % np.uint64(223), KEYS // np.uint64(223), KEYS),
    ],
    ids=["keyed", "mixed", "fibonacci"],
)
def test_draws_are_even_over_the_unit_interval(drawn: np.ndarray) -> None:
    assert drawn.min() >= 0 and drawn.max() < 1
    counts, _ = np.histogram(drawn, bins=20, range=(0, 1))
    assert np.abs(counts / len(KEYS) - 0.05).max() < 0.01


def test_two_purposes_of_a_key_are_independent() -> None:
    first, second = (
        np.array([purpose_uniform(key, purpose) for key in KEYS[:5000]]) for purpose in (1, 2)
    )
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.05
