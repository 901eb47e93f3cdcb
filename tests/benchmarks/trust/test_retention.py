"""The bench counts a table that keeps too little or too much."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from benchmarks.trust import retention
from jobs.io.tables import upkeep

Forget = Callable[[Any, str, date], int]


def quiet(_: str) -> None:
    """Say nothing."""


class NoStop:
    """The session of the tests, which a bench may not stop."""

    def __init__(self, spark: Any) -> None:
        self._spark = spark

    def __getattr__(self, name: str) -> Any:
        return (lambda: None) if name == "stop" else getattr(self._spark, name)


@pytest.mark.slow
@pytest.mark.parametrize("shift_days", [0, 1])
def test_days_that_were_kept_are_counted(
    shift_days: int, spark: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "open_session", lambda _: NoStop(spark))
    monkeypatch.setattr(
        retention, "table_names", lambda: ("drafts", "events", "landings", "quarantine")
    )
    monkeypatch.setattr(upkeep, "forget_before", shifted(upkeep.forget_before, shift_days))
    landings = shifted(upkeep.forget_landings_before, shift_days)
    monkeypatch.setattr(upkeep, "forget_landings_before", landings)
    found = retention.figures(quiet)
    assert found["retention_tables"] == 2
    assert found["retention_for_good"] == ["events", "landings"]
    assert found["retention_wrong"] == ([] if not shift_days else ["drafts", "quarantine"])
    assert found["retention_kept"] == (0 if shift_days else 2)


def shifted(forget: Forget, days: int) -> Forget:
    """Upkeep that is wrong by some days."""

    def later(session: Any, name: str, first: date) -> int:
        return forget(session, name, first + timedelta(days=days))

    return later
