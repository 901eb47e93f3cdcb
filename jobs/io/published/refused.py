"""The rankers that were refused as a day's drafts were made: kept in the note of the drafts' commit, from
where they come into the receipt of the day's publication.
"""

import json
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from typing import Any

from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables.fences import note_without_token


def note_of(ds: date, refused: Sequence[str]) -> str:
    """The note of the commit of a day's drafts."""
    return json.dumps({"drafts": ds.isoformat(), "refused": list(refused)}, sort_keys=True)


def refused_rankers(ds: date, drafts_version: int) -> list[str]:
    """What was refused as the drafts of a day were made that stand at a version of the table."""
    table = arrow_tables.open_table("drafts")
    commits = [] if table is None else table.history()
    for commit in sorted(commits, key=lambda each: -each["version"]):
        note = _note(commit)
        if commit["version"] <= drafts_version and note.get("drafts") == ds.isoformat():
            return [str(line) for line in note["refused"]]
    return []


def _note(commit: dict[str, Any]) -> dict[str, Any]:
    with suppress(ValueError, TypeError):
        note = json.loads(note_without_token(commit.get("userMetadata") or ""))
        return note if isinstance(note, dict) else {}
    return {}
