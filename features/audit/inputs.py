"""A part of a day's pages and their readers as flat tables, cell by cell and entry by entry."""
# Tested by tests/features/audit/test_pages.py.

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from conf.experiments import CELLS
from conf.pages import SETTINGS
from features.audit.tables import without_zones

ROW = {
    "profile_id": pa.string(),
    "page_id": pa.string(),
    "row_position": pa.int32(),
    "row_id": pa.string(),
    "row_kind": pa.string(),
    "row_title": pa.string(),
    "reason": pa.string(),
    "evidence_type": pa.string(),
    "anchor_title_id": pa.string(),
    "ranker_id": pa.string(),
    "builder": pa.string(),
    "as_of": pa.timestamp("us", "UTC"),
    "valid_until": pa.timestamp("us", "UTC"),
}
CELL = {
    "column_position": pa.int32(),
    "title_id": pa.string(),
    "score": pa.float32(),
    "evidence_type": pa.string(),
    "evidence": pa.string(),
    "artwork_id": pa.string(),
    "policy": pa.string(),
    "propensity": pa.float64(),
    "title_propensity": pa.float64(),
}
PAYLOAD = {"subject": pa.string(), "count": pa.int64(), "days": pa.int32()}
READER = {
    "profile_id": pa.string(),
    "country": pa.string(),
    "languages": pa.list_(pa.string()),
    "maturity_limit": pa.int32(),
    "kids": pa.bool_(),
    "profile_first_play_age_days": pa.float64(),
}
ENTRY = {
    "title_id": pa.string(),
    "last_at": pa.timestamp("us", "UTC"),
    "plays_count": pa.int32(),
    "stars": pa.float64(),
    "thumb": pa.int32(),
    "resume_seconds": pa.int64(),
    "finished_count": pa.int32(),
    "episode": pa.string(),
    "next_episode": pa.string(),
}
LISTED = {"title_id": pa.string(), "listed_at": pa.timestamp("us", "UTC")}
DRAFTS_COLUMNS = (*ROW, "cells", CELLS)
PROFILES_COLUMNS = (*READER, "blocked_titles", "history", "my_list")
assert set(SETTINGS) <= set(PROFILES_COLUMNS)


def flat_tables(drafts: pa.Table, profiles: pa.Table, title_ids: pa.Array) -> dict[str, pa.Table]:
    """`rows_given`, `cells`, `people`, `history_entries`, `listed` and `blocked`.

    A row has its number, a cell that of its row and its `place` there, an entry that of its profile.
    `title_no` is the place of a title in `title_ids`, from 1; other titles have numbers below 0.
    """
    cells, cells_given, row_no = _unnested(drafts, "cells")
    payloads = _field(cells, "evidence_payload")
    entries, _, reader_no = _unnested(profiles, "history")
    listed, _, lister_no = _unnested(profiles, "my_list")
    blocked, _, blocker_no = _unnested(profiles, "blocked_titles")
    rows = _columns(drafts, ROW)
    of_cells = _fields(cells, CELL)
    of_payloads = _fields(payloads, PAYLOAD)
    of_entries = _fields(entries, ENTRY)
    of_lists = _fields(listed, LISTED)
    numbers = _title_numbers(
        {
            "cells": of_cells.pop("title_id"),
            "subjects": of_payloads["subject"],
            "entries": of_entries.pop("title_id"),
            "listed": of_lists.pop("title_id"),
            "blocked": _typed(blocked, pa.string()),
            "anchors": rows["anchor_title_id"],
        },
        title_ids,
    )
    places = _places(row_no)
    cells_count = np.bincount(row_no, minlength=drafts.num_rows)
    tables = {
        "rows_given": {
            "row_no": _counted(drafts.num_rows),
            **rows,
            "anchor_no": numbers["anchors"],
            "cells_given": cells_given,
            "size": pa.array(cells_count, pa.int32()),
        },
        "cells": {
            "row_no": row_no,
            "place": places,
            "title_no": numbers["cells"],
            **of_cells,
            **of_payloads,
            "subject_no": numbers["subjects"],
        },
        "people": {"profile_no": _counted(profiles.num_rows), **_columns(profiles, READER)},
        "history_entries": {
            "profile_no": reader_no,
            "place": _places(reader_no),
            "title_no": numbers["entries"],
            **of_entries,
        },
        "listed": {
            "profile_no": lister_no,
            "place": _places(lister_no),
            "title_no": numbers["listed"],
            **of_lists,
        },
        "blocked": {"profile_no": blocker_no, "title_no": numbers["blocked"]},
    }
    return {name: without_zones(pa.table(columns)) for name, columns in tables.items()}


def _unnested(rows: pa.Table, name: str) -> tuple[pa.Array | None, pa.Array, np.ndarray]:
    """The elements of a column of lists, whether each row has a list, and each element's row."""
    if name not in rows.column_names or not rows.num_rows:
        return None, pa.array([False] * rows.num_rows, pa.bool_()), np.empty(0, np.int32)
    lists = _one_array(rows.column(name))
    parents = pc.list_parent_indices(lists).to_numpy(zero_copy_only=False).astype(np.int32)
    return pc.list_flatten(lists), pc.is_valid(lists), parents


def _one_array(column: pa.ChunkedArray) -> pa.Array:
    whole = column.combine_chunks()
    return whole.combine_chunks() if isinstance(whole, pa.ChunkedArray) else whole


def _columns(rows: pa.Table, types: Mapping[str, pa.DataType]) -> dict[str, pa.Array]:
    return {name: _column(rows, name, kind) for name, kind in types.items()}


def _column(rows: pa.Table, name: str, kind: pa.DataType) -> pa.Array:
    if name not in rows.column_names:
        return pa.nulls(rows.num_rows, kind)
    return _typed(_one_array(rows.column(name)), kind)


def _fields(structs: pa.Array | None, types: Mapping[str, pa.DataType]) -> dict[str, pa.Array]:
    """The fields of structs by name; one that they lack is null."""
    fields = {name: _field(structs, name) for name in types}
    count = 0 if structs is None else len(structs)
    return {
        name: pa.nulls(count, kind) if fields[name] is None else _typed(fields[name], kind)
        for name, kind in types.items()
    }


def _field(structs: pa.Array | None, name: str) -> pa.Array | None:
    if structs is None or structs.type.get_field_index(name) < 0:
        return None
    return pc.struct_field(structs, name)


def _typed(values: pa.Array | None, kind: pa.DataType) -> pa.Array:
    if values is None:
        return pa.nulls(0, kind)
    return values if values.type == kind else values.cast(kind)


def _places(owners: np.ndarray) -> pa.Array:
    """The place of each element among those of its owner, from 1."""
    begins = np.flatnonzero(np.r_[True, owners[1:] != owners[:-1]]) if len(owners) else owners
    lengths = np.diff(np.r_[begins, len(owners)])
    return pa.array(np.arange(1, len(owners) + 1) - np.repeat(begins, lengths), pa.int32())


def _counted(count: int) -> pa.Array:
    return pa.array(np.arange(count, dtype=np.int32))


def _title_numbers(named: Mapping[str, pa.Array], title_ids: pa.Array) -> dict[str, pa.Array]:
    """The numbers of titles by their ids: above 0 in the catalogue, below it elsewhere."""
    one = pa.scalar(1, pa.int32())
    found = {name: pc.add(pc.index_in(ids, title_ids), one) for name, ids in named.items()}
    others = [
        ids.filter(pc.and_(pc.is_null(found[name]), pc.is_valid(ids)))
        for name, ids in named.items()
    ]
    unknown = pc.unique(pa.concat_arrays(others))
    if not len(unknown):
        return found
    return {
        name: pc.coalesce(
            numbers, pc.subtract(pa.scalar(-1, pa.int32()), pc.index_in(named[name], unknown))
        )
        for name, numbers in found.items()
    }
