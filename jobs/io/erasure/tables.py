"""Profiles out of the tables: their rows, the log that tells of them, and receipts that agree again."""

# Tested by tests/jobs/io/erasure/test_erase.py.

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable, write_deltalake

from conf.contracts import contract
from jobs.io.code_version import code_version
from jobs.io.erasure.scan import Ids, traces
from jobs.io.erasure.tombstones import path_of_tombstones
from jobs.io.published import homepage
from jobs.io.published.receipts import PUBLISHED, UPDATED, newest_receipt, next_instant
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables import seals
from jobs.io.tables.partitions import predicate
from jobs.io.tables.row_hash import content_hash_of
from jobs.io.tables.schemas import arrow_schema

KEY = "profile_id"
TEXTS = ("raw", "examples")  # columns that hold records as they came
LOG = "_delta_log"


def erase_from_table(name: str, ids: Ids) -> int:
    """Erase profiles from a table and its log; how many rows went or changed."""
    table = arrow_tables.open_table(name)
    if table is None:
        return 0
    columns = contract(name).columns
    count = 0
    if KEY in columns:
        count = _without_rows(table, sorted(ids.ids))
    elif set(TEXTS) & set(columns):
        count = _without_texts(table, ids)
    folder = Path(arrow_tables.deltalake_path(name))
    if count or next(traces([folder], ids), None):
        with erasing(name):
            version = forget_past(folder)
        if name in (PUBLISHED, UPDATED):
            _write_receipts(name, version)
        if contract(name).landing:
            _correct_landings(name)
    return count


def _without_rows(table: DeltaTable, ids: Sequence[str]) -> int:
    """Write every partition that has rows of the profiles again without them, one commit each.

    No id stands in a predicate, which the log would keep; rows stream past and keep their order.
    """
    filters = [(KEY, "in", list(ids))]
    partition = table.metadata().partition_columns
    found = pa.table(table.to_pyarrow_table(columns=[KEY, *partition], filters=filters))
    keys = found.select(partition).group_by(partition).aggregate([]) if partition else None
    for key in keys.to_pylist() if keys else [{}] if found.num_rows else []:
        of_key = ~pc.field(KEY).isin(pa.array(ids, pa.string()))
        for column, value in key.items():
            of_key &= pc.field(column) == value
        others = table.to_pyarrow_dataset().scanner(filter=of_key).to_reader()
        where = predicate(key) if key else None
        write_deltalake(table, others, mode="overwrite", predicate=where)
    return found.num_rows


def _without_texts(table: DeltaTable, ids: Ids) -> int:
    """Delete records that name a profile, and examples out of lists."""
    rows = pa.table(table.to_pyarrow_table())
    kept, count = [], 0
    for row in rows.to_pylist():
        if ids.are_in(str(row.get("raw") or "").encode()):
            count += 1
            continue
        examples = row.get("examples")
        if examples is not None:
            row["examples"] = [each for each in examples if not ids.are_in(str(each).encode())]
            count += row["examples"] != examples
        kept.append(row)
    if count:
        write_deltalake(table, pa.Table.from_pylist(kept, rows.schema), mode="overwrite")
    return count


@contextmanager
def erasing(name: str) -> Iterator[None]:
    """Begin the seals of a table anew after its past was forgotten; a run that is cut short before
    that leaves a mark, by which the next one knows that nobody else has changed it.
    """
    mark = _mark()
    mark.write_text(name, encoding="utf-8")
    yield
    seals.begin_anew(name)
    mark.unlink()


def resume() -> None:
    """Finish what a run that was cut short had begun to forget."""
    with suppress(FileNotFoundError):
        seals.begin_anew(_mark().read_text(encoding="utf-8"))
        _mark().unlink()


def _mark() -> Path:
    return path_of_tombstones().with_name("_erasing")


def forget_past(folder: Path) -> int:
    """Leave of a table its newest version alone: files that it does not name go, and so does all of
    its log before a checkpoint of it. The version of that checkpoint.

    Deltas's log keeps the smallest and largest id of each file, of files that are gone too.
    """
    table = DeltaTable(str(folder))
    table.vacuum(retention_hours=0, enforce_retention_duration=False, dry_run=False, full=True)
    table = DeltaTable(str(folder))
    partition = table.metadata().partition_columns
    table.create_write_transaction([], mode="append", schema=table.schema(), partition_by=partition)
    table = DeltaTable(str(folder))
    table.create_checkpoint()
    version = table.version()
    for path in (folder / LOG).iterdir():
        number = path.name.lstrip(".")[:20]
        if path.is_file() and number.isdigit() and int(number) < version:
            path.unlink()
    return version


def _correct_landings(name: str) -> None:
    """Let the receipts of landed files tell of the rows that are there: else they would count as
    lost, and be landed again.
    """
    landings = arrow_tables.open_table("landings")
    if landings is None:
        return
    column = arrow_tables.filtered_rows(name, columns=["landing_id"])
    counts = column.group_by("landing_id").aggregate([([], "count_all")]).to_pylist()
    there = {row["landing_id"]: row["count_all"] for row in counts}
    rows = pa.table(landings.to_pyarrow_table())
    records = rows.to_pylist()
    for record in records:
        if record["target_table"] == name:
            rows_there = there.get(record["landing_id"], 0)
            held = min(record.get("held_count") or 0, rows_there)
            accepted = min(record["accepted_count"], rows_there - held)
            record |= {"accepted_count": accepted}
            if record.get("held_count") is not None:
                record["held_count"] = held
    if records != rows.to_pylist():
        write_deltalake(landings, pa.Table.from_pylist(records, rows.schema), mode="overwrite")
        seals.seal("landings")


def _write_receipts(name: str, version: int) -> None:
    """Receipts of every published day or tick as it is now: earlier versions are gone."""
    if not arrow_tables.was_written("publications"):
        return
    receipts = homepage.publication_receipts(name)
    log = arrow_tables.filtered_rows("publications", [("table_name", "=", name)]).to_pylist()
    at = next_instant(receipts, datetime.now(UTC))
    records = []
    for ds, tick in sorted({receipt.key for receipt in receipts}, key=str):
        newest = newest_receipt(receipts, ds, tick)
        like: dict[str, Any] = max(
            (row for row in log if (row["ds"], row.get("tick")) == (ds, tick)),
            key=lambda row: row["table_version"],
        )
        if newest is None or not newest.rows_count:
            continue
        key = [("ds", "=", ds), *([("tick", "=", tick)] if tick else [])]
        rows = arrow_tables.filtered_rows(name, key)
        new = {
            "table_version": version,
            "rows_count": rows.num_rows,
            "profiles_count": len(pc.unique(rows[KEY])),
            "content_hash": str(content_hash_of(rows.drop_columns([name for name, *_ in key]))),
            "files_checksum": None,
            "restored_version": None,
            "published_at": at,
            "code_version": code_version(),
        }
        records.append(like | new)
    if not records:
        return
    schema = arrow_schema("publications")
    rows_of_log = [{field: record.get(field) for field in schema.names} for record in records]
    publications = arrow_tables.open_table("publications")
    assert publications is not None
    write_deltalake(
        publications,
        pa.Table.from_pylist(rows_of_log, schema=schema),
        mode="append",
        schema_mode="merge",
    )
    seals.seal("publications")
