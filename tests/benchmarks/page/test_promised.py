"""What a promise keeps and costs, by hand."""

from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from benchmarks.page.outcomes import measure_sums
from benchmarks.page.promised import PROMISED, PromisedDay, _reach, promise_figures
from conf.promises import Promise
from models.page.price_search import PricedPromise

PROMISE = Promise(title_id="x", profiles=3, from_ds=date.min, until_ds=date.max)


def row(profile: str, position: int, titles: str) -> dict[str, object]:
    cells = [{"title_id": title} for title in titles]
    return {"profile_id": profile, "row_position": position, "cells": cells}


def test_reach_counts_a_profile_once_and_only_what_every_device_shows_first() -> None:
    rows = [
        row("ann", 1, "abx"),
        row("ann", 2, "xab"),
        row("bob", 1, "abcx"),  # the fourth cell
        row("cy", 4, "x"),  # the fourth row
        row("dan", 3, "x"),
    ]
    assert _reach(pa.Table.from_pylist(rows), "x") == 2


def test_a_day_counts_as_kept_by_its_pages_and_its_cost_is_over_the_stagewise_page() -> None:
    priced = PricedPromise(PROMISED, PROMISE, 2.0, 3.0, True)
    none = pa.table({})
    days = [PromisedDay(none, priced, 3, 1), PromisedDay(none, priced, 2, 0)]
    sessions = pa.Table.from_pylist(
        [
            {"account_id": f"a{n}", "day": n % 2, "arm": arm, "taken": taken, "sessions": 10.0}
            for arm, taken in (("stagewise", 5.0), (PROMISED, 4.0))
            for n in range(40)
        ]
    )
    figures = promise_figures(days, {"play_rate": measure_sums(sessions, "play_rate")})
    assert figures["kept_share"] == 0.5 and figures["price"] == 2
    assert (figures["promised"], figures["reach"], figures["reach_without"]) == (6, 5, 1)
    assert figures["play_rate"] == pytest.approx(0.4)
    assert figures["play_rate_gain"] == pytest.approx(-0.2)
    assert np.isfinite(figures["play_rate_gain_low"])
