"""Lifts of moments, worked out by hand."""

from datetime import UTC, datetime

import numpy as np
import pyarrow as pa

from conf.nearline import nearline_settings
from models.page.online.lifts import (
    DEVICE,
    HOUR,
    MOMENTS,
    Starts,
    context_lift,
    context_lifts,
    context_moments,
)

PLAIN = nearline_settings().context.model_copy(update={"width_hours": 0, "prior_starts": 2.0})


def hours(**by_hour: list[float]) -> np.ndarray:
    """(24, 2) of two traits."""
    out = np.zeros((24, 2))
    for hour, counts in by_hour.items():
        out[int(hour[1:])] = counts
    return out


def test_lift_compares_what_was_begun_with_what_was_expected() -> None:
    counts = hours(h20=[0, 40], h8=[80, 40]), hours(h20=[20, 20], h8=[60, 60])
    lifts = context_lift("genre", HOUR, MOMENTS[HOUR], {"NO": Starts(*counts)}, PLAIN)
    # so different that no more than 2 are added: (0 + 2) / (20 + 2) and (40 + 2) / (20 + 2) at 20
    np.testing.assert_allclose(lifts.at("NO", {HOUR: "20"}), np.log([2 / 22, 42 / 22]), rtol=1e-4)
    np.testing.assert_allclose(lifts.at("NO", {HOUR: "8"}), np.log([82 / 62, 42 / 62]), rtol=1e-4)
    assert (lifts.at("NO", {HOUR: "3"}) == 0).all(), "an hour without starts says nothing"
    assert lifts.at("NO", {DEVICE: "tv"}) is None, "the hour is not told"


def test_neighbouring_hours_speak_for_each_other_round_the_clock() -> None:
    wide = PLAIN.model_copy(update={"width_hours": 1})
    counts = hours(h23=[60, 0], h12=[0, 60]), hours(h23=[30, 30], h12=[30, 30])
    lifts = context_lift("genre", HOUR, MOMENTS[HOUR], {"NO": Starts(*counts)}, wide).by_country[
        "NO"
    ]
    # an hour away counts for half
    np.testing.assert_allclose(
        lifts[[22, 23, 0], 0], np.log([32 / 17, 62 / 32, 32 / 17]), rtol=1e-4
    )
    assert lifts[0, 0] > 0 > lifts[0, 1] and lifts[12, 1] > 0 == lifts[2, 0]


def test_devices_are_learned_of_all_countries_and_have_no_neighbours() -> None:
    wide = PLAIN.model_copy(update={"width_hours": 3})
    of_each = np.array([[2.0, 0.0], [0.0, 2.0]]), np.ones((2, 2))
    lifts = context_lift(
        "kind", DEVICE, ("phone", "tv"), {"NO": Starts(*of_each), "": Starts(*of_each)}, wide
    )
    assert set(lifts.by_country) == {"*"}
    np.testing.assert_allclose(lifts.at("NO", {DEVICE: "phone"}), np.log([1.5, 0.5]), rtol=1e-4)


def test_a_country_without_starts_hears_from_everybody() -> None:
    counts = {
        "NO": Starts(hours(h20=[0, 4]), hours(h20=[2, 2])),
        "": Starts(hours(h8=[4, 0]), hours(h8=[2, 2])),
    }
    lifts = context_lift("genre", HOUR, MOMENTS[HOUR], counts, PLAIN)
    np.testing.assert_array_equal(lifts.at("XX", {HOUR: "20"}), lifts.by_country["*"][20])
    assert set(lifts.by_country) == {"NO", "*"}
    assert context_lift("genre", HOUR, MOMENTS[HOUR], {}, PLAIN).at("NO", {HOUR: "20"}) is None


def test_a_context_that_makes_no_difference_says_nothing_and_one_that_does_speaks_up() -> None:
    """Counts of 24 hours drawn around their expectations: by chance alone, and with rates that differ by 1.5."""
    rng, expected = np.random.default_rng(0), np.full((24, 2), 60.0)
    for rate, heard in ((1.0, False), (1.5, True)):
        rates = np.where(np.arange(24) % 2, rate, 1 / rate)[:, None]
        counts = {"NO": Starts(rng.poisson(expected * rates).astype(float), expected)}
        lifts = context_lift("genre", HOUR, MOMENTS[HOUR], counts, PLAIN).by_country["NO"]
        assert (np.abs(lifts).mean() > 0.2) == heard and (np.abs(lifts).max() < 0.05) == (not heard)


def test_lifts_are_of_every_facet_and_context_and_of_known_traits() -> None:
    rows = [
        ("tv", "film", 4, 2.0),
        ("tv", "series", 0, 2.0),
        ("phone", "series", 4, 2.0),
        ("phone", "film", 0, 2.0),
        ("phone", "unheard of", 9, 1.0),
    ]
    device, kind, count, expected = map(list, zip(*rows, strict=True))
    table = pa.table(
        {
            "country": ["NO"] * 5,
            "context": ["device"] * 5,
            "moment": device,
            "facet": ["kind"] * 5,
            "trait": kind,
            "starts_count": count,
            "expected_count": expected,
        }
    )
    traits = {"genre": ("Drama",), "kind": ("film", "series")}
    lifts = {(one.facet, one.context): one for one in context_lifts(table, traits, PLAIN)}
    assert set(lifts) == {
        (facet, context) for facet in traits for context in (HOUR, "weekday", DEVICE)
    }
    np.testing.assert_allclose(
        lifts["kind", DEVICE].at("NO", {DEVICE: "phone"}), np.log([0.5, 1.5]), rtol=1e-4
    )


def test_moments_are_named_in_utc() -> None:
    at = datetime(2026, 1, 11, 23, 30, tzinfo=UTC).timestamp()  # a Sunday
    assert context_moments(at, "phone") == {
        "hour": "23",
        "weekday": "7",
        "device": "phone",
    } and DEVICE not in context_moments(at)
