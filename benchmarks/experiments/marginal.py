"""What one more variant costs a night, and how long it takes to undo a decision."""

# Tested by tests/benchmarks/experiments/test_marginal.py.

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime
from statistics import median
from typing import Any

import numpy as np
import pyarrow as pa

from conf.changes import Changes
from conf.days import end_of
from conf.experiments import CELLS
from jobs.io.published.simulated import profiles_of_day
from jobs.io.snapshot.arrow import ArrowSnapshot
from jobs.io.snapshot.page_maker import page_maker_from
from jobs.io.tables.arrow import written_at
from models.page.variants import VariantPages, Variants

REPEATS = 3
LEAST = 400  # pages, fewer are repeated by other names
CHANGES: tuple[Changes, ...] = (
    {"pages.choice.diversity": 1.0},
    {"rows.kinds.trending.personal_weight": 0.0},
    {"pages.choice.calibration": 2.0},
    {"pages.builder": "template"},
)


def marginal_figures() -> dict[str, Any]:
    """Pages of the newest stored day, by the control alone and with variants of equal shares beside it.

    The share of the control's CPU that one more variant adds, by the number of variants: medians of
    REPEATS paired runs. Everybody has one page, so it is what its own settings, rankers and smaller
    batches cost.
    """
    ds = max(written_at("profile_features"))
    profiles = enough(profiles_of_day(ds), LEAST)
    by_count: dict[str, float] = {}
    _cpu_s(ds, profiles, CHANGES)  # compiles, and reads what the system then keeps
    for count in (1, len(CHANGES)):
        shares = []
        for _ in range(REPEATS):
            alone, beside = _cpu_s(ds, profiles, ()), _cpu_s(ds, profiles, CHANGES[:count])
            shares.append((beside / alone - 1) / count)
        by_count[str(count)] = median(shares)
    return {
        "marginal_variant_cost": max(by_count.values()),
        "marginal_variant_cost_by_variants": by_count,
        "marginal_variant_pages": profiles.num_rows,
    }


def _cpu_s(ds: date, profiles: pa.Table, changes: Sequence[Changes]) -> float:
    """CPU of a night's pages in this process: what is read of the day, and every page."""
    began = time.process_time()
    variants = Variants({f"bench:{number}": own for number, own in enumerate(changes)})
    pages = VariantPages(page_maker_from(ArrowSnapshot(end_of(ds))), variants)
    members = profiles.append_column(CELLS, cells(profiles.num_rows, len(changes)))
    made = sum(batch.num_rows for batch in pages(members.combine_chunks().to_batches()))
    assert made, "no page was made"
    return time.process_time() - began


def cells(profiles: int, variants: int) -> pa.Array:
    """The cells of profiles in turn: of the control, then of each variant."""
    turn = np.arange(profiles) % (variants + 1)
    names = [None if each == 0 else [f"bench:{each - 1}"] for each in turn]
    return pa.array(names, pa.list_(pa.string()))


def enough(profiles: pa.Table, least: int) -> pa.Table:
    """At least so many profiles: these, and again under other names."""
    tables = []
    for turn in range(-(-least // profiles.num_rows)):
        names = pa.array([f"{name}#{turn}" for name in profiles["profile_id"].to_pylist()])
        at = profiles.column_names.index("profile_id")
        tables.append(
            profiles.set_column(at, profiles.schema.field(at), names) if turn else profiles
        )
    return pa.concat_tables(tables).sort_by("profile_id")


def rollback_figures() -> dict[str, Any]:
    """Seconds of the whole command that undoes the start of an experiment, in a home of its own."""
    with tempfile.TemporaryDirectory() as home:
        own = {"FRONTROW_HOME": home, "FRONTROW_TABLES": f"{home}/tables"}
        _run([sys.executable, "-c", _START], own)
        began = time.monotonic()
        said = _run(
            [sys.executable, "-m", "cli.main", "rollback", "--experiment", "bench", "--json"], own
        )
        seconds = time.monotonic() - began
    assert json.loads(said)["action"] == "stop", said
    return {"rollback_s": seconds}


_START = f"""
from datetime import date
from jobs.declare_experiments import decide
decide("bench", "start", date({datetime.now(UTC).year + 1}, 1, 1), {{}})
"""


def _run(command: Sequence[str], variables: dict[str, str]) -> str:
    """What a command prints; CalledProcessError where it fails."""
    return subprocess.run(
        command, env={**os.environ, **variables}, check=True, capture_output=True, text=True
    ).stdout
