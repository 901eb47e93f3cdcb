"""Arrow columns as the arrays that models work on."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray


def index_in(values: pa.Array, ids: NDArray[np.object_]) -> NDArray[np.int64]:
    """The place of each value in `ids` (N,), -1 where it is not there."""
    found = pc.index_in(values, pa.array(ids, pa.string())).fill_null(-1)
    return found.to_numpy(zero_copy_only=False).astype(np.int64)


def texts(column: pa.Array | pa.ChunkedArray) -> NDArray[np.object_]:
    """A column of text, "" where null."""
    return np.array(pc.fill_null(column, "").to_pylist(), dtype=object)


def floats(column: pa.Array | pa.ChunkedArray) -> NDArray[np.float32]:
    """A numeric column as float32, NaN where null."""
    return (
        column.cast(pa.float64()).to_numpy(zero_copy_only=False).astype(np.float32)
        if isinstance(column, pa.Array)
        else column.cast(pa.float64()).to_numpy().astype(np.float32)
    )


def filled(column: pa.ChunkedArray, value: int) -> NDArray[np.int64]:
    """A whole-number column with `value` where null."""
    return pc.fill_null(column, value).to_numpy()


def seconds(column: pa.Array | pa.ChunkedArray) -> NDArray[np.float64]:
    """Instants as epoch seconds UTC, NaN where null."""
    micros = column.cast(pa.timestamp("us", "UTC")).cast(pa.int64()).cast(pa.float64())
    values = (
        micros.to_numpy(zero_copy_only=False) if isinstance(micros, pa.Array) else micros.to_numpy()
    )
    return values / 1e6
