"""Pages to lay beside each other: of another profile, day, device, or with settings changed."""
# Tested by tests/cli/test_compare.py.

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from conf.errors import UserMistake
from conf.pages import pages
from jobs.io.published import homepage
from jobs.io.published.simulated import simulated_pages
from jobs.io.serving import page_view
from studio.reports.compare import PageRows, comparison
from studio.reports.page_cells import changes_of_page
from studio.reports.ranker_rows import profile_rows


@dataclass(frozen=True)
class Side:
    """Which page is meant, and its name for people."""

    profile_id: str
    ds: date | None = None
    device: str | None = None

    @property
    def name(self) -> str:
        """The profile, the day and the device."""
        return " ".join(str(each) for each in (self.profile_id, self.ds, self.device) if each)


def page_of(side: Side) -> PageRows:
    """The rows of a page as it may be shown now, cut to a device where one is named."""
    view = page_view.page(side.profile_id, side.ds)
    if not view.rows:
        raise UserMistake(f"no title of the page of {side.profile_id!r} may be shown any more")
    return on_device(view.rows, side.device)


def pages_of(left: Side, right: Side) -> tuple[PageRows, PageRows]:
    """Both pages; one that differs by the device alone is read once."""
    if (left.profile_id, left.ds) != (right.profile_id, right.ds):
        return page_of(left), page_of(right)
    whole = page_of(Side(left.profile_id, left.ds))
    return on_device(whole, left.device), on_device(whole, right.device)


def on_device(page: PageRows, device: str | None) -> PageRows:
    """The rows and cells of a page that a device shows; all of them where none is named."""
    if device is None:
        return page
    screen = pages().device(device)
    allowed = [row for row in page if row["row_kind"] not in screen.forbidden][: screen.rows]
    return [{**row, "cells": row["cells"][: screen.columns]} for row in allowed]


def previewed(side: Side, changes: Mapping[str, Any]) -> tuple[PageRows, PageRows]:
    """A profile's page of a day built again as it was, and with changes laid over its settings.

    Nothing is written. Both are of what was stored of the day; where the page was made for
    experiment cells, what they change stands below the changes.
    """
    day = side.ds or homepage.newest_day(homepage.publication_receipts())
    of_cells = changes_of_page(homepage.page_records(side.profile_id, day))
    profile = profile_rows(day, side.profile_id)
    profile = profile.drop_columns(["ds"]) if "ds" in profile.column_names else profile
    both = []
    for laid_over in (of_cells, {**of_cells, **changes}):
        records = simulated_pages(day, profile, laid_over).to_pylist()
        for record in records:
            record["ds"] = day
        both.append(on_device(page_view.with_titles(records), side.device))
    return both[0], both[1]


def previews(sides: Sequence[Side], changes: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Of each page what changed settings would move on it: rows and titles that come, go and move."""
    found = []
    for side in sides:
        report = comparison(*previewed(side, changes))
        titles = report["titles"]
        found.append(
            {
                "profile_id": side.profile_id,
                "is_same": report["is_same"],
                "rows_left": sum(row["right"] is None for row in report["rows"]),
                "rows_new": sum(row["left"] is None for row in report["rows"]),
                "rows_moved": sum(
                    None not in (row["left"], row["right"]) and row["left"] != row["right"]
                    for row in report["rows"]
                ),
                "titles_left": len(titles["left"]),
                "titles_new": len(titles["right"]),
                "titles_moved": titles["moved"],
            }
        )
    return found
