"""Lifts of moments, worked out by hand."""

from datetime import UTC, datetime

import numpy as np
import pyarrow as pa

from conf.nearline import nearline_settings
from models.page.lifts import DEVICE, HOUR, MOMENTS, lift, lifts, moment_at

PLAIN = nearline_settings().context.model_copy(update={"width_hours": 0, "prior_starts": 4.0})


def starts(**by_hour: list[int]) -> np.ndarray:
    out = np.zeros((24, 2), np.int64)
    for hour, counts in by_hour.items():
        out[int(hour[1:])] = counts
    return out


def test_lift_compares_an_hour_with_the_whole_day() -> None:
    found = lift("genre", HOUR, MOMENTS[HOUR], {"NO": starts(h20=[0, 4], h8=[8, 4])}, PLAIN)
    # over the day half of the 16 starts are of each; at 20 (0 + 4 * .5) / (4 + 4) = .25 and .75; at 8 10/16 and 6/16
    np.testing.assert_allclose(found.at("NO", {HOUR: "20"}), np.log([0.5, 1.5]), rtol=1e-6)
    np.testing.assert_allclose(found.at("NO", {HOUR: "8"}), np.log([1.25, 0.75]), rtol=1e-6)
    assert (found.at("NO", {HOUR: "3"}) == 0).all(), "an hour without starts says nothing"
    assert found.at("NO", {DEVICE: "tv"}) is None, "the hour is not told"


def test_neighbouring_hours_speak_for_each_other_round_the_clock() -> None:
    wide = PLAIN.model_copy(update={"width_hours": 1, "prior_starts": 1e-9})
    found = lift("genre", HOUR, MOMENTS[HOUR], {"NO": starts(h23=[6, 0], h12=[0, 6])}, wide).by_country["NO"]
    np.testing.assert_allclose(found[0, 0], found[23, 0])
    assert found[0, 0] > 0 > found[0, 1] and found[12, 1] > 0


def test_devices_have_no_neighbours() -> None:
    wide = PLAIN.model_copy(update={"width_hours": 3})
    found = lift("kind", DEVICE, ("phone", "tv"), {"NO": np.array([[4, 0], [0, 4]])}, wide)
    np.testing.assert_allclose(found.at("NO", {DEVICE: "phone"}), np.log([1.5, 0.5]), rtol=1e-6)


def test_a_country_without_starts_hears_from_everybody() -> None:
    found = lift("genre", HOUR, MOMENTS[HOUR], {"NO": starts(h20=[0, 4]), "": starts(h8=[8, 4])}, PLAIN)
    np.testing.assert_array_equal(found.at("XX", {HOUR: "20"}), found.by_country["*"][20])
    assert set(found.by_country) == {"NO", "*"}
    assert lift("genre", HOUR, MOMENTS[HOUR], {}, PLAIN).at("NO", {HOUR: "20"}) is None


def test_a_genre_nobody_begins_has_no_lift() -> None:
    found = lift("genre", HOUR, MOMENTS[HOUR], {"NO": starts(h20=[4, 0])}, PLAIN)
    assert (found.by_country["NO"][:, 1] == 0).all()


def table(pages: int) -> pa.Table:
    rows = [("NO", "device", device, "kind", kind, count, pages * count)
            for device, kind, count in (("tv", "movie", 4), ("phone", "series", 4), ("phone", "what", 9))]  # fmt: skip
    names = ["country", "context", "moment", "facet", "trait", "starts_count", "page_starts_count"]
    return pa.table(dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))


def test_lifts_are_of_every_facet_and_context_and_of_known_traits() -> None:
    traits = {"genre": ("Drama",), "kind": ("movie", "series")}
    for pages in (0, 1):
        found = {(one.facet, one.context): one for one in lifts(table(pages), traits, PLAIN)}
        assert set(found) == {(facet, context) for facet in traits for context in (HOUR, "weekday", DEVICE)}
        told = found["kind", DEVICE].at("NO", {DEVICE: "phone"})
        np.testing.assert_allclose(told, np.log([0.5, 1.5]), rtol=1e-6)


def test_moments_are_named_in_utc() -> None:
    at = datetime(2026, 1, 11, 23, 30, tzinfo=UTC).timestamp()  # a Sunday
    assert moment_at(at, "phone") == {"hour": "23", "weekday": "7", "device": "phone"} and DEVICE not in moment_at(at)
