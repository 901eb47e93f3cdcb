"""Co-play counts: the Gram matrix of profiles x titles, summed by Spark batch by batch."""

# Tested by tests/jobs/test_offline_days.py and tests/features/test_asof.py.

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

PLAYS_AT_ONCE = 200_000
MOST_CELLS = 20_000_000  # of a sum, a quarter of a gigabyte
SCHEMA = "i int, j array<int>, n array<bigint>"
Batches = Iterable[pa.RecordBatch]


def played_titles(events: DataFrame, as_of: datetime) -> DataFrame:
    """Of each profile the distinct `titles` it was known to have played at `as_of`."""
    by_profile = known_records(events, as_of).where(plays()).groupBy("profile_id")
    return by_profile.agg(F.collect_set("title_id").alias("titles")).select("titles")


def title_plays(histories: DataFrame, title_ids: Sequence[str]) -> NDArray[np.int64]:
    """How many profiles played each title (n,): the diagonal of X'X. See `gram_rows`."""
    by_title = histories.select(F.explode("titles").alias("title_id")).groupBy("title_id").count()
    found = by_title.toArrow()
    place = pc.index_in(found["title_id"], pa.array(title_ids, pa.string()))
    counts = np.zeros(len(title_ids), np.int64)
    counts[place.drop_null().to_numpy()] = found["count"].filter(place.is_valid()).to_numpy()
    return counts


def gram_rows(histories: DataFrame, title_ids: Sequence[str]) -> DataFrame:
    """Rows of X'X, X being the 0/1 matrix of profiles x titles.

    Each is (i, [j], [plays of both]), j ascending; i and j index `title_ids`. `histories` has one
    row of distinct `titles` for each profile. Profiles stream through once; what is shuffled is one
    sparse row for each title and partition, however many profiles there are, and no task holds more
    than MOST_CELLS of them. Counts are exact: they do not depend on how profiles are spread.
    """
    size = len(title_ids)
    partials = histories.select("titles").mapInArrow(_partial_gram(tuple(title_ids)), SCHEMA)
    return partials.repartition("i").mapInArrow(lambda batches: _sum_rows(batches, size), SCHEMA)


def gram_of(rows: pa.Table, titles: NDArray[np.integer], size: int) -> NDArray[np.float64]:
    """The Gram matrix (k, k) of the k `titles` from their rows, of which the others may miss."""
    return _matrix(rows, size)[titles][:, titles].toarray().astype(np.float64)


def _partial_gram(title_ids: tuple[str, ...]) -> Callable[[Batches], Batches]:
    """What makes the rows of one partition of histories."""

    def gram_of_partition(batches: Batches) -> Batches:
        """Batches: the rows summed over the histories of the partition."""
        ids = pa.array(title_ids, pa.string())
        total, pending = _zeros(len(ids)), []
        for batch in batches:
            pending.append(_play_matrix(batch.column(0), ids))
            if sum(plays.nnz for plays in pending) > PLAYS_AT_ONCE:
                total, pending = _added(total, pending), []
            if total.nnz > MOST_CELLS:
                yield _rows(total)
                total = _zeros(len(ids))
        yield _rows(_added(total, pending))

    return gram_of_partition


def _added(total: sparse.csr_matrix, plays: Sequence[sparse.csr_matrix]) -> sparse.csr_matrix:
    """The Gram matrix and that of more profiles."""
    if not plays:
        return total
    matrix = sparse.vstack(plays, format="csr")
    return total + matrix.T @ matrix


def _play_matrix(histories: pa.ListArray, ids: pa.Array) -> sparse.csr_matrix:
    """0/1 matrix of the profiles of a batch x titles."""
    title = pc.index_in(histories.flatten(), ids)
    in_catalogue = title.is_valid().to_numpy(zero_copy_only=False)
    lengths = pc.list_value_length(histories).fill_null(0).to_numpy(zero_copy_only=False)
    profile = np.repeat(np.arange(len(histories)), lengths)[in_catalogue]
    ones = np.ones(len(profile), np.int64)
    indices = (profile, title.drop_null().to_numpy())
    return sparse.csr_matrix((ones, indices), shape=(len(histories), len(ids)))


def _sum_rows(batches: Batches, size: int) -> Batches:
    total = _zeros(size)
    for batch in batches:
        total = total + _matrix(batch, size)
    yield _rows(total)


def _matrix(rows: pa.Table | pa.RecordBatch, size: int) -> sparse.csr_matrix:
    """Rows as a sparse (size, size) matrix; those of one title are added up."""
    columns, counts = _array(rows.column("j")), _array(rows.column("n"))
    lengths = pc.list_value_length(columns).to_numpy(zero_copy_only=False)
    row = np.repeat(rows.column("i").to_numpy(), lengths)
    indices = (row, columns.flatten().to_numpy())
    return sparse.csr_matrix((counts.flatten().to_numpy(), indices), shape=(size, size))


def _array(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _rows(matrix: sparse.csr_matrix) -> pa.RecordBatch:
    """The rows of a sparse matrix that are not empty, as SCHEMA has them."""
    matrix.sort_indices()
    filled = np.flatnonzero(np.diff(matrix.indptr))
    offsets = pa.array(np.append(matrix.indptr[filled], matrix.indptr[-1]), pa.int32())
    columns = pa.ListArray.from_arrays(offsets, pa.array(matrix.indices, pa.int32()))
    counts = pa.ListArray.from_arrays(offsets, pa.array(matrix.data, pa.int64()))
    row = pa.array(filled, pa.int32())
    return pa.RecordBatch.from_arrays([row, columns, counts], names=["i", "j", "n"])


def _zeros(size: int) -> sparse.csr_matrix:
    nothing = np.zeros(0, np.int64)
    return sparse.csr_matrix((nothing, (nothing, nothing)), shape=(size, size))
