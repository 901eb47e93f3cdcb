"""Co-play counts: the Gram matrix of the profile x title matrix, summed by Spark over batches of profiles."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame
from scipy import sparse

SCHEMA = "i int, j int, n bigint"


def gram_entries(profile_features: DataFrame, title_ids: Sequence[str]) -> DataFrame:
    """Entries (i <= j, n) of X'X, where X is the 0/1 matrix of profiles x titles and i, j index `title_ids`.

    Members stream through once; what is shuffled is at most titles x titles counts for each partition, however
    many members there are. n is exact: the sum does not depend on how profiles are spread.
    """
    partials = profile_features.select("history.title_id").mapInArrow(_partial_gram(tuple(title_ids)), SCHEMA)
    return partials.groupBy("i", "j").sum("n").withColumnRenamed("sum(n)", "n")


def dense_gram(entries: pa.Table, size: int) -> np.ndarray:
    """The symmetric (size, size) float64 matrix of collected entries."""
    i, j, n = (entries[name].to_numpy() for name in ("i", "j", "n"))
    gram = np.zeros((size, size))
    gram[i, j] = n
    gram[j, i] = n
    return gram


def _partial_gram(title_ids: tuple[str, ...]) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    def run(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        ids = pa.array(title_ids, pa.string())
        total = sparse.csr_matrix((len(ids), len(ids)), dtype=np.int64)
        for batch in batches:
            lists = batch.column(0)
            columns = pa.compute.index_in(lists.flatten(), ids)
            rows = np.repeat(np.arange(len(lists)), pa.compute.list_value_length(lists).fill_null(0).to_numpy())
            known = columns.is_valid().to_numpy(zero_copy_only=False)
            at = (rows[known], columns.drop_null().to_numpy())
            plays = sparse.csr_matrix((np.ones(len(at[0]), np.int64), at), (len(lists), len(ids)))
            plays.data[:] = 1
            total = total + plays.T @ plays
        upper = sparse.triu(total).tocoo()
        yield pa.RecordBatch.from_arrays(
            [pa.array(upper.row, pa.int32()), pa.array(upper.col, pa.int32()), pa.array(upper.data, pa.int64())],
            names=["i", "j", "n"],
        )

    return run
