"""A ranker goes back to the one promoted before, and none is promoted until the hold is lifted.

The hold stands in `reason` of its rows in `rankers`, for everybody who reads the table. No Spark.
"""

# Tested by tests/cli/test_rollback.py.

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from conf.errors import UserMistake
from jobs.io.snapshot.rankers import newest_promoted
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables import fences, seals
from jobs.io.tables.partitions import day_key, predicate

ON_HOLD = "on hold: "
COLUMNS = ["ds", "ranker", "ranker_id", "promoted", "reason"]


def held_rankers() -> set[str]:
    """The rankers on hold."""
    rows = arrow_tables.filtered_rows("rankers", (), COLUMNS).to_pylist()
    return {row["ranker"] for row in rows if row["reason"].startswith(ON_HOLD)}


def kept_back(records: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Trained rankers as they are to be written: those on hold are not promoted."""
    held = held_rankers()
    return [
        record | {"promoted": False, "reason": f"{ON_HOLD}{record['reason']}"}
        if record["ranker"] in held
        else record
        for record in records
    ]


def roll_back_ranker(ranker: str) -> tuple[str, str | None]:
    """Let the ranker promoted before serve; the ids of the one given up and of the one that serves,
    None for popularity.
    """
    rows = arrow_tables.filtered_rows("rankers", [("ranker", "=", ranker)], COLUMNS).to_pylist()
    serves = newest_promoted(rows)
    if serves is None:
        raise UserMistake(f"nothing to roll back to: no ranker {ranker!r} is promoted")
    reason = f"{ON_HOLD}rolled back at {datetime.now(UTC):%Y-%m-%d %H:%M}"
    _update(ranker, serves, {"promoted": "false", "reason": f"'{reason}'"})
    before = newest_promoted(row for row in rows if row["ranker_id"] != serves["ranker_id"])
    return serves["ranker_id"], before["ranker_id"] if before else None


def lift_ranker(ranker: str) -> None:
    """Let the next ranker that is trained be promoted; those given up stay so."""
    rows = arrow_tables.filtered_rows("rankers", [("ranker", "=", ranker)], COLUMNS).to_pylist()
    held = [row for row in rows if row["reason"].startswith(ON_HOLD)]
    if not held:
        raise UserMistake(f"the ranker {ranker!r} is not on hold")
    for row in held:
        _update(ranker, row, {"reason": f"substr(reason, {len(ON_HOLD) + 1})"})


def given_up_ids() -> set[str]:
    """The ids of the rankers that were rolled back."""
    rows = arrow_tables.filtered_rows("rankers", (), COLUMNS).to_pylist()
    back = "rolled back at"
    return {
        row["ranker_id"] for row in rows if row["reason"].removeprefix(ON_HOLD).startswith(back)
    }


def _update(ranker: str, row: Mapping[str, Any], updates: dict[str, str]) -> None:
    key = day_key(row["ds"])
    fence = fences.taken("rankers", key)
    table = arrow_tables.open_table("rankers")
    assert table is not None  # the row is of it
    name = ranker.replace("'", "''")
    with fences.committing(fence):
        table.update(
            predicate=f"{predicate(key)} AND ranker = '{name}'",
            updates=updates,
            commit_properties=fences.properties(table, fence),
        )
    seals.seal("rankers")
