"""The contents of every table by day, without what tells one run from another."""

# Tested by tests/benchmarks/trust/test_contents.py.

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from deltalake import DeltaTable
from pyarrow import fs

# columns that say when, from which versions and by which files something was written
OF_THE_RUN = frozenset(
    {
        "code_version",
        "drafts_version",
        "files_checksum",
        "finished_at",
        "input_versions",
        "landed_at",
        "landings_after",
        "published_at",
        "restored_version",
        "started_at",
        "table_version",
    }
)
# a receipt for each run, the last of which holds: what counts is what they say, not how often
RECEIPTS = ("publications",)
NO_DAY = "no day"
Contents = dict[tuple[str, str], str]  # by table and day


def contents(tables: Path) -> Contents:
    """A checksum of the rows of each table and day; every other column counts, and how often a row
    stands there.

    Read by deltalake and written out as text: nothing is shared with the hashes of receipts.
    """
    found = {}
    for folder in sorted(path.parent for path in tables.glob("*/_delta_log")):
        lines: dict[str, list[str]] = defaultdict(list)
        # Arrow's own file system: deltalake's is Python, which Arrow's threads may outlive
        files = fs.SubTreeFileSystem(str(folder), fs.LocalFileSystem())
        for row in DeltaTable(folder).to_pyarrow_table(filesystem=files).to_pylist():
            kept = {name: row[name] for name in sorted(row) if name not in OF_THE_RUN}
            lines[str(row.get("ds", NO_DAY))].append(repr(kept))
        for day, of_day in lines.items():
            texts = set(of_day) if folder.name in RECEIPTS else of_day
            found[folder.name, day] = hashlib.sha256("\n".join(sorted(texts)).encode()).hexdigest()
    return found


def differences(
    wanted: Mapping[tuple[str, str], str], found: Mapping[tuple[str, str], str]
) -> list[str]:
    """The tables and days that are not as they should be."""
    places = sorted(wanted.keys() | found.keys())
    return [
        f"{table} {day}"
        for table, day in places
        if wanted.get((table, day)) != found.get((table, day))
    ]
