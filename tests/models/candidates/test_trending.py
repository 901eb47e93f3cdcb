"""What may be called trending, worked out by hand."""

import numpy as np
import pytest

from models.candidates.trending import rising, seasonal


def plays(week: list[float], before: list[float], **more: list[float]) -> dict[str, np.ndarray]:
    columns = {"plays_1d": week, "plays_3d": week, "plays_7d": week, "plays_before": before} | more
    return {name: np.array(values, np.float32) for name, values in columns.items()}


def test_strength_is_the_excess_over_what_was_expected() -> None:
    # of 40 plays of the week each of two titles is expected 20, as before; z = (30 - 20) / sqrt(21)
    found = rising(plays([30, 10], [50, 50]), plays([30, 10], [50, 50]), 7, 1, 0.0)
    assert found[0] == pytest.approx(10 / np.sqrt(21)) and np.isnan(found[1])


def test_weekend_that_lifts_all_lifts_nobody() -> None:
    assert np.isnan(rising(plays([40, 40], [80, 80]), plays([40, 40], [80, 80]), 7, 1, 0.0)).all()


def test_small_country_leans_on_everybody() -> None:
    here, everywhere = plays([3, 3], [4, 4]), plays([300, 30], [400, 400])
    alone, leaning = (rising(here, everywhere, 7, 1, prior) for prior in (0.0, 5.0))
    assert np.isnan(alone).all()  # both rise alike
    assert leaning[0] > 0 and np.isnan(leaning[1])


def test_title_has_to_be_played_more_a_day_than_before() -> None:
    # its share rises, since the other one falls, but 5 plays in a week are fewer than 40 in four
    assert np.isnan(rising(plays([5, 1], [40, 400]), plays([5, 1], [40, 400]), 7, 1, 0.0)).all()


def test_season_is_measured_against_an_even_year() -> None:
    here = plays([0] * 3, [0] * 3, season_plays=[31, 62, 9], earlier_plays=[365, 365, 9])
    found = seasonal(here, 10)
    assert np.isnan(found[0]) and found[1] == pytest.approx(np.log(2)) and np.isnan(found[2])
