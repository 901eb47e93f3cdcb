"""Windows of availability at a moment."""

import numpy as np

from models.catalogue.availability import EVERYWHERE, NOWHERE, open_everywhere, windows_at

NOW = 100.0
OPEN_END = np.inf
# title, country, start, end; a title is an index, -1 where unknown
WINDOWS = [
    (0, "NO", 10.0, 20.0),
    (0, "NO", 50.0, 150.0),  # back after a gap
    (1, "NO", 10.0, 50.0),
    (1, "NO", 50.0, OPEN_END),  # adjoins the one before
    (2, "NO", 10.0, NOW),  # over
    (2, "SE", 10.0, 300.0),
    (-1, "SE", 0.0, OPEN_END),
    (4, "NO", NOW + 1, 300.0),  # not yet
    (4, "SE", NOW, 300.0),  # just now
]


def windows():
    title, country, start_s, end_s = zip(*WINDOWS, strict=True)
    return windows_at(
        np.array(title), np.array(country, object), np.array(start_s), np.array(end_s), NOW, 5
    )


def test_titles_with_windows_are_open_inside_them_and_others_everywhere():
    assert windows().open["NO"].tolist() == [True, True, False, True, False]
    assert windows().open["SE"].tolist() == [False, False, True, True, True]
    assert windows().open[NOWHERE].tolist() == [False, False, False, True, False]


def test_open_windows_have_an_end_and_a_beginning():
    assert windows().ends_s["NO"][[0, 1, 3]].tolist() == [150.0, np.inf, np.inf]
    assert windows().since_s["NO"][[0, 1]].tolist() == [50.0, 50.0]
    assert np.isnan(windows().since_s["NO"][3])


def test_a_title_is_back_after_a_gap_and_not_after_a_window_that_adjoins():
    assert windows().back["NO"].tolist() == [True, False, False, False, False]


def test_open_everywhere_is_what_is_open_in_each_country_and_until_the_first_end():
    everywhere = open_everywhere(windows())
    assert everywhere.open[EVERYWHERE].tolist() == [False, False, False, True, False]
    title, country = np.array([0, 0]), np.array(["NO", "SE"], object)
    both = windows_at(title, country, np.array([10.0, 20.0]), np.array([150.0, 120.0]), NOW, 1)
    both = open_everywhere(both)
    assert both.open[EVERYWHERE].tolist() == [True] and both.open["NO"].tolist() == [True]
    assert (both.ends_s[EVERYWHERE][0], both.since_s[EVERYWHERE][0]) == (120.0, 20.0)
