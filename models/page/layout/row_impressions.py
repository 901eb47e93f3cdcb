"""Row impressions as arrays: the offer at each position, how often it was in view and played."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

F32 = NDArray[np.float32]


class OfferImpressions(NamedTuple):
    """Impressions and plays of the offers that stood on m pages, by page and position."""

    offer: NDArray[np.int64]  # (m, rows) index of the offer, -1 where none stood
    looks: F32  # (m, rows) how often the row was in view
    taken: F32  # (m, rows) how often something new to the profile was played from it


def offer_impressions(
    table: pa.Table, pages: list[str], owner: NDArray[np.int64], row_ids: list[str], rows: int
) -> OfferImpressions:
    """The row impressions of the pages of m profiles, by the offer that stood at each position.

    `table` holds records of row impressions; offer k is for the profile `owner[k]` and has
    `row_ids[k]`. Rows that the profile has no offer for, as after a change of configuration, are
    left out.
    """
    offer_of_row = {}
    for offer, key in enumerate(zip(owner.tolist(), row_ids, strict=True)):
        offer_of_row[key] = offer
    page_index = pc.index_in(table["page_id"].combine_chunks(), pa.array(pages, pa.string()))
    page_of_record = pc.fill_null(page_index, -1).to_pylist()
    shape = (len(pages), rows)
    impressions = OfferImpressions(
        np.full(shape, -1), np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    )
    columns = [table[name].to_pylist() for name in ("row_id", "row_position", "looks", "taken")]
    for page, row_id, position, looks, plays in zip(page_of_record, *columns, strict=True):
        offer = offer_of_row.get((page, row_id), -1)
        if offer >= 0 and position <= rows:
            cell = page, position - 1
            impressions.offer[cell] = offer
            impressions.looks[cell] = looks
            impressions.taken[cell] = plays
    return impressions


def position_weights(looks: F32, most: float) -> F32:
    """The weight (m, rows) of the impressions of each row: one over the share seen so far down.

    The share is the impressions of rows at the position over those of first rows; the weight of an
    impression is at most `most`. So rows far down count for the many who would have had to scroll
    to them.
    """
    by_position = looks.sum(axis=0)
    share = by_position
    if len(by_position):
        share = by_position / max(by_position[0], 1)
    weight = np.minimum(1 / np.maximum(share, 1e-9), most)
    return np.asarray(looks * weight, np.float32)
