"""Pages cut by profile."""

import pyarrow as pa

from benchmarks.nearline.pages import pages_by_profile


def test_pages_are_cut_by_profile_with_rows_in_order():
    rows = pa.table({"profile_id": ["b", "a", "b"], "row_position": [2, 1, 1]})
    pages = pages_by_profile(rows)
    assert list(pages) == ["a", "b"]
    assert pages["b"]["row_position"].to_pylist() == [1, 2]


def test_no_rows_are_no_pages():
    rows = pa.table(
        {"profile_id": pa.array([], pa.string()), "row_position": pa.array([], "int64")}
    )
    assert pages_by_profile(rows) == {}
