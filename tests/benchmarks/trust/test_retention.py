"""The bench counts a table that keeps too little or too much."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from benchmarks.trust import retention
from jobs.io.tables import upkeep


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
    forget: Callable[..., int] = upkeep.forget_before

    def shifted(session: Any, name: str, first: date) -> int:
        return forget(session, name, date.fromordinal(first.toordinal() + shift_days))

    monkeypatch.setattr(retention, "open_session", lambda _: NoStop(spark))
    monkeypatch.setattr(retention, "table_names", lambda: ("drafts", "events"))
    monkeypatch.setattr(upkeep, "forget_before", shifted)
    found = retention.figures(quiet)
    assert found["retention_tables"] == 2
    assert found["retention_not_enforced"] == ["events"]
    assert found["retention_wrong"] == ([] if not shift_days else ["drafts"])
