"""The hash of rows: what it tells apart, and what it does not see."""

import math

import pyarrow as pa
import pytest

from jobs.io.tables.row_hash import ContentHash, content_hash_of

CELL = pa.struct([("title_id", pa.string()), ("score", pa.float32())])
SCHEMA = pa.schema(
    [("name", pa.string()), ("cells", pa.list_(CELL)), ("counts", pa.map_("string", "int32"))]
)
A = {"name": "a", "cells": [{"title_id": "t1", "score": 0.5}], "counts": [("x", 1), ("y", 2)]}
B = {"name": "b", "cells": [], "counts": []}


def hash_of(*rows: dict, schema: pa.Schema = SCHEMA) -> str:
    return str(content_hash_of(pa.Table.from_pylist(list(rows), schema)))


def test_neither_order_nor_batches_nor_slices_nor_encoding_change_it():
    rows = [A, B, {**A, "name": "a longer name, of more than eight letters"}] * 7
    table = pa.Table.from_pylist(rows, SCHEMA)
    whole = content_hash_of(table)
    assert str(whole) == hash_of(*reversed(rows)) and whole.rows == len(rows)
    batches = [table.slice(start, 4) for start in range(0, table.num_rows, 4)]
    assert content_hash_of(pa.concat_tables(batches)) == whole
    parts = ContentHash()
    for batch in batches:
        parts = parts.plus(content_hash_of(batch.combine_chunks()))
    assert parts == whole
    coded = table.set_column(0, "name", table["name"].dictionary_encode())
    assert content_hash_of(coded) == whole
    assert content_hash_of(table.select(["counts", "name", "cells"])) == whole
    assert ContentHash.parse(str(whole)) == whole


@pytest.mark.parametrize(
    "change",
    [
        {"name": "c"},
        {"name": ""},
        {"name": None},
        {"name": "a\0"},
        {"cells": None},
        {"cells": []},
        {"cells": [None]},
        {"cells": [{"title_id": "t1", "score": 0.25}]},
        {"cells": [{"title_id": None, "score": 0.5}]},
        {"cells": [{"title_id": "t1", "score": 0.5}, {"title_id": "t1", "score": 0.5}]},
        {"counts": None},
        {"counts": [("x", 2), ("y", 1)]},
        {"counts": [("x", 1)]},
    ],
)
def test_any_change_of_a_row_changes_it(change):
    assert hash_of(A, B) != hash_of({**A, **change}, B)


def test_it_tells_which_values_stand_together_and_how_often_rows_come():
    two = [{"name": "a", "counts": [("x", 1)]}, {"name": "b", "counts": [("y", 1)]}]
    crossed = [{"name": "a", "counts": [("y", 1)]}, {"name": "b", "counts": [("x", 1)]}]
    assert hash_of(*two) != hash_of(*crossed)
    assert len({hash_of(A, B), hash_of(A, B, B), hash_of(A, A, B), hash_of(B)}) == 4
    cells = [{"title_id": "t1", "score": 0.5}, {"title_id": "t2", "score": 0.1}]
    assert hash_of({**A, "cells": cells}) != hash_of({**A, "cells": cells[::-1]})
    swapped = [{"title_id": "t1", "score": 0.1}, {"title_id": "t2", "score": 0.5}]
    assert hash_of({**A, "cells": cells}) != hash_of({**A, "cells": swapped})


def test_maps_have_no_order_and_numbers_no_width_and_a_null_column_adds_nothing():
    assert hash_of(A) == hash_of({**A, "counts": A["counts"][::-1]})
    narrow, wide = (pa.schema([("n", kind), ("x", float_)]) for kind, float_ in WIDTHS)
    row = {"n": -3, "x": 0.5}
    assert hash_of(row, schema=narrow) == hash_of(row, schema=wide)
    assert hash_of({"n": 1, "x": math.nan}, schema=wide) == hash_of(
        {"n": 1, "x": -math.nan}, schema=wide
    )
    with_none = wide.append(pa.field("later", pa.string()))
    assert hash_of(row, schema=with_none) == hash_of(row, schema=wide)


WIDTHS = ((pa.int32(), pa.float32()), (pa.int64(), pa.float64()))


def test_no_rows_have_a_hash_too():
    assert hash_of() == "0:0000000000000000"
