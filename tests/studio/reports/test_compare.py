"""Two pages side by side: positions of both, and the titles that came, went and moved."""

from studio.reports.compare import comparison


def page(**rows: str) -> list[dict[str, object]]:
    return [
        {
            "row_id": name,
            "row_title": name.title(),
            "cells": [{"title_id": title, "name": title.upper()} for title in titles.split()],
        }
        for name, titles in rows.items()
    ]


def test_rows_and_titles_that_moved_came_and_went_are_told() -> None:
    report = comparison(page(new="a b", popular="c d"), page(popular="d c e", new="a b", old="f"))
    rows = {row["row_id"]: (row["left"], row["right"], row["in_order"]) for row in report["rows"]}
    assert rows == {"new": (1, 2, True), "popular": (2, 1, False), "old": (None, 3, True)}
    titles = report["titles"]
    assert (titles["both"], titles["moved"]) == (4, 4)
    assert [each["name"] for each in titles["right"]] == ["E", "F"] and titles["left"] == []
    assert not report["is_same"]


def test_a_page_beside_itself_is_the_same() -> None:
    report = comparison(page(new="a b"), page(new="a b"))
    assert report["is_same"] and report["titles"]["moved"] == 0
