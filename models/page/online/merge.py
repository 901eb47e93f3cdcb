"""Last night's page with the rows that what happened since makes new; the rest stays where members saw it (N-066)."""

from collections.abc import Collection

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from conf.rows import Rows
from models.ragged import Ragged


def renewed(
    base: pa.Table, fresh: pa.Table, played: Collection[str], again: Collection[str], kinds: Rows
) -> pa.Table:
    """The rows of `base`, those of the kinds `again` being taken from `fresh`; both are rows of one profile's page.

    A row of such a kind stands where the one of last night stood, and where it has none, where it stands in `fresh`.
    Of the rows that stay, those that hide what was played lose all titles that are in `played` by now. The page has
    the page_id of `fresh`, and its columns.
    """
    if not base.num_rows:
        return fresh
    is_new, is_old = (np.isin(kinds_of(rows), list(again)) for rows in (fresh, base))
    stays = without(base.filter(pa.array(~is_old)), played, kinds)
    comes = fresh.filter(pa.array(is_new))
    places = _places(base.filter(pa.array(is_old)), comes)
    order = np.concatenate([stays["row_position"].to_numpy().astype(float), places])
    rows = pa.concat_tables([stays.select(fresh.column_names).cast(fresh.schema), comes])
    rows = rows.take(pa.array(np.argsort(order, kind="stable")))
    position = pa.array(np.arange(1, rows.num_rows + 1), fresh.schema.field("row_position").type)
    page_id = pa.repeat(fresh["page_id"][0], rows.num_rows)
    rows = rows.set_column(rows.column_names.index("row_position"), "row_position", position)
    return rows.set_column(rows.column_names.index("page_id"), "page_id", page_id)


def kinds_of(rows: pa.Table) -> np.ndarray:
    """The kind of each row, as text."""
    return np.array(rows["row_kind"].to_pylist(), str)


def _places(old: pa.Table, comes: pa.Table) -> np.ndarray:
    """Where each new row comes: at the next place that its kind had, else just before its own position."""
    had: dict[str, list[int]] = {}
    for kind, position in zip(kinds_of(old), old["row_position"].to_pylist(), strict=True):
        had.setdefault(kind, []).append(position)
    places = []
    for kind, position in zip(kinds_of(comes), comes["row_position"].to_pylist(), strict=True):
        places.append(float(had[kind].pop(0)) if had.get(kind) else position - 0.5)
    return np.array(places)


def without(rows: pa.Table, played: Collection[str], kinds: Rows) -> pa.Table:
    """The rows without what was played by now, where their kind hides it."""
    lists = (
        rows["cells"].combine_chunks()
        if rows.num_rows
        else pa.array([], rows.schema.field("cells").type)
    )
    hides = np.array(
        [kind in kinds.kinds and kinds.kinds[kind].watched == "hide" for kind in kinds_of(rows)],
        bool,
    )
    cells = Ragged.from_arrow(lists)
    seen = pc.is_in(lists.flatten().field("title_id"), pa.array(sorted(played), pa.string()))
    keep = ~(seen.to_numpy(zero_copy_only=False) & hides[cells.owners])
    unseen = Ragged.from_owners(cells.owners[keep], len(lists))
    kept = unseen.to_arrow(lists.flatten().filter(pa.array(keep)))
    return rows.set_column(
        rows.column_names.index("cells"), rows.schema.field("cells"), kept.cast(lists.type)
    )
