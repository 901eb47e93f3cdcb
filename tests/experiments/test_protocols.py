"""The per-title split against a slow twin, and its rounding."""

import numpy as np

from experiments.protocols import (
    Window,
    inner_cut,
    new_pairs,
    rolling_cuts,
    single_cut,
    title_split,
)


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


def test_the_last_fifth_of_a_log_is_tested_and_settings_are_chosen_just_before_it() -> None:
    window = single_cut(1000)
    assert window == Window(cut=800, end=1000)
    assert inner_cut(window) == Window(cut=720, end=800)


def test_rolling_cuts_test_on_the_tenth_that_follows_each() -> None:
    windows = rolling_cuts(200)
    assert windows == [
        Window(100, 120),
        Window(120, 140),
        Window(140, 160),
        Window(160, 180),
        Window(180, 200),
    ]


def test_pairs_are_new_and_their_profile_and_title_known() -> None:
    #                    0  1  2 | 3  4  5  6  7 | 8
    profile = np.array([0, 0, 1, 0, 0, 1, 2, 1, 1])
    title = np.array([0, 1, 2, 2, 0, 0, 0, 3, 1])
    found = new_pairs(profile, title, Window(cut=3, end=8))
    # (0, 0) was known; 2 is no profile and 3 no title of the training rows; row 8 lies beyond
    assert list(zip(*map(np.ndarray.tolist, found), strict=True)) == [(0, 2), (1, 0)]
