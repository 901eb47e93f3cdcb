"""What a step reads and writes, by the contracts: each table's version, and the rows of what was built.

`python -m jobs.io.lineage run_audits --ds 2026-01-05` prints it as one JSON object.
"""

# Tested by tests/jobs/io/test_lineage.py.

import argparse
import json
from collections.abc import Sequence
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable

from conf.contracts import contract, table_names
from conf.days import parse_day, parse_instant
from conf.schedule import EXPORTS
from conf.ticks import Tick, tick_of
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables.partitions import Key, day_key, tick_key

Described = dict[str, Any]


def lineage(job: str, when: date | Tick) -> dict[str, list[Described]]:
    """The tables that a job reads (`inputs`) and writes (`outputs`), as they are now.

    Each has its name, its path, its version (None where it was never written) and of outputs also
    the rows, bytes and files of the run date or tick, all from the table's log.
    """
    outputs = [name for name in table_names() if contract(name).written_by == job]
    reads = {read for name in outputs for read in contract(name).reads}
    inputs = sorted(reads.union(EXPORTS.get(job, ())) - set(outputs))
    key = tick_key(when) if isinstance(when, Tick) else day_key(when)
    return {
        "inputs": [_described(name, arrow_tables.open_table(name)) for name in inputs],
        "outputs": [_built(name, key) for name in outputs],
    }


def _described(name: str, table: DeltaTable | None) -> Described:
    version = None if table is None else table.version()
    return {"name": name, "path": arrow_tables.deltalake_path(name), "version": version}


def _built(name: str, key: Key) -> Described:
    """A table with the rows, bytes and files of a partition; of the whole table where it has none."""
    table = arrow_tables.open_table(name)
    return _described(name, table) | _size(name, table, key)


def _size(name: str, table: DeltaTable | None, key: Key) -> Described:
    if table is None:
        return {"rows": 0, "bytes": 0, "files": 0}
    files = pa.table(table.get_add_actions(flatten=True))
    for column in contract(name).partition:
        if column in key:
            texts = files[f"partition.{column}"].cast(pa.string())
            files = files.filter(pc.equal(texts, str(key[column])))
    rows, size = (pc.sum(files[column]).as_py() or 0 for column in ("num_records", "size_bytes"))
    return {"rows": rows, "bytes": size, "files": files.num_rows}


def main(argv: Sequence[str] | None = None) -> None:
    """Print the lineage of a step as JSON."""
    parser = argparse.ArgumentParser(prog="lineage", description=__doc__)
    parser.add_argument("job")
    parser.add_argument("--ds", help="run date, YYYY-MM-DD (UTC)")
    parser.add_argument("--until", help="the end of a tick")
    given = parser.parse_args(argv)
    when = parse_day(given.ds) if given.ds else tick_of(parse_instant(given.until, "--until"))
    print(json.dumps(lineage(given.job, when)))


if __name__ == "__main__":
    main()
