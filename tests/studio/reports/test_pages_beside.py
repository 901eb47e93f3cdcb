"""What changed settings would move on pages, counted."""

from typing import Any

import pytest

from studio.reports import pages_beside
from studio.reports.pages_beside import Side, previews


def page(**rows: str) -> list[dict[str, Any]]:
    """Rows by id, each with the titles that are letters of a text."""
    return [
        {"row_id": row_id, "row_title": row_id, "cells": [{"title_id": each} for each in titles]}
        for row_id, titles in rows.items()
    ]


def test_rows_and_titles_that_come_go_and_move_are_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now, then = page(top="abc", old="d"), page(new="xyz", top="ab", newer="")
    both = {"ann": (now, then), "bob": (now, now)}
    monkeypatch.setattr(pages_beside, "previewed", lambda side, _: both[side.profile_id])
    ann, bob = previews([Side("ann"), Side("bob")], {})
    assert (ann["rows_left"], ann["rows_new"], ann["rows_moved"]) == (1, 2, 1)
    assert (ann["titles_left"], ann["titles_new"], ann["titles_moved"]) == (2, 3, 2)
    assert not ann["is_same"] and bob["is_same"]
    assert not any(bob[name] for name in bob if name.startswith(("rows", "titles")))
