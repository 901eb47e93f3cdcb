"""Strata of profiles by hand, and what builders do for each."""

from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest

from benchmarks.page.strata import labelled, profile_strata, strata_figures
from benchmarks.page.world_day import WorldDay
from tests.models.page import small
from tests.simulator.small import small_world
from tests.simulator.worlds import past, people, settings

SHOP = small.catalogue({"often": {"plays": 1000}, "seldom": {"plays": 2}})


def today() -> WorldDay:
    """A day of the small world, on which every third profile has played what few play, and one nothing."""
    states = past().select(["index", "profile_id"])
    names = states["profile_id"].to_pylist()
    tastes = {
        name: {"history": [("often", "seldom", "often")[n % 3]]} for n, name in enumerate(names)
    }
    tastes[names[0]] = {"history": []}
    stage = SimpleNamespace(
        world=small_world(),
        settings=settings(),
        day=0,
        states=states,
        maker=SimpleNamespace(moment=SimpleNamespace(catalogue=SHOP)),
    )
    return WorldDay(stage, ((small.profiles(SHOP, tastes), np.zeros((len(names), 2))),))


def test_every_profile_has_one_label_of_each_stratum() -> None:
    strata = profile_strata(today())
    who = people(past()["index"].to_numpy())
    names = past()["profile_id"].to_pylist()
    assert set(strata) == {"country", "kids", "tenure", "first_week", "device", "taste"}
    assert [strata["kids"][name] == "child" for name in names] == who.kids.tolist()
    countries = list(settings().countries)
    assert [strata["country"][name] for name in names] == [countries[c] for c in who.country]
    new = [strata["first_week"][name] == "first week" for name in names]
    assert new == (-who.join_day <= 7).tolist()
    assert len(set(strata["tenure"].values())) == 3
    assert strata["taste"][names[0]] == ""
    assert strata["taste"][names[1]] == "rare"
    assert strata["taste"][names[2]] == "popular"


def test_measures_and_gains_of_each_label() -> None:
    rows = []
    for arm, child, grown in (("template", 0.2, 0.4), ("stagewise", 0.3, 0.4)):
        for number in range(40):
            new = child if number < 20 else grown
            counts = {"taken": 5.0, "new_plays": 10 * new, "young_plays": 1.0, "seconds": 600.0}
            keys = {"account_id": f"a{number}", "profile_id": f"p{number}", "day": number % 2}
            rows.append(keys | counts | {"arm": arm, "sessions": 10.0})
    kids = {f"p{number}": "child" if number < 20 else "grown-up" for number in range(39)}
    sessions = labelled(pa.Table.from_pylist(rows), {"kids": kids})
    found = strata_figures(sessions, ["kids"])["kids"]
    assert set(found) == {"child", "grown-up"}
    assert found["child"]["new_plays_gain"] == pytest.approx(0.5)
    assert found["grown-up"]["new_plays_gain"] == pytest.approx(0)
    assert found["child"]["template_new_plays"] == pytest.approx(0.2)
    assert found["grown-up"]["sessions"] == 190
