"""One Parquet file as a worker writes it: lean, and summed up byte by byte on the way."""

# Tested by tests/jobs/io/tables/test_part_files.py.

import contextlib
import hashlib
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

ROWS_IN_GROUP = 1_000  # some 25 pages: who reads one decodes few others; 7 % larger than of 4,000
LEVEL = 3  # of zstd: beyond it a page costs more and is hardly smaller
NO_DICTIONARY = ("score",)  # nearly all are different


def leaf_path(schema: pq.ParquetSchema, column: str, field: str) -> str:
    """The path of a field of the structs in a column of lists; between them stands what its writer calls a list."""
    paths = [schema.column(leaf).path for leaf in range(len(schema))]
    return next(p for p in paths if p.startswith(f"{column}.") and p.endswith(f".{field}"))


class ParquetFile:
    """A new file of a schema that is written group by group."""

    def __init__(self, place: Path, schema: pa.Schema) -> None:
        place.parent.mkdir(parents=True, exist_ok=True)
        self.place = place
        self._bytes = _SummedUp(place)
        self._parquet = pq.ParquetWriter(
            pa.PythonFile(self._bytes, "w"),
            schema,
            compression="zstd",
            compression_level=LEVEL,
            use_dictionary=dictionary_columns(schema),
            store_schema=False,
            write_page_index=True,
        )

    def write(self, rows: pa.Table) -> None:
        """Write some rows, in groups of about ROWS_IN_GROUP."""
        groups = max(1, rows.num_rows // ROWS_IN_GROUP)
        self._parquet.write_table(rows, row_group_size=-(-rows.num_rows // groups))

    def close(self) -> tuple[os.stat_result, str]:
        """End the file: what the file system says of it, and its sha256."""
        self._parquet.close()
        self._bytes.close()
        status = self.place.stat()
        if status.st_size != self._bytes.size:
            raise OSError(f"{self.place}: {status.st_size} of {self._bytes.size} bytes are there")
        return status, self._bytes.checksum

    def discard(self) -> None:
        """Take away what a task that fails has begun."""
        with contextlib.suppress(OSError):  # the disk may be what failed
            self._parquet.close()
        self._bytes.close()
        self.place.unlink(missing_ok=True)


class _SummedUp:
    """A file whose bytes are counted and summed up as they are written."""

    mode = "wb"

    def __init__(self, place: Path) -> None:
        self._file = place.open("xb")
        self._sum = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> int:
        """Write and count."""
        self._sum.update(data)
        self.size += len(data)
        return self._file.write(data)

    def flush(self) -> None:
        """Hand over what Python still has."""
        self._file.flush()

    def tell(self) -> int:
        """Where the next byte comes."""
        return self.size

    def close(self) -> None:
        """Close it; a second time does nothing."""
        self._file.close()

    @property
    def closed(self) -> bool:
        """Whether it is closed."""
        return self._file.closed

    @property
    def checksum(self) -> str:
        """The sha256 of what was written."""
        return self._sum.hexdigest()


def dictionary_columns(schema: pa.Schema) -> list[str]:
    """The leaves, as Parquet names them, whose values come again and again."""
    leaves = [leaf for field in schema for leaf in _leaves(field, field.name)]
    return [leaf for leaf in leaves if leaf.rpartition(".")[2] not in NO_DICTIONARY]


def _leaves(field: pa.Field, path: str) -> list[str]:
    if pa.types.is_list(field.type):
        return _leaves(field.type.value_field, f"{path}.list.element")
    if pa.types.is_struct(field.type):
        return [leaf for part in field.type for leaf in _leaves(part, f"{path}.{part.name}")]
    return [path]
