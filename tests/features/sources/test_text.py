"""What is left of a record that cannot be read: whom it is about, and which columns it has."""

import pytest

from features.sources.layout import Chunk, Layout
from features.sources.text import batches


def read(table: str, kind: str, header: tuple[str, ...], line: bytes) -> dict:
    """The one record of a line."""
    names = ("profile_id", "account_id", "country", "maturity_limit", "kids")
    columns = names if table == "profiles" else ("title_id", "profile_id", "event_at")
    chunk = Chunk(table, "f", "f", "id", kind, Layout(), header, 0, 0, 1, columns)
    (batch,) = batches(chunk, line)
    (row,) = batch.to_pylist()
    return row


@pytest.mark.parametrize(
    ("line", "fault", "profile"),
    [
        (b"p1,US", "field_count", "p1"),
        (b"p1,US,7,true", "field_count", "p1"),
        (b'"p,1",US', "field_count", "p,1"),
        (b'"p ""1""",US', "field_count", 'p "1"'),
        (b'p1,"US,7', "unclosed_quote", "p1"),
        (b'"p1,US,7', "unclosed_quote", None),
        (b"p1,caf\xe9,7", "bad_encoding", "p1"),
        (b"p\xe9,US,7", "bad_encoding", None),
        (b"p1," + b"x" * 1_000_001, "too_long", "p1"),
        (b" ", "empty_line", " "),
        (b",US", "field_count", None),
    ],
)
def test_of_a_broken_line_the_profile_is_found_where_it_can_be(line, fault, profile):
    row = read("profiles", "csv", ("profile_id", "country", "maturity_limit"), line)
    assert (row["fault"], row["profile_id"], row["country"]) == (fault, profile, None)
    assert row["given"] == ["profile_id", "country", "maturity_limit"]


def test_the_profile_is_found_wherever_its_column_is():
    header = ("country", "profile_id", "", "maturity_limit")
    assert read("profiles", "csv", header, b'"U,S",p1,x')["profile_id"] == "p1"
    assert read("profiles", "csv", header, b"US")["profile_id"] is None


@pytest.mark.parametrize(
    ("line", "profile"),
    [
        (b'{"profile_id": "p1", "kids": tr', "p1"),
        (b'{"kids": true, "profile_id" : 17, ', "17"),
        (b'{"profile_id": "p\\"1", x', 'p"1'),
        (b'{"profile_id": "p1', None),
        (b'{"profile_id": 1.5, ', None),
        (b'{"profile_id": "\\ud800", ', None),
        (b'{"other_id": "p1", ', None),
    ],
)
def test_of_a_broken_json_line_the_profile_is_found_where_it_can_be(line, profile):
    row = read("profiles", "jsonl", (), line)
    assert (row["fault"], row["fault_field"], row["profile_id"]) == ("unreadable", None, profile)
    assert {"profile_id", "country", "maturity_limit", "blocked_titles"} <= set(row["given"])


def test_a_json_record_has_the_columns_of_its_keys_and_a_null_is_one():
    row = read("profiles", "jsonl", (), b'{"profile_id": 1, "country": null, "more": 2}')
    assert row["given"] == ["profile_id", "country"] and row["country"] is None
    assert row["fault"] is None


def test_a_value_that_cannot_be_read_costs_its_own_column_alone():
    line = b'{"profile_id": 1, "kids": ["x"], "maturity_limit": 7}'
    row = read("profiles", "jsonl", (), line)
    assert (row["fault"], row["fault_field"]) == ("wrong_type", "kids")
    assert (row["profile_id"], row["maturity_limit"], row["kids"]) == ("1", "7", None)


def test_facts_hold_nobody_and_carry_no_columns():
    row = read("events", "csv", ("title_id", "profile_id", "event_at"), b"t,p")
    assert row["fault"] == "field_count" and row["title_id"] is None and "given" not in row
