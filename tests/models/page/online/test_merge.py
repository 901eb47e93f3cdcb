"""A page of the night with some rows made anew, worked out by hand."""

import pyarrow as pa

from conf.rows import rows
from models.page.online.merge import merged_page

CELLS = pa.list_(pa.struct({"column_position": pa.int32(), "title_id": pa.string()}))
SCHEMA = pa.schema(
    {
        "page_id": pa.string(),
        "row_position": pa.int32(),
        "row_id": pa.string(),
        "row_kind": pa.string(),
        "row_title": pa.string(),
        "cells": CELLS,
    }
)
RENEWED = ("continue_watching", "because_you_watched", "trending")


def page(name: str, *made: tuple[str, str], language: str = "en") -> pa.Table:
    """Rows as (row_id, titles with spaces between); the kind is what stands before a colon."""
    return pa.Table.from_pylist(
        [
            {
                "page_id": name,
                "row_position": at,
                "row_id": row,
                "row_kind": row.split(":")[0],
                "row_title": rows().kinds[row.split(":")[0]].said_in(language).title,
                "cells": [
                    {"column_position": n, "title_id": t} for n, t in enumerate(titles.split(), 1)
                ],
            }
            for at, (row, titles) in enumerate(made, 1)
        ],
        SCHEMA,
    )


def shown(made: pa.Table) -> list[tuple[str, str]]:
    assert made["row_position"].to_pylist() == list(range(1, made.num_rows + 1))
    return [
        (row["row_id"], " ".join(cell["title_id"] for cell in row["cells"]))
        for row in made.to_pylist()
    ]


def test_rows_of_renewed_kinds_stand_where_they_stood_and_the_rest_stays() -> None:
    base = page(
        "night",
        ("top_picks", "a b c"),
        ("because_you_watched:x", "d e"),
        ("popular", "f a"),
        ("trending", "g"),
    )
    fresh = page(
        "tick",
        ("continue_watching", "b"),
        ("because_you_watched:b", "h d"),
        ("top_picks", "c a"),
        ("because_you_watched:x", "e"),
        ("trending", "g f"),
    )
    made = merged_page(base, fresh, {"b", "x"}, RENEWED, rows())
    assert shown(made) == [
        ("continue_watching", "b"),
        ("top_picks", "a c"),
        ("because_you_watched:b", "h d"),
        ("popular", "f a"),
        ("because_you_watched:x", "e"),
        ("trending", "g f"),
    ]
    assert set(made["page_id"].to_pylist()) == {"tick"}


def test_a_row_that_is_not_there_any_more_goes() -> None:
    base = page("night", ("continue_watching", "a"), ("watch_again", "a b"), ("top_picks", "c"))
    made = merged_page(base, page("tick", ("top_picks", "d")), {"a", "b"}, RENEWED, rows())
    assert shown(made) == [("watch_again", "a b"), ("top_picks", "c")], (
        "what was played stays where it may be shown"
    )


def test_without_a_page_of_the_night_the_fresh_one_is_it() -> None:
    fresh = page("tick", ("popular", "a"))
    assert merged_page(page("night"), fresh, set(), RENEWED, rows()) is fresh


def test_a_page_of_two_languages_is_the_newer_one() -> None:
    """The profile chose another language since the night."""
    fresh = page("tick", ("continue_watching", "a"), ("popular", "c"), language="de")
    base = page("night", ("top_picks", "b c"), ("continue_watching", "a"))
    assert merged_page(base, fresh, {"a"}, RENEWED, rows()).equals(fresh)
