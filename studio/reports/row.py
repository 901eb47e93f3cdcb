"""How a row got its position on a profile's page, or why it has none."""
# Tested by tests/cli/test_why.py.

from collections.abc import Sequence
from typing import Any

from conf.errors import UserMistake
from models.page.explain import RebuiltPage
from studio.reports.page_cells import cells_of_page
from studio.reports.trace import built_again


def row_report(page_rows: Sequence[dict[str, Any]], row_name: str) -> dict[str, Any]:
    """How a row of a published page got its position, or which rule keeps it from the page's end.

    The page is built again as it was that night: by what its experiment cells change, if it has any.

    Raises:
        UserMistake: no row of that position, row_id or kind was considered.
    """
    built = built_again(page_rows)
    page, page_row_ids = built.page, built.row_ids
    row_id = _row_id(page, page_row_ids, row_name)
    position = page.position(row_id)
    last_position = len(page_row_ids) + 1
    barred = ""
    if not position:
        barred = page.barred(page.row_ids.index(row_id), last_position)
    return {
        "profile_id": page_rows[0]["profile_id"],
        "ds": page_rows[0]["ds"],
        "row_id": row_id,
        "row_title": page.row_titles[page.row_ids.index(row_id)],
        "position": position or None,
        "builder": page.builder,
        "ranker_id": built.ranker_id,
        "experiment_cells": list(cells_of_page(page_rows)),
        "same_as_published": page_row_ids == [row["row_id"] for row in page_rows],
        "rows_above": page_row_ids[: position - 1] if position else page_row_ids,
        "barred": barred,
        "candidates": page.candidates(position or last_position),
        "titles": built.counts,
        "promised": {price.title_id: price.price for price in built.own_prices},
    }


def _row_id(page: RebuiltPage, page_row_ids: Sequence[str], row_name: str) -> str:
    """The row that is meant: by position, by row_id, or the first of a kind."""
    if row_name.isdecimal() and 0 < int(row_name) <= len(page_row_ids):
        return page_row_ids[int(row_name) - 1]
    for row_id in [*page_row_ids, *page.row_ids]:
        kind = row_id.split(":")[0]
        if row_name in (row_id, kind):
            return row_id
    raise UserMistake(
        f"no row {row_name!r} was considered for this profile; the page has"
        f" {len(page_row_ids)} rows, for example {', '.join(page_row_ids[:3])};"
        f" {len(page.row_ids)} rows were considered"
    )
