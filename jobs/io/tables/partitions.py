"""The partition of a run date or a tick, and the SQL predicate for it. No Spark here."""

# Tested by tests/jobs/io/tables/test_spark.py.

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from conf.contracts import contract
from conf.errors import UserMistake
from conf.ticks import Tick

Key = Mapping[str, date | str]
Filter = tuple[str, str, Any]  # column, "=", "<=" or "in", value


def day_key(ds: date) -> Key:
    """The partition of a run date."""
    return {"ds": ds}


def tick_key(tick: Tick) -> Key:
    """The partition of a tick."""
    return {"ds": tick.ds, "tick": tick.name}


def predicate(key: Key) -> str:
    """The partition as SQL, made of a date and four digits only: other text could erase a table.

    >>> predicate({"ds": date(2026, 1, 5), "tick": "2110"})
    "ds = DATE'2026-01-05' AND tick = '2110'"
    """
    return " AND ".join(f"{column} = {_literal(value)}" for column, value in key.items())


def partition_text(key: Key) -> str:
    """The partition for people."""
    return ", ".join(f"{column}={value}" for column, value in key.items())


def missing_day(name: str, ds: date) -> UserMistake:
    """That a table has nothing of a run date, with the job that writes it."""
    job = contract(name).written_by
    return UserMistake(
        f"table {name} has no rows for ds={ds}; run `python -m jobs.{job} --ds {ds}` first"
    )


def _literal(value: date | str) -> str:
    if type(value) is date:
        return f"DATE'{value.isoformat()}'"
    if isinstance(value, str) and re.fullmatch(r"\d{4}", value):
        return f"'{value}'"
    raise TypeError(f"a partition is named by a date or by four digits, not by {value!r}")
