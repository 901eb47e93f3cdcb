"""One table at one version, kept open: its log is read once, its small days stay in memory."""

# Tested by tests/jobs/io/tables/test_kept.py.

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import pyarrow as pa
import pyarrow.dataset as pa_dataset

from jobs.io.tables.local_files import ArrowTable

MEBIBYTE = 2**20
SMALL = 48 * MEBIBYTE  # a table, or a day of one, whose rows take more stays in its files
PACKED = 6 * MEBIBYTE  # files of more than this are not tried
ANSWER = 2 * MEBIBYTE  # what was found in files and is no more than this is kept
MOST_DATASETS = 24  # of one table: its days
Mark = tuple[int, int, int]
Condition = tuple[str, str, str]  # on a partition: column, sign, value


@dataclass
class Rows:
    """Rows in memory, the least recently used first."""

    most_bytes: int
    by_key: OrderedDict[tuple[Any, ...], pa.Table] = field(default_factory=OrderedDict)
    # bytes of each: asking a table takes time, and all are added up at each new one
    sizes: dict[tuple[Any, ...], int] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, key: tuple[Any, ...]) -> pa.Table | None:
        """The rows of a key, if they are here."""
        with self.lock:
            if key in self.by_key:
                self.by_key.move_to_end(key)
            return self.by_key.get(key)

    def put(self, key: tuple[Any, ...], rows: pa.Table) -> None:
        """Keep rows, and let go of what no longer fits."""
        with self.lock:
            self.by_key[key], self.sizes[key] = rows, rows.nbytes
            while sum(self.sizes.values()) > self.most_bytes:
                oldest, _ = self.by_key.popitem(last=False)
                del self.sizes[oldest]

    def forget(self, path: str, version: int) -> None:
        """Let go of the rows of a version of a table."""
        with self.lock:
            for key in [key for key in self.by_key if key[:2] == (path, version)]:
                del self.by_key[key], self.sizes[key]


class KeptTable(ArrowTable):
    """A table at one version, whose log is read once; days of it and small tables stay in memory."""

    def __init__(self, path: str, version: int | None, rows: Rows) -> None:
        super().__init__(path, version=version)
        self.path, self.rows = path, rows
        self.mark = mark_of(path, self.version())
        self.answers: dict[Any, Any] = {}
        self.datasets: OrderedDict[tuple[Any, ...], pa_dataset.Dataset] = OrderedDict()
        self.lock = threading.RLock()

    def load_as_version(self, version: Any) -> NoReturn:
        """Refused: others read this version."""
        raise TypeError(f"{self.path} is kept at one version; open another one")

    def history(self, limit: int | None = None) -> list[dict[str, Any]]:
        """The commits, newest first."""
        return self._once(f"history {limit}", lambda: super(KeptTable, self).history(limit))

    def partitions(self, *arguments: Any, **options: Any) -> list[dict[str, str]]:
        """The partitions."""
        name = f"partitions {arguments} {options}"
        return self._once(name, lambda: super(KeptTable, self).partitions(*arguments, **options))

    def get_add_actions(self, flatten: bool = False) -> Any:
        """The files with their statistics."""
        return self._once(
            f"files {flatten}", lambda: super(KeptTable, self).get_add_actions(flatten)
        )

    def count(self) -> int:
        """How many rows there are."""
        return self._once("count", lambda: super(KeptTable, self).count())

    def to_pyarrow_table(
        self,
        partitions: Any = None,
        columns: list[str] | None = None,
        filesystem: Any = None,
        filters: Any = None,
    ) -> pa.Table:
        """The rows that pass every filter; of days that are asked for by `=` no other file is looked at."""
        if partitions is not None or filesystem is not None:
            return super().to_pyarrow_table(partitions, columns, filesystem, filters)
        from pyarrow.parquet import filters_to_expression  # only here: it takes a while

        of = self._partition_filters(filters)
        passing = None if filters is None else filters_to_expression(filters)
        rows = self._in_memory(of)
        if rows is not None:
            return pa_dataset.dataset(rows).to_table(columns=columns, filter=passing)
        key = (self.path, self.version(), self.mark, f"{filters} {columns}")
        answer = self.rows.get(key)
        if answer is None:
            answer = self._dataset(of).to_table(columns=columns, filter=passing)
            if (
                answer.nbytes <= ANSWER
            ):  # as the page of a profile, which is asked for again at once
                self.rows.put(key, answer)
        return answer

    def _partition_filters(self, filters: Any) -> tuple[Condition, ...]:
        """The conditions on partitions alone, where the filters are a plain list of conditions."""
        if not isinstance(filters, list):
            return ()
        names = set(self._partition_columns())
        plain = (each for each in filters if isinstance(each, tuple) and len(each) == 3)
        return tuple(
            (name, sign, str(value)) for name, sign, value in plain if name in names and sign == "="
        )

    def _partition_columns(self) -> list[str]:
        return self._once("columns", lambda: self.metadata().partition_columns)

    def _dataset(self, of: tuple[Condition, ...]) -> pa_dataset.Dataset:
        """The files of some partitions; they remember the footers that were read."""
        with self.lock:
            if of not in self.datasets:
                self.datasets[of] = self.to_pyarrow_dataset(file_pruning_predicate=list(of) or None)
            self.datasets.move_to_end(of)
            while len(self.datasets) > MOST_DATASETS:
                self.datasets.popitem(last=False)
            return self.datasets[of]

    def _in_memory(self, of: tuple[Condition, ...]) -> pa.Table | None:
        """The rows of a small table, or of small partitions, in memory; None where they are not small."""
        key = (self.path, self.version(), self.mark, of)
        rows = self.rows.get(key)
        if rows is None:
            if key in self.answers or self._bytes(of) > PACKED:
                return None
            rows = self._dataset(of).to_table()
            if rows.nbytes > SMALL:
                self.answers[key] = True  # packed small and wide open: not tried again
                return None
            self.rows.put(key, rows)
        return rows

    def _bytes(self, of: tuple[Condition, ...]) -> int:
        """The bytes of the files of some partitions."""

        def counted() -> int:
            """Add them up."""
            files = pa.table(self.get_add_actions(flatten=True))
            sizes = files["size_bytes"].to_pylist()
            told = [files[f"partition.{name}"].cast(pa.string()).to_pylist() for name, _, _ in of]
            wanted = [value for _, _, value in of]
            rows = zip(*told, strict=True) if told else [()] * len(sizes)
            return sum(n for n, row in zip(sizes, rows, strict=True) if list(row) == wanted)

        return self._once(f"bytes {of}", counted)

    def _once(self, name: Any, made: Callable[[], Any]) -> Any:
        with self.lock:
            if name not in self.answers:
                self.answers[name] = made()
            return self.answers[name]


def mark_of(path: str, version: int) -> Mark | None:
    """Which log's entry of a version it is: another table of the same name has another one."""
    try:
        status = (Path(path) / "_delta_log" / f"{version:020d}.json").stat()
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size
