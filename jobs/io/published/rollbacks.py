"""What was published goes back to what was there before, for every reader of the tables.

A rollback is a commit to the published table itself: the partition has the files again that it had
before, or none where nothing was published before. So whoever reads the table by its path sees it.
Its receipt puts the partition on hold: nothing is published of it until the hold is lifted. What
ticks made since of a day that went back is withdrawn with it. No Spark here.
"""

# Tested by tests/cli/test_rollback.py.

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import write_deltalake
from deltalake.transaction import AddAction, RemoveAction

from conf.contracts import contract
from conf.errors import Rejected, UserMistake
from conf.places import local_folder
from conf.ticks import Tick, tick_named
from jobs.io.code_version import code_version
from jobs.io.published import homepage, ticks
from jobs.io.published.receipts import (
    PUBLISHED,
    UPDATED,
    PublicationReceipt,
    newest_receipt,
    next_instant,
)
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables import fences, seals
from jobs.io.tables.fences import Fence
from jobs.io.tables.partitions import Key, day_key, partition_text, predicate, tick_key
from jobs.io.tables.schemas import arrow_schema

FROM_TICKS = ("overlays", ticks.RECEIPTS)  # what a tick leaves beside its pages, receipts last


def receipt_fence(table: str, key: Key) -> Fence:
    """A fence of a partition's receipts."""
    return fences.taken("publications", name=f"{table} {partition_text(key)}")


def refuse_held(receipts: Iterable[PublicationReceipt], key: tuple[date, str | None]) -> None:
    """Refuse to publish what was rolled back and is on hold (Rejected)."""
    newest = newest_receipt(receipts, *key)
    if newest is not None and newest.on_hold:
        ds, tick = key
        option = f"--tick {tick_named(ds, tick)}" if tick else f"--ds {ds}"
        raise Rejected(
            f"{newest.partition} was rolled back at {newest.published_at:%Y-%m-%d %H:%M} and is on"
            f" hold; `frontrow rollback {option} --lift` lets it be published again"
        )


def on_hold(receipts: Sequence[PublicationReceipt]) -> list[PublicationReceipt]:
    """Of the receipts of a table those of its days or ticks that are on hold."""
    keys = sorted({receipt.key for receipt in receipts}, key=str)
    newest = [newest_receipt(receipts, *key) for key in keys]
    return [receipt for receipt in newest if receipt is not None and receipt.on_hold]


def roll_back_day(ds: date) -> tuple[PublicationReceipt, PublicationReceipt, list[Tick]]:
    """Give a day the pages published before; the receipts given up and holding now, and the ticks
    that were withdrawn.
    """
    before, after = _rolled_back(PUBLISHED, day_key(ds), (ds, None))
    return before, after, withdraw_ticks_on(ds)


def roll_back_tick(tick: Tick) -> tuple[PublicationReceipt, PublicationReceipt]:
    """Give a tick the updates published before; the receipts given up and holding now."""
    return _rolled_back(UPDATED, tick_key(tick), (tick.ds, tick.name))


def lift(table: str, key: Key) -> PublicationReceipt:
    """Let what is on hold be published again; it stays as it is until then."""
    fence = receipt_fence(table, key)
    receipts = homepage.publication_receipts(table)
    newest = newest_receipt(receipts, key["ds"], key.get("tick"))  # type: ignore[arg-type]
    if newest is None or not newest.on_hold:
        raise UserMistake(f"table {table}, {partition_text(key)} is not on hold")
    at = next_instant(receipts, datetime.now(UTC))
    lifted = replace(newest, published_at=at, on_hold=False)
    _append(table, [lifted], [fence])
    return lifted


def withdraw_ticks_on(ds: date) -> list[Tick]:
    """Withdraw the ticks that were built on a day's pages: their updates, states and receipts. The
    next tick takes in again what they knew.
    """
    rows = arrow_tables.filtered_rows(
        ticks.RECEIPTS, [("built_on", "=", ds)], ["ds", "tick"]
    ).to_pylist()
    withdrawn = sorted(tick_named(row["ds"], row["tick"]) for row in rows)
    if not withdrawn:
        return []
    _withdraw_updates(withdrawn)
    for name in FROM_TICKS:
        _delete(name, withdrawn)
    return withdrawn


def _withdraw_updates(withdrawn: Sequence[Tick]) -> None:
    """Delete the updates of ticks, and write receipts that say so."""
    of_receipts = [receipt_fence(UPDATED, tick_key(tick)) for tick in withdrawn]
    if not arrow_tables.was_written("publications"):
        return
    receipts = homepage.publication_receipts(UPDATED)
    newest = [newest_receipt(receipts, tick.ds, tick.name) for tick in withdrawn]
    published = [
        (receipt, fence)
        for receipt, fence in zip(newest, of_receipts, strict=True)
        if receipt and receipt.rows_count
    ]
    if not published:
        return
    version = _delete(UPDATED, withdrawn)
    at = next_instant(receipts, datetime.now(UTC))
    gone = [
        replace(r, table_version=version, rows_count=0, profiles_count=0, published_at=at)
        for r, _ in published
    ]
    _append(UPDATED, gone, [fence for _, fence in published])


def _delete(name: str, withdrawn: Sequence[Tick]) -> int:
    """Delete partitions of ticks in one commit, after which a run that began before may not write
    them; the version of the table.
    """
    keys = [tick_key(tick) for tick in withdrawn]
    of_table = [fences.taken(name, key) for key in keys]
    table = arrow_tables.open_table(name)
    if table is None:
        return -1
    where = " OR ".join(f"({predicate(key)})" for key in keys)
    with fences.committing(of_table[0]):
        table.delete(where, commit_properties=fences.properties(table, *of_table))
    seals.seal(name)
    return arrow_tables.newest_version(name)


def _rolled_back(
    table: str, key: Key, of: tuple[date, str | None]
) -> tuple[PublicationReceipt, PublicationReceipt]:
    fence, of_receipt = fences.taken(table, key), receipt_fence(table, key)
    receipts = homepage.publication_receipts(table)
    of_key = [receipt for receipt in receipts if receipt.key == of]
    if not of_key:
        raise UserMistake(
            f"nothing to roll back to: of {partition_text(key)} nothing was published"
        )
    given_up = of_key[-1]
    if not given_up.rows_count:
        raise UserMistake(
            f"nothing to roll back to: of {partition_text(key)} nothing is published any more"
        )
    before = version_before(of_key)
    version = _restored(table, key, before.content_version if before else None, fence)
    holding = replace(
        before or replace(given_up, rows_count=0, profiles_count=0, content_hash="0:0"),
        table_version=version,
        published_at=next_instant(receipts, datetime.now(UTC)),
        restored_version=before.content_version if before else None,
        on_hold=True,
    )
    _append(table, [holding], [of_receipt])
    return given_up, holding


def version_before(of_key: Sequence[PublicationReceipt]) -> PublicationReceipt | None:
    """The newest earlier publication that was not itself given up, of receipts in their order."""
    given_up = {of_key[-1].content_version}
    for earlier, later in pairwise(of_key):
        if later.content_version < earlier.content_version or not later.rows_count:
            given_up.add(earlier.content_version)
    sound = [
        receipt
        for receipt in of_key
        if receipt.rows_count
        and receipt.content_version not in given_up
        and receipt.content_version < of_key[-1].content_version
    ]
    return max(sound, key=lambda receipt: receipt.content_version, default=None)


def _restored(table: str, key: Key, version: int | None, fence: Fence) -> int:
    """Give a partition the files that it had at a version, or none; the version of that commit."""
    now = arrow_tables.open_table(table)
    assert now is not None  # it has receipts
    old: list[AddAction | RemoveAction] = [] if version is None else _files(table, key, version)
    filters = [(name, "=", str(value)) for name, value in key.items()]
    with fences.committing(fence):
        now.create_write_transaction(
            old,
            mode="overwrite",
            schema=now.schema(),
            partition_by=list(contract(table).partition),
            partition_filters=filters,
            commit_properties=fences.properties(now, fence),
        )
    seals.seal(table)
    return arrow_tables.newest_version(table)


def _files(table: str, key: Key, version: int) -> list[AddAction | RemoveAction]:
    """The files of a partition at a version, all of which have to be there still."""
    then = arrow_tables.open_table(table, version)
    assert then is not None
    files = pa.table(then.get_add_actions(flatten=True))
    for name, value in key.items():
        column = files[f"partition.{name}"].cast(pa.string())
        files = files.filter(pc.equal(column, str(value)))
    root = local_folder(arrow_tables.deltalake_path(table))
    actions: list[AddAction | RemoveAction] = []
    for file in files.to_pylist():
        if root is not None and not Path(root, file["path"]).is_file():
            raise UserMistake(
                f"table {table}: {file['path']} of version {version} was removed since;"
                f" build {partition_text(key)} again"
            )
        actions.append(_action(file, key))
    return actions


def _action(file: dict[str, Any], key: Key) -> AddAction:
    stats = {"numRecords": file["num_records"]}
    low, high = file.get("min.profile_id"), file.get("max.profile_id")
    if low is not None and high is not None:
        stats |= {"minValues": {"profile_id": low}, "maxValues": {"profile_id": high}}
    values = {name: str(value) for name, value in key.items()}
    at = file["modification_time"]
    at_ms = int(at.timestamp() * 1000) if isinstance(at, datetime) else int(at)
    return AddAction(file["path"], file["size_bytes"], values, at_ms, True, json.dumps(stats))


def _append(
    table: str, receipts: Sequence[PublicationReceipt], of_receipts: Sequence[Fence]
) -> None:
    """Append receipts in one commit, each like the one before of the same day or tick."""
    log = arrow_tables.filtered_rows("publications", [("table_name", "=", table)]).to_pylist()
    schema = arrow_schema("publications")
    records = []
    for receipt in receipts:
        like = [row for row in log if (row["ds"], row.get("tick")) == receipt.key]
        row = max(like, key=lambda row: row["table_version"])
        row = row | vars(receipt) | {"files_checksum": None, "code_version": code_version()}
        records.append({name: row.get(name) for name in schema.names})
    publications = arrow_tables.open_table("publications")
    assert publications is not None
    with fences.committing(of_receipts[0]):
        write_deltalake(
            publications,
            pa.Table.from_pylist(records, schema=schema),
            mode="append",
            schema_mode="merge",
            commit_properties=fences.properties(publications, *of_receipts),
        )
    seals.seal("publications")
