"""Pages read from the published table after every kind of fault: the right one, none, or a wrong one."""

# Tested by tests/benchmarks/trust/test_run.py.

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random

import pyarrow as pa
from deltalake import write_deltalake

from benchmarks.trust.made import FIRST, own_home, rows, write
from conf.errors import FrontrowError
from jobs.io.published import homepage, rollbacks
from jobs.io.published.receipts import PUBLISHED
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables import repairs, seals

Say = Callable[[str], None]
PROFILES = 8
ROUNDS = 4


def figures(say: Say, rounds: int = ROUNDS) -> dict[str, object]:
    """How many pages were read under faults, and how many were neither right nor refused."""
    reads: Counter[str] = Counter()
    wrong: list[str] = []
    with own_home():
        say("pages read under faults")
        for number in range(rounds):
            for name, fault in _FAULTS.items():
                random = Random(f"{number} {name}")
                right = fault(random, _publish(random))
                for profile in range(PROFILES):
                    outcome = _read(f"p{profile}", right)
                    reads[outcome] += 1
                    if outcome == "wrong":
                        wrong.append(name)
                repairs.done(repairs.found([PUBLISHED, "publications"]))
    return {
        "pages_read": reads.total(),
        "pages_right": reads["right"],
        "pages_refused": reads["refused"],
        "wrong_pages_read": reads["wrong"],
        "wrong_pages_examples": wrong[:5],
    }


def _read(profile_id: str, right: set[str]) -> str:
    try:
        page = homepage.page_records(profile_id, FIRST)
    except FrontrowError:
        return "refused"
    return "right" if {row["row_title"] for row in page} <= right else "wrong"


def _publish(random: Random) -> str:
    """Publish a day in place of what it had, with its receipt; the title that all its rows have."""
    title, version, count = _replace(random)
    receipt = rows("publications", FIRST, random, 1).to_pylist()[0]
    receipt |= {"table_name": PUBLISHED, "tick": None, "on_hold": None, "restored_version": None}
    receipt |= {"table_version": version, "rows_count": count, "published_at": datetime.now(UTC)}
    write(
        "publications",
        pa.Table.from_pylist([receipt], rows("publications", FIRST, random, 1).schema),
    )
    return title


def _replace(random: Random, ds: date = FIRST) -> tuple[str, int, int]:
    title = f"published {random.randrange(10**9)}"
    table = rows(PUBLISHED, ds, random)
    records = [
        row | {"profile_id": f"p{n % PROFILES}", "row_title": title}
        for n, row in enumerate(table.to_pylist())
    ]
    table = pa.Table.from_pylist(records, table.schema)
    path = arrow_tables.deltalake_path(PUBLISHED)
    there = arrow_tables.was_written(PUBLISHED)
    how = {"mode": "overwrite", "predicate": f"ds = '{ds}'"} if there else {"mode": "append"}
    write_deltalake(path, table, partition_by=["ds"], **how)  # type: ignore[call-overload]
    seals.seal(PUBLISHED)
    return title, arrow_tables.newest_version(PUBLISHED), len(records)


def _folder(name: str) -> Path:
    folder = seals.folder_of(name)
    assert folder is not None
    return folder


def _last_entry(name: str) -> Path:
    return max((_folder(name) / seals.LOG).glob("*.json"))


def _cut_short(random: Random, good: str) -> set[str]:
    """A publication that ended before its receipt."""
    _replace(random)
    return {good}


def _lost_entry(random: Random, good: str) -> set[str]:
    _last_entry(PUBLISHED).unlink()
    return {good}


def _empty_entry(random: Random, good: str) -> set[str]:
    _last_entry(PUBLISHED).write_bytes(b"")
    return {good}


def _lost_receipt(random: Random, good: str) -> set[str]:
    _last_entry("publications").unlink()
    return {good}


def _changed_byte(random: Random, good: str) -> set[str]:
    folder = _folder(PUBLISHED)
    place = folder / random.choice(sorted(seals.chain_of(folder).files))
    data = bytearray(place.read_bytes())
    data[random.randrange(len(data))] ^= 1 << random.randrange(8)
    place.write_bytes(data)
    return {good}


def _rolled_back(random: Random, good: str) -> set[str]:
    """A page given up is never right again."""
    bad = _publish(random)
    rollbacks.roll_back_day(FIRST)
    table = arrow_tables.filtered_rows(PUBLISHED, [("ds", "=", FIRST)], ["row_title"])
    plain = set(table["row_title"].to_pylist())
    assert bad not in plain, "who reads the table by its path sees what was given up"
    return {good}


_FAULTS: dict[str, Callable[[Random, str], set[str]]] = {
    "cut short": _cut_short,
    "lost entry": _lost_entry,
    "empty entry": _empty_entry,
    "lost receipt": _lost_receipt,
    "changed byte": _changed_byte,
    "rolled back": _rolled_back,
}
