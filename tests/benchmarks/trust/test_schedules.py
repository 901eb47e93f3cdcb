"""Days in other orders: each schedule has every day, and one that leaves something else is named."""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest

from benchmarks.trust import days_in_order, schedules
from benchmarks.trust.made import FIRST, rows, write
from benchmarks.trust.schedules import SERIAL
from closed_loop.homes import environment_variables
from conf.errors import Retryable
from conf.schedule import cadence

DAYS = [FIRST + timedelta(days=n) for n in range(14)]
JOBS = cadence("homepage_daily").jobs


def test_every_schedule_builds_every_day_and_the_overlapping_one_some_twice() -> None:
    built = {name: [ds for lane in lanes for ds in lane] for name, lanes in ways().items()}
    assert all(set(days) == set(DAYS) for days in built.values())
    assert len(built["overlapping backfills"]) > len(DAYS)
    assert len({tuple(map(tuple, lanes)) for lanes in ways().values()}) == len(ways()) == 6
    assert next(iter(ways())) == SERIAL


def ways() -> dict[str, list[Sequence[date]]]:
    return schedules.schedules(DAYS)


def test_a_schedule_after_which_a_day_is_another_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[Sequence[Sequence[date]]] = []

    def run(home: Path, lanes: Sequence[Sequence[date]]) -> int:
        """Days whose rows depend on themselves; of the second schedule one depends on the order."""
        runs.append(lanes)
        with environment_variables(FRONTROW_TABLES=str(home / "tables")):
            for ds in sorted({ds for lane in lanes for ds in lane}):
                seed = "order" if len(runs) == 2 and ds == max(lanes[0]) else str(ds)
                write("title_features", rows("title_features", ds, Random(seed), 2))
        return 1

    monkeypatch.setattr(schedules, "_run", run)
    monkeypatch.setattr(schedules, "_land_and_train", lambda home, *_: home.mkdir())
    figures = schedules.figures(lambda _: None, count=3)
    assert figures["concurrent_schedules"] == 5
    assert figures["concurrent_schedules_equal"] == 4
    assert figures["schedule_tries_again"] == 6
    [unequal] = figures["schedules_unequal"]  # type: ignore[misc]
    assert unequal.startswith("reversed: title_features ")


def test_a_job_is_tried_again_only_where_it_says_that_this_helps(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done: list[tuple[str, date]] = []
    errors = [Retryable("another run was first"), Retryable("and another")]

    def step(spark: None, job: str, ds: date) -> str:
        if job == JOBS[1] and errors:
            raise errors.pop()
        done.append((job, ds))
        return ""

    monkeypatch.setattr(days_in_order.direct, "run_step", step)
    assert days_in_order.build(None, DAYS[:2]) == 2  # type: ignore[arg-type]
    assert done == [(job, ds) for ds in DAYS[:2] for job in JOBS]
    errors.append(ValueError("a fault"))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="a fault"):
        days_in_order.build(None, DAYS)  # type: ignore[arg-type]
