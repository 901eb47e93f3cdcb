"""Arrow columns as the arrays that models work on."""

from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Column: TypeAlias = pa.Array | pa.ChunkedArray
INSTANT = pa.timestamp("us", "UTC")


def index_in(values: pa.Array, ids: NDArray[np.object_]) -> NDArray[np.int64]:
    """Index of each value in `ids` (N,), -1 where it is not there."""
    indices = pc.index_in(values, pa.array(ids, pa.string())).fill_null(-1)
    return indices.to_numpy(zero_copy_only=False).astype(np.int64)


def texts(column: Column) -> NDArray[np.object_]:
    """A column of text, "" where null."""
    return np.array(pc.fill_null(column, "").to_pylist(), dtype=object)


def floats(column: Column) -> NDArray[np.float32]:
    """A numeric column as float32, NaN where null."""
    return doubles(column).astype(np.float32)


def doubles(column: Column) -> NDArray[np.float64]:
    """A numeric column as float64, NaN where null."""
    values: NDArray[np.float64] = column.cast(pa.float64()).to_numpy(zero_copy_only=False)
    return values


def filled(column: pa.ChunkedArray, value: int) -> NDArray[np.int64]:
    """A whole-number column with `value` where null."""
    return pc.fill_null(column, value).to_numpy()


def flags(column: Column) -> NDArray[np.bool_]:
    """A column of truth values, false where null."""
    values = pc.fill_null(column, False).to_numpy(zero_copy_only=False)
    return values.astype(bool)


def seconds(column: Column) -> NDArray[np.float64]:
    """Instants as epoch seconds UTC, NaN where null."""
    micros = column.cast(INSTANT).cast(pa.int64())
    return doubles(micros) / 1e6
