"""Co-play counts: the Gram matrix of the profile x title matrix, summed by Spark over batches of profiles."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from scipy import sparse

from features.asof import known_records
from features.labels import plays

SCHEMA = "i int, j array<int>, n array<bigint>"
Batches = Iterable[pa.RecordBatch]


def played_titles(events: DataFrame, as_of: datetime) -> DataFrame:
    """Of each profile the distinct `titles` it was known to have played at `as_of`."""
    played = known_records(events, as_of).where(plays()).groupBy("profile_id")
    return played.agg(F.collect_set("title_id").alias("titles")).select("titles")


def gram_rows(histories: DataFrame, title_ids: Sequence[str]) -> DataFrame:
    """Rows of the upper triangle of X'X, X being the 0/1 matrix of profiles x titles: (i, [j >= i], [plays of both]).

    `histories` has one row of distinct `titles` for each profile; i and j index `title_ids`. Members stream through
    once; what is shuffled is one sparse row for each title and partition, however many members there are. Counts are
    exact: they do not depend on how profiles are spread.
    """
    size = len(title_ids)
    partials = histories.select("titles").mapInArrow(_partial_gram(tuple(title_ids)), SCHEMA)
    return partials.repartition("i").mapInArrow(lambda batches: _sum_rows(batches, size), SCHEMA)


def dense_gram(rows: pa.Table, size: int) -> NDArray[np.float64]:
    """The symmetric (size, size) matrix of collected rows."""
    upper = _matrix(rows, size).toarray().astype(np.float64)
    return upper + np.triu(upper, 1).T


def _partial_gram(title_ids: tuple[str, ...]) -> Callable[[Batches], Batches]:
    def run(batches: Batches) -> Batches:
        ids = pa.array(title_ids, pa.string())
        total = _zeros(len(ids))
        for batch in batches:
            plays = _play_matrix(batch.column(0), ids)
            total = total + sparse.triu(plays.T @ plays, format="csr")
        yield _rows(total)

    return run


def _play_matrix(histories: pa.ListArray, ids: pa.Array) -> sparse.csr_matrix:
    columns = pc.index_in(histories.flatten(), ids)
    known = columns.is_valid().to_numpy(zero_copy_only=False)
    lengths = pc.list_value_length(histories).fill_null(0).to_numpy(zero_copy_only=False)
    rows = np.repeat(np.arange(len(histories)), lengths)[known]
    at = (rows, columns.drop_null().to_numpy())
    return sparse.csr_matrix((np.ones(len(rows), np.int64), at), shape=(len(histories), len(ids)))


def _sum_rows(batches: Batches, size: int) -> Batches:
    total = _zeros(size)
    for batch in batches:
        total = total + _matrix(batch, size)
    yield _rows(total)


def _matrix(rows: pa.Table | pa.RecordBatch, size: int) -> sparse.csr_matrix:
    columns, counts = (_chunk(rows.column(name)) for name in ("j", "n"))
    lengths = pc.list_value_length(columns).to_numpy(zero_copy_only=False)
    at = (np.repeat(rows.column("i").to_numpy(), lengths), columns.flatten().to_numpy())
    return sparse.csr_matrix((counts.flatten().to_numpy(), at), shape=(size, size))


def _chunk(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _rows(matrix: sparse.csr_matrix) -> pa.RecordBatch:
    matrix.sort_indices()
    filled = np.flatnonzero(np.diff(matrix.indptr))
    offsets = pa.array(np.append(matrix.indptr[filled], matrix.indptr[-1]), pa.int32())
    lists = [
        pa.ListArray.from_arrays(offsets, pa.array(values, kind))
        for values, kind in ((matrix.indices, pa.int32()), (matrix.data, pa.int64()))
    ]
    return pa.RecordBatch.from_arrays([pa.array(filled, pa.int32()), *lists], names=["i", "j", "n"])


def _zeros(size: int) -> sparse.csr_matrix:
    nothing = np.zeros(0, np.int64)
    return sparse.csr_matrix((nothing, (nothing, nothing)), shape=(size, size))
