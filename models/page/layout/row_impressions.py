"""Row looks as arrays: the offer that stood at each position, how often it was seen and played from."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

F32 = NDArray[np.float32]


class RowLooks(NamedTuple):
    """Of m profiles and the positions of their pages: the offer that stood there, -1 for none, looks and plays."""

    offer: NDArray[np.int64]  # (m, rows)
    looks: F32  # (m, rows)
    taken: F32  # (m, rows)


def row_looks(
    table: pa.Table, pages: list[str], owner: NDArray[np.int64], row_ids: list[str], rows: int
) -> RowLooks:
    """The records of `row_looks` for the pages of m profiles, whose offers are `owner` (o,) with their `row_ids`.

    Rows that the profile has no offer for, as after a change of configuration, are left out.
    """
    at = {(int(p), row): k for k, (p, row) in enumerate(zip(owner.tolist(), row_ids, strict=True))}
    place = pc.fill_null(
        pc.index_in(table["page_id"].combine_chunks(), pa.array(pages, pa.string())), -1
    ).to_numpy()
    made = RowLooks(
        np.full((len(pages), rows), -1),
        *(np.zeros((len(pages), rows), np.float32) for _ in range(2)),
    )
    columns = (table[name].to_pylist() for name in ("row_id", "row_position", "looks", "taken"))
    for p, row_id, position, looks, taken in zip(place.tolist(), *columns, strict=True):
        offer = at.get((p, row_id), -1)
        if offer >= 0 and position <= rows:
            (
                made.offer[p, position - 1],
                made.looks[p, position - 1],
                made.taken[p, position - 1],
            ) = offer, looks, taken
    return made


def weights(looks: F32, most: float) -> F32:
    """What the looks at each row count: by one over the share of looks that come down to its position, at most `most`.

    The share is looks at rows of the position over looks at first rows, so that rows far down count for the many who
    would have had to scroll to them.
    """
    down = looks.sum(axis=0)
    share = down / max(down[0], 1) if len(down) else down
    return np.asarray(looks * np.minimum(1 / np.maximum(share, 1e-9), most), np.float32)
