"""Members by what their cells change, and errors that name a variant."""

import pyarrow as pa

from conf.experiments import CELLS
from models.page.variants import Variants, faulty_variants, in_order, variant_fault, with_cells

VARIANTS = Variants({"a:x": {"pages.builder": "template"}, "b:y": {"candidates.per_source": 3}})
CELL_LISTS = pa.array(
    [["a:x"], None, ["a:control", "b:y"], ["b:y", "a:x"], ["a:x"]], pa.list_(pa.string())
)


def test_members_are_told_apart_by_what_is_changed_for_them():
    batch = pa.RecordBatch.from_arrays([CELL_LISTS], [CELLS])
    members = {cells: rows.to_pylist() for cells, rows in VARIANTS.by_change(batch)}
    assert members == {(): [1], ("a:x",): [0, 4], ("a:x", "b:y"): [3], ("b:y",): [2]}
    both = VARIANTS.changed(("a:x", "b:y"))
    assert both == {"pages.builder": "template", "candidates.per_source": 3}
    assert VARIANTS.changed(()) == {}


def test_without_cells_everybody_is_of_the_control():
    batch = pa.RecordBatch.from_pydict({"profile_id": ["p", "q"]})
    assert [(cells, rows.to_pylist()) for cells, rows in VARIANTS.by_change(batch)] == [
        ((), [0, 1])
    ]


def test_pages_say_the_cells_of_their_profiles():
    profiles = pa.table({"profile_id": ["p", "q"], CELLS: CELL_LISTS[:2]})
    pages = pa.table({"profile_id": ["q", "p", "p"]})
    assert with_cells(pages, profiles)[CELLS].to_pylist() == [None, ["a:x"], ["a:x"]]


def test_an_error_names_its_variants_and_no_other_error_does():
    fault = variant_fault(("a:x", "b:y"), "KeyError:\n 'x' cannot be built: no")
    assert faulty_variants(str(fault)) == ("a:x", "b:y")
    assert "\n" not in str(fault)
    assert faulty_variants("the disk is full") == ()
    assert faulty_variants("a page cannot be built: no titles") == ()


def test_pages_stand_in_the_order_of_their_profiles():
    rows = [("c", 1), ("c", 2), ("a", 1), ("d", 1), ("b", 1), ("b", 2)]
    pages = pa.table(
        {
            "profile_id": [profile for profile, _ in rows],
            "cells": [[{"title_id": f"{profile}{at}"}] * at for profile, at in rows],
        }
    )
    for built in (pages, pa.concat_tables([pages.slice(0, 3), pages.slice(3)])):
        placed = in_order(built, pa.array(["a", "b", "nobody", "c", "d"]))
        assert placed["profile_id"].to_pylist() == ["a", "b", "b", "c", "c", "d"]
        titles = [[cell["title_id"] for cell in cells] for cells in placed["cells"].to_pylist()]
        assert titles == [["a1"], ["b1"], ["b2", "b2"], ["c1"], ["c2", "c2"], ["d1"]]
