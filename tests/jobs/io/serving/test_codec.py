"""A value is what was put under its key, or it is refused."""

import pyarrow as pa
import pytest

from jobs.io.serving.codec import (
    Damaged,
    packed,
    record_of,
    record_value,
    table_of,
    table_value,
    unpacked,
)

ROWS = pa.table({"title": ["a", "b"], "cells": [[1, 2], [3]]})


def test_rows_and_records_come_back_as_they_were() -> None:
    assert table_of("ann", table_value("ann", ROWS)).equals(ROWS)
    record = {"country": "NO", "blocked_titles": ["naïve"], "kids": None}
    assert record_of("ann", record_value("ann", record)) == record


def test_slice_of_many_rows_stores_its_own_rows_only() -> None:
    many = pa.table({"title": [f"title {n}" for n in range(10_000)]})
    assert len(table_value("ann", many.slice(5_000, 2))) < 2_000


@pytest.mark.parametrize("at", [0, 4, 8, 12, -1])
def test_changed_byte_is_noticed(at: int) -> None:
    value = bytearray(packed("ann", b"content " * 100))
    value[at] ^= 1
    with pytest.raises(Damaged):
        unpacked("ann", bytes(value))


@pytest.mark.parametrize("size", [0, 3, 8, 20])
def test_value_cut_short_is_noticed(size: int) -> None:
    with pytest.raises(Damaged):
        unpacked("ann", packed("ann", b"content " * 100)[:size])


def test_value_of_another_key_is_noticed() -> None:
    with pytest.raises(Damaged):
        unpacked("bob", packed("ann", b"content"))
