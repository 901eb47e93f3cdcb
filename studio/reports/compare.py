"""Two pages side by side: rows and titles that only one of them has, and what moved."""

from collections.abc import Iterable
from typing import Any

PageRows = list[dict[str, Any]]  # rows of a page in order, cells with title_id and name


def comparison(left: PageRows, right: PageRows) -> dict[str, Any]:
    """Every row of either page with its position in both, and the titles that came, went and moved."""
    at_left, at_right = _positions(left), _positions(right)
    names = {row["row_id"]: row["row_title"] for row in [*right, *left]}
    row_ids = sorted(names, key=lambda name: (at_right.get(name, 999), at_left.get(name, 999)))
    first_left, first_right = _first_places(left), _first_places(right)
    both = first_left.keys() & first_right.keys()
    return {
        "rows": [
            {
                "row_id": name,
                "row_title": names[name],
                "left": at_left.get(name),
                "right": at_right.get(name),
                **_titles_of_row(_titles(left, name), _titles(right, name)),
            }
            for name in row_ids
        ],
        "titles": {
            "both": len(both),
            "left": _named(left, (title for title in first_left if title not in both)),
            "right": _named(right, (title for title in first_right if title not in both)),
            "moved": sum(first_left[title] != first_right[title] for title in both),
        },
        "is_same": [_content(row) for row in left] == [_content(row) for row in right],
    }


def _positions(page: PageRows) -> dict[str, int]:
    return {row["row_id"]: index for index, row in enumerate(page, 1)}


def _first_places(page: PageRows) -> dict[str, tuple[int, int]]:
    """Row and cell where each title stands first."""
    places: dict[str, tuple[int, int]] = {}
    for index, row in enumerate(page, 1):
        for column, cell in enumerate(row["cells"], 1):
            places.setdefault(cell["title_id"], (index, column))
    return places


def _titles(page: PageRows, row_id: str) -> list[str]:
    row = next((row for row in page if row["row_id"] == row_id), None)
    return [] if row is None else [cell["title_id"] for cell in row["cells"]]


def _titles_of_row(left: list[str], right: list[str]) -> dict[str, Any]:
    both = set(left) & set(right)
    order_left = [title for title in left if title in both]
    order_right = [title for title in right if title in both]
    return {
        "titles_left": len(left),
        "titles_right": len(right),
        "titles_both": len(both),
        "in_order": order_left == order_right,
    }


def _named(page: PageRows, title_ids: Iterable[str]) -> list[dict[str, str]]:
    """Titles of a page with their names."""
    names = {cell["title_id"]: cell.get("name") for row in page for cell in row["cells"]}
    return [{"title_id": each, "name": names[each] or each} for each in title_ids]


def _content(row: dict[str, Any]) -> tuple[str, list[str]]:
    return row["row_id"], [cell["title_id"] for cell in row["cells"]]
