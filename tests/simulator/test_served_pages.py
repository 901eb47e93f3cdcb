import numpy as np
import pyarrow as pa

from simulator.served_pages import served_pages
from tests.simulator.small import small_world
from tests.simulator.worlds import published


def test_pages_are_read_by_position_whatever_order_they_come_in():
    index = np.array([0, 5])
    table = published(index, [[["t1", "t2"], ["t3"]], [["t4", "t5", "t6"]]])
    reversed_rows = [
        [{**row, "cells": row["cells"][::-1]} for row in page[::-1]]
        for page in table["rows"].to_pylist()
    ]
    backwards = pa.table(
        {"index": index, "rows": pa.array(reversed_rows, table.schema.field("rows").type)}
    )
    one, other = (served_pages(small_world(), index, pages) for pages in (table, backwards))
    assert other.pages.title.tolist() == one.pages.title.tolist() == [1, 2, 3, 4, 5, 6]
    assert one.rows.field("row_id").to_pylist() == other.rows.field("row_id").to_pylist()
    assert one.cells.to_pylist() == other.cells.to_pylist()
    assert one.row_of_cell.tolist() == [0, 0, 1, 2, 2, 2]


def test_a_profile_without_a_page_has_no_rows():
    table = published(np.array([5]), [[["t4"]]])
    pages = served_pages(small_world(), np.array([0, 5, 6]), table)
    assert pages.pages.row_first.tolist() == [0, 0, 1, 1]
    assert served_pages(small_world(), np.array([0, 5]), None).pages.row_first.tolist() == [0, 0, 0]


def test_artworks_are_those_of_the_world_and_others_attract_nobody():
    table = published(np.array([0]), [[["t1", "t2", "t3"]]])
    rows = table["rows"].to_pylist()
    rows[0][0]["cells"][0]["artwork_id"] = small_world().artwork_ids[4]
    rows[0][0]["cells"][1]["artwork_id"] = "unknown"
    shown = pa.table({"index": [0], "rows": pa.array(rows, table.schema.field("rows").type)})
    assert served_pages(small_world(), np.array([0]), shown).pages.artwork.tolist() == [4, -1, -1]
