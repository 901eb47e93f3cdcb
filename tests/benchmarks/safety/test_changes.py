"""Changes are sent as records, and what has to hold after each is worked out apart from landing."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.safety.changes import KEYS, UNREADABLE, Changes, Draw, Truth

AT = datetime(2026, 1, 6, 12, tzinfo=UTC)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
KNOWN = {"known_at": LONG_AGO, "landing_id": "1"}


def truth() -> Truth:
    profiles = [
        {
            **KNOWN,
            "profile_id": name,
            "country": "US",
            "languages": ["en"],
            "maturity_limit": limit,
            "kids": limit == 7,
            "blocked_titles": None,
        }
        for name, limit in (("kid", 7), ("ann", None), ("bob", 16))
    ]
    titles = [
        {
            **KNOWN,
            "title_id": str(number),
            "name": f"T{number}",
            "maturity": 13,
            "launched_at": LONG_AGO,
        }
        for number in range(6)
    ]
    windows = [
        {
            **KNOWN,
            "title_id": row["title_id"],
            "country": "US",
            "from_at": LONG_AGO,
            "until_at": None,
        }
        for row in titles
    ]
    pictures = [
        {**KNOWN, "title_id": row["title_id"], "artwork_id": f"a{row['title_id']}", "maturity": 7}
        for row in titles
    ]
    return Truth(
        {"profiles": profiles, "titles": titles, "availability": windows, "artwork": pictures}
    )


def drawn(seed: int) -> tuple[Truth, Changes]:
    known = truth()
    draw = Draw(known, np.random.default_rng(seed), AT)
    titles = [str(number) for number in range(6)]
    return known, draw.changes(["ann", "bob", "kid"], titles, 2, ["GB", "US"])


@pytest.mark.parametrize("seed", range(30))
def test_what_is_sent_and_what_has_to_hold_agree(seed: int) -> None:
    known, changes = drawn(seed)
    assert len(changes.profiles) == 2
    for table, records in changes.records.items():
        for record in records:
            held = newest(known, table, record)
            assert held["known_at"] == AT
            if UNREADABLE in record.values():
                assert is_strict(table, held)
            elif isinstance(record.get("maturity_limit"), int):
                assert held["maturity_limit"] == record["maturity_limit"]


def newest(known: Truth, table: str, record: dict[str, Any]) -> dict[str, Any]:
    """The version that has to hold of what a record speaks of."""
    names = [name for name in KEYS[table] if name != "from_at"]
    (held,) = (
        row
        for row in known.newest[table].values()
        if all(row[name] == record[name] for name in names)
    )
    return held


def is_strict(table: str, held: dict[str, Any]) -> bool:
    """Whether a version is the strictest there can be of what was known."""
    if table == "availability":
        return bool(held["until_at"] == held["from_at"])
    if table == "profiles":
        limits = {"kid": 7, "ann": 12, "bob": 16}
        return bool(held["maturity_limit"] == limits[held["profile_id"]])
    return bool(held["maturity"] == 18)


def test_files_are_of_the_landing_contract(tmp_path: Path) -> None:
    _, changes = drawn(0)
    changes.write(tmp_path / "changes")
    lines = (tmp_path / "changes" / "profiles.jsonl").read_text().splitlines()
    assert [json.loads(line)["profile_id"] for line in lines] == changes.profiles


def test_the_judge_reads_what_has_to_hold_last() -> None:
    known, _ = drawn(3)
    rows = known.tables()["profiles"].to_pylist()
    assert len(rows) == 5 and {row["landing_id"] for row in rows[3:]} == {"~"}
