"""Files of a partition as workers write them, and what is known of each for the commit.

Rows never pass through the JVM. A file has whole groups only: all rows of one value of the first
key, as the pages of a profile. Its name is new for each attempt of a task, so that an attempt that
failed, or came second, leaves a file that no commit names and VACUUM takes.
"""

import hashlib
import json
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from functools import reduce
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from conf.contracts import contract
from conf.errors import Rejected
from jobs.io.tables.parquet_file import ROWS_IN_GROUP, ParquetFile
from jobs.io.tables.partitions import Key
from jobs.io.tables.row_hash import NO_ROWS, ContentHash, content_hash_of
from jobs.io.tables.schemas import arrow_schema

Batches = Iterable[pa.RecordBatch | pa.Table]


@dataclass(frozen=True)
class PartFile:
    """One file of a partition: what the commit and its readers are told of it."""

    path: str  # relative to the table
    size: int
    modified_ms: int
    stats: str  # Delta's statistics, as JSON
    first: str  # least value of the first key that is not of the partition
    last: str
    row_hash: str  # content hash of its rows, their partition included
    checksum: str  # sha256 of its bytes
    refusal: str = ""  # why there is no file, in place of all else

    @property
    def content(self) -> ContentHash:
        """Its part of the content of the table."""
        return ContentHash.parse(self.row_hash)


FILES = pa.schema(
    [
        (field.name, pa.int64() if field.name in ("size", "modified_ms") else pa.string())
        for field in fields(PartFile)
    ]
)


@dataclass(frozen=True)
class PartWriter:
    """Writes the rows of one task into files of a partition; for mapInArrow."""

    table: str
    root: str  # local folder of the table
    key: Key
    rows_in_file: int

    def __call__(self, batches: Batches) -> Iterator[pa.RecordBatch]:
        """A record of PartFile for each file that was written, or the reason why rows are refused."""
        try:
            files = list(self.files(batches))
        except Rejected as error:
            files = [PartFile("", 0, 0, "", "", "", "", "", refusal=str(error))]
        yield pa.RecordBatch.from_pylist([asdict(file) for file in files], FILES)

    def files(self, batches: Batches) -> Iterator[PartFile]:
        """The files of some rows, which come in the order of their first key."""
        current: _Part | None = None
        try:
            for rows in _joined(self.in_order(batches), ROWS_IN_GROUP):
                current = current or _Part(self)
                current.write(rows)
                if current.content.rows >= self.rows_in_file:
                    yield current.close()
                    current = None
            if current is not None:
                yield current.close()
                current = None
        finally:
            if current is not None:
                current.file.discard()

    @property
    def schema(self) -> pa.Schema:
        """The columns of its files: those of the contract without the partition's."""
        required = contract(self.table).required
        columns = [field for field in arrow_schema(self.table) if field.name not in self.key]
        return pa.schema([field.with_nullable(field.name not in required) for field in columns])

    @property
    def sort_keys(self) -> list[str]:
        """The keys that tell the rows of a partition apart."""
        return [name for name in contract(self.table).keys if name not in self.key]

    def in_order(self, batches: Batches) -> Iterator[pa.Table]:
        """The rows as the contract has them, sorted by key; Rejected where they break it."""
        name = self.sort_keys[0]
        last: Any = None
        for batch in batches:
            if not batch.num_rows:
                continue
            rows = _in_order(self.table, self._in_contract_columns(batch), self.sort_keys)
            first = rows[name][0].as_py()
            if last is not None and not last < first:
                raise Rejected(
                    f"table {self.table}: rows of {name}={first} came after those of {last};"
                    f" a task gets all rows of one {name} together, and in order"
                )
            last = rows[name][-1].as_py()
            yield rows

    def _in_contract_columns(self, batch: pa.RecordBatch | pa.Table) -> pa.Table:
        """The rows with the columns and types of the contract; Rejected where they have others."""
        schema, given = self.schema, set(batch.schema.names)
        required = [field.name for field in schema if not field.nullable]
        missing = [column for column in required if column not in given]
        extra = sorted(given - set(schema.names))
        if missing or extra:
            raise Rejected(
                f"table {self.table}: columns missing {missing}, columns not in the contract {extra}"
            )
        columns = {}
        for field in schema:
            is_given = field.name in given
            column = batch[field.name] if is_given else pa.nulls(batch.num_rows, field.type)
            columns[field.name] = column.cast(field.type)
        empty = [column for column in required if columns[column].null_count]
        if empty:
            raise Rejected(f"table {self.table}: {', '.join(empty)} must be given, and is not")
        return pa.table(columns, schema=schema)


class _Part:
    """A file that is being written, and what is known of it so far."""

    def __init__(self, writer: PartWriter) -> None:
        folder = "/".join(f"{column}={value}" for column, value in writer.key.items())
        self.path = f"{folder}/part-{uuid.uuid4()}.zstd.parquet"
        self.file = ParquetFile(Path(writer.root, self.path), writer.schema)
        self.writer = writer
        self.content = ContentHash()
        self.ends: list[Any] = []  # least and greatest first key of each group
        self.nulls = dict.fromkeys(writer.schema.names, 0)

    def write(self, rows: pa.Table) -> None:
        """Write a group of rows."""
        self.file.write(rows)
        in_partition = rows
        for column, value in self.writer.key.items():
            constant = pa.repeat(pa.scalar(value), rows.num_rows)
            in_partition = in_partition.append_column(column, constant)
        self.content = self.content.plus(content_hash_of(in_partition))
        key = rows[self.writer.sort_keys[0]]
        self.ends += [key[0].as_py(), key[-1].as_py()]
        for name in self.nulls:
            self.nulls[name] += rows[name].null_count

    def close(self) -> PartFile:
        """The file on disk."""
        status, checksum = self.file.close()
        key, first, last = self.writer.sort_keys[0], self.ends[0], self.ends[-1]
        flat = [field.name for field in self.writer.schema if not pa.types.is_nested(field.type)]
        stats = {
            "numRecords": self.content.rows,
            "minValues": {key: first},
            "maxValues": {key: last},
            "nullCount": {name: self.nulls[name] for name in flat},
        }
        return PartFile(
            path=self.path,
            size=status.st_size,
            modified_ms=status.st_mtime_ns // 1_000_000,
            stats=json.dumps(stats, ensure_ascii=False),
            first=str(first),
            last=str(last),
            row_hash=str(self.content),
            checksum=checksum,
        )


def content_of(files: Iterable[PartFile]) -> ContentHash:
    """The content of all files together."""
    return reduce(ContentHash.plus, (file.content for file in files), NO_ROWS)


def files_checksum(files: Iterable[PartFile]) -> str:
    """One sha256 over those of all files, whatever their names and order."""
    checksums = sorted(file.checksum for file in files)
    return hashlib.sha256("\n".join(checksums).encode()).hexdigest()


def refuse_overlaps(table: str, files: Sequence[PartFile]) -> None:
    """Refuse files of which two may have rows of the same first key (Rejected)."""
    by_first = sorted(files, key=lambda file: (file.first, file.last))
    for before, after in pairwise(by_first):
        if not before.last < after.first:
            raise Rejected(
                f"table {table}: files from {before.first} to {before.last} and from {after.first}"
                f" to {after.last} overlap; each key belongs to one task"
            )


def _joined(tables: Iterable[pa.Table], rows: int) -> Iterator[pa.Table]:
    """Tables put together until they have so many rows."""
    waiting: list[pa.Table] = []
    for table in tables:
        waiting.append(table)
        if sum(each.num_rows for each in waiting) >= rows:
            yield pa.concat_tables(waiting).combine_chunks()
            waiting = []
    if waiting:
        yield pa.concat_tables(waiting).combine_chunks()


def _in_order(table: str, rows: pa.Table, keys: Sequence[str]) -> pa.Table:
    """The rows sorted by keys that tell them apart; Rejected where they do not."""
    if _is_rising(rows, keys):
        return rows
    in_order = rows.sort_by([(key, "ascending") for key in keys])
    if not _is_rising(in_order, keys):
        raise Rejected(f"table {table}: two rows have the same {', '.join(keys)}")
    return in_order


def _is_rising(rows: pa.Table, keys: Sequence[str]) -> bool:
    """Whether each row's keys are greater than those of the row before."""
    is_greater: Any = pa.scalar(False)
    for key in reversed(keys):
        column = rows[key].combine_chunks()
        before, after = column.slice(0, len(column) - 1), column.slice(1)
        is_greater = pc.or_(pc.greater(after, before), pc.and_(pc.equal(after, before), is_greater))
    return rows.num_rows < 2 or bool(pc.all(is_greater).as_py())
