"""The note of the commit of a day's drafts: the rankers that were refused as they were made, from where they
come into the receipt of the day's publication, and the prices of promised titles.
"""

import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import date
from typing import Any

from conf.promises import Price
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables.fences import note_without_token


def note_of(ds: date, refused: Sequence[str], prices: Iterable[Price] = ()) -> str:
    """The note of the commit of a day's drafts."""
    note: dict[str, object] = {"drafts": ds.isoformat(), "refused": list(refused)}
    listed = [list(price) for price in prices]
    return json.dumps(note | ({"prices": listed} if listed else {}), sort_keys=True)


def refused_rankers(ds: date, drafts_version: int) -> list[str]:
    """What was refused as the drafts of a day were made that stand at a version of the table."""
    return [str(line) for line in _note_of_day(ds, drafts_version).get("refused", [])]


def drafted_prices(ds: date) -> tuple[Price, ...]:
    """The prices of promised titles that the newest drafts of a day were made with."""
    return tuple(Price(*price) for price in _note_of_day(ds).get("prices", []))


def _note_of_day(ds: date, drafts_version: int | None = None) -> dict[str, Any]:
    """The note of the last commit of a day's drafts, up to a version of the table; empty without one."""
    table = arrow_tables.open_table("drafts")
    commits = [] if table is None else table.history()
    for commit in sorted(commits, key=lambda each: -each["version"]):
        note = _note(commit)
        is_until = drafts_version is None or commit["version"] <= drafts_version
        if is_until and note.get("drafts") == ds.isoformat():
            return note
    return {}


def _note(commit: dict[str, Any]) -> dict[str, Any]:
    with suppress(ValueError, TypeError):
        note = json.loads(note_without_token(commit.get("userMetadata") or ""))
        return note if isinstance(note, dict) else {}
    return {}
