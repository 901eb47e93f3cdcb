"""Figures over seeds, by hand."""

import pytest

from benchmarks.experiments.seeds import KEYS, SPEARMAN, over_seeds


def found(value: float) -> dict[str, object]:
    table = {"err_2d": {"play_rate": value, "minutes": value, "discovery": -value}}
    return {**dict.fromkeys(KEYS, value), SPEARMAN: table, f"{SPEARMAN}_better_half": table}


def test_mean_and_interval_over_seeds_by_hand():
    told = over_seeds([found(1.0), found(2.0), found(3.0)])
    summary = told["smallest_effect_told"]
    assert summary["mean"] == 2.0 and summary["of"] == [1.0, 2.0, 3.0]
    # Student's t of two degrees of freedom at .975, by a standard error of 1 / sqrt(3)
    assert summary["high"] - 2.0 == pytest.approx(4.30265 / 3**0.5, abs=1e-4)
    assert summary["low"] == pytest.approx(4.0 - summary["high"])
    of_metric = told[SPEARMAN]["err_2d"]
    assert (of_metric["play_rate"]["mean"], of_metric["discovery"]["mean"]) == (2.0, -2.0)
