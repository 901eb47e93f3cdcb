"""Lifts of hours, worked out by hand."""

import numpy as np

from conf.nearline import nearline_settings
from models.page.lifts import lifts

PLAIN = nearline_settings().context.model_copy(update={"width_hours": 0, "prior_plays": 4.0})


def plays(**by_hour: list[int]) -> np.ndarray:
    out = np.zeros((24, 2), np.int64)
    for hour, counts in by_hour.items():
        out[int(hour[1:])] = counts
    return out


def test_lift_compares_an_hour_with_the_whole_day() -> None:
    found = lifts({"NO": plays(h20=[0, 4], h8=[8, 4])}, PLAIN)
    # over the day half of the 16 plays are of each; at 20 (0 + 4 * .5) / (4 + 4) = .25 and .75; at 8 10/16 and 6/16
    np.testing.assert_allclose(found.by_country["NO"][20], np.log([0.5, 1.5]), rtol=1e-6)
    np.testing.assert_allclose(found.by_country["NO"][8], np.log([1.25, 0.75]), rtol=1e-6)
    assert (found.by_country["NO"][3] == 0).all(), "an hour without plays says nothing"


def test_neighbouring_hours_speak_for_each_other_round_the_clock() -> None:
    wide = PLAIN.model_copy(update={"width_hours": 1, "prior_plays": 1e-9})
    found = lifts({"NO": plays(h23=[6, 0], h12=[0, 6])}, wide).by_country["NO"]
    np.testing.assert_allclose(found[0, 0], found[23, 0])
    assert found[0, 0] > 0 > found[0, 1] and found[12, 1] > 0


def test_a_country_without_plays_hears_from_everybody() -> None:
    found = lifts({"NO": plays(h20=[0, 4]), "SE": plays(h8=[8, 4])}, PLAIN)
    np.testing.assert_array_equal(found.at("XX", 20 * 3600.0), found.by_country["*"][20])
    assert found.at("NO", (24 * 365 + 20) * 3600.0) is not None and lifts({}, PLAIN).at("NO", 0.0) is None


def test_a_genre_nobody_plays_has_no_lift() -> None:
    assert (lifts({"NO": plays(h20=[4, 0])}, PLAIN).by_country["NO"][:, 1] == 0).all()
