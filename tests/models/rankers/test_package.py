"""A model that is not the one we trained never scores."""

import json
from dataclasses import replace

import lightgbm as lgb
import numpy as np
import pytest

from conf.errors import Rejected
from conf.keys import sha256_text
from models.rankers.lambdarank import fit_ranker
from models.rankers.package import Package, load, pack
from tests.models.rankers.test_lambdarank import QUICK, queries

NAMES = ("a", "b", "c", "d")


@pytest.fixture(scope="module")
def packed() -> Package:
    given = queries(1)
    booster = fit_ranker(given, QUICK, NAMES)
    return pack(booster, given.matrix)


def test_load_gives_the_model_back_bit_by_bit(packed: Package) -> None:
    other, given = queries(2).matrix, queries(1)
    booster = fit_ranker(given, QUICK, NAMES)
    assert np.array_equal(load(packed, NAMES).predict(other), booster.predict(other))


def test_package_survives_json_with_unknown_values(packed: Package) -> None:
    probe = json.loads(json.dumps(packed.probe, allow_nan=False))
    assert any(value is None for row in probe["rows"] for value in row)
    load(replace(packed, probe=probe))


def test_tampered_text_is_refused_before_lightgbm_sees_it(
    packed: Package, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lgb, "Booster", lambda **_: pytest.fail("LightGBM saw it"))
    rng = np.random.default_rng(0)
    for at in rng.integers(len(packed.model), size=50):
        text = packed.model[:at] + chr(ord(packed.model[at]) ^ 1) + packed.model[at + 1 :]
        with pytest.raises(Rejected, match="sha256"):
            load(replace(packed, model=text))


def test_another_model_with_its_own_hash_is_refused_by_the_probe(packed: Package) -> None:
    given = queries(3)
    text = fit_ranker(given, QUICK, NAMES).model_to_string()
    with pytest.raises(Rejected, match="score otherwise"):
        load(replace(packed, model=text, model_sha256=sha256_text(text)))


def test_text_that_is_no_model_is_rejected(packed: Package) -> None:
    with pytest.raises(Rejected, match="cannot read"):
        load(replace(packed, model="<html>", model_sha256=sha256_text("<html>")))


@pytest.mark.parametrize("names", [("a", "b", "c"), ("b", "a", "c", "d"), ("a", "b", "c", "e")])
def test_other_features_or_another_order_are_refused(
    packed: Package, names: tuple[str, ...]
) -> None:
    with pytest.raises(Rejected, match="features differ from those of this version"):
        load(packed, names)
    with pytest.raises(Rejected, match="features differ from those of its record"):
        load(replace(packed, feature_names=names))


@pytest.mark.parametrize(
    "probe", [{}, {"rows": [], "scores": []}, {"rows": [[1.0]], "scores": [0.5]}]
)
def test_missing_or_short_probe_is_refused(packed: Package, probe: dict[str, list[float]]) -> None:
    with pytest.raises(Rejected, match="probe"):
        load(replace(packed, probe=probe))
