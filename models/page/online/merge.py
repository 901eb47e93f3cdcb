"""Last night's page with the rows that later events change; the rest stays where the profile saw
it.
"""

from collections.abc import Collection

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from conf.rows import Rows
from models.page.online.stored_page import cells_of, page_language
from models.ragged import Ragged


def merged_page(
    base: pa.Table,
    fresh: pa.Table,
    played: Collection[str],
    renewed_kinds: Collection[str],
    kinds: Rows,
) -> pa.Table:
    """The rows of `base`, those of the renewed kinds being taken from `fresh`; both are one
    profile's page.

    A row of a renewed kind stands where the one of last night stood, and where it has none, where
    it stands in `fresh`. Of the rows that stay, those that hide what was played lose all titles in
    `played`. The page has the page_id of `fresh`, and its columns. Where they are in two languages,
    the profile has chosen another one, and the page is `fresh`.
    """
    if not base.num_rows or page_language(base) != page_language(fresh):
        return fresh
    old = base.filter(pa.array(_is_of_kinds(base, renewed_kinds)))
    remaining = base.filter(pa.array(~_is_of_kinds(base, renewed_kinds)))
    remaining = without_played(remaining, played, kinds)
    renewed = fresh.filter(pa.array(_is_of_kinds(fresh, renewed_kinds)))
    remaining_position = remaining["row_position"].to_numpy().astype(float)
    order = np.concatenate([remaining_position, _positions(old, renewed)])
    rows = pa.concat_tables([remaining.select(fresh.column_names).cast(fresh.schema), renewed])
    rows = rows.take(pa.array(np.argsort(order, kind="stable")))
    position_type = fresh.schema.field("row_position").type
    position = pa.array(np.arange(1, rows.num_rows + 1), position_type)
    page_id = pa.repeat(fresh["page_id"][0], rows.num_rows)
    rows = rows.set_column(rows.column_names.index("row_position"), "row_position", position)
    return rows.set_column(rows.column_names.index("page_id"), "page_id", page_id)


def _is_of_kinds(rows: pa.Table, kinds: Collection[str]) -> NDArray[np.bool_]:
    return np.isin(row_kinds(rows), list(kinds))


def row_kinds(rows: pa.Table) -> NDArray[np.str_]:
    """The kind of each row, as text."""
    return np.array(rows["row_kind"].to_pylist(), str)


def _positions(old: pa.Table, renewed: pa.Table) -> NDArray[np.float64]:
    """Where each renewed row comes: the next position that its kind had, else just before its own."""
    free: dict[str, list[int]] = {}
    for kind, position in zip(row_kinds(old), old["row_position"].to_pylist(), strict=True):
        free.setdefault(kind, []).append(position)
    positions = []
    for kind, own in zip(row_kinds(renewed), renewed["row_position"].to_pylist(), strict=True):
        positions.append(float(free[kind].pop(0)) if free.get(kind) else own - 0.5)
    return np.array(positions)


def without_played(rows: pa.Table, played: Collection[str], kinds: Rows) -> pa.Table:
    """The rows without the titles in `played`, where their kind hides what was played."""
    policies = {name: kind.watched for name, kind in kinds.kinds.items()}
    hides_played = np.array([policies.get(kind) == "hide" for kind in row_kinds(rows)], bool)
    cell_lists = cells_of(rows)
    cells, lists = cell_lists.flatten(), Ragged.from_arrow(cell_lists)
    is_played = pc.is_in(cells.field("title_id"), pa.array(sorted(played), pa.string()))
    is_hidden = is_played.to_numpy(zero_copy_only=False) & hides_played[lists.owners]
    visible_lists = Ragged.from_owners(lists.owners[~is_hidden], lists.list_count)
    visible_cells = visible_lists.to_arrow(cells.filter(pa.array(~is_hidden)))
    column = rows.column_names.index("cells")
    return rows.set_column(column, rows.schema.field("cells"), visible_cells.cast(cell_lists.type))
