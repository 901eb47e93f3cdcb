"""The per-title split against a slow twin, and its rounding."""

import numpy as np

from experiments.protocols import title_split


def test_split_equals_sorting_each_title_s_rows_by_the_legacy_generator() -> None:
    title = np.random.default_rng(0).integers(0, 9, 300)
    np.random.seed(42)
    random = np.random.rand(300)
    slow = np.zeros(300, bool)
    for one in range(9):
        rows = sorted(np.flatnonzero(title == one), key=lambda row: random[row])
        slow[rows[: round(0.75 * len(rows))]] = True
    assert np.array_equal(title_split(title, 0.75, 42), slow)


def test_rare_titles_stay_in_training_as_round_half_to_even_says() -> None:
    title = np.repeat([0, 1, 2, 3], [1, 2, 3, 6])  # 0.75 -> 1, 1.5 -> 2, 2.25 -> 2, 4.5 -> 4
    assert np.bincount(title[title_split(title, 0.75, 1)]).tolist() == [1, 2, 2, 4]


def test_another_seed_is_another_split() -> None:
    title = np.zeros(100, int)
    assert not np.array_equal(title_split(title, 0.5, 1), title_split(title, 0.5, 2))
