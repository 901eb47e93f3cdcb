"""Why a title is not on a profile's page: its country, its settings, its history, or the ranking."""
# Tested by tests/cli/test_why_not.py.

from datetime import date
from typing import Any

import numpy as np

from conf.errors import UserMistake
from jobs.io.published import homepage
from models.catalogue.arrays import Catalogue, Profiles
from models.catalogue.eligibility import EXCLUSION_REASONS
from models.page.explain import RebuiltPage
from studio.reports.trace import BuiltAgain, built_again


def why_not_for(profile_id: str, title_id: str, ds: date | None = None) -> dict[str, Any]:
    """Where a title stands on a profile's page, or the first rule that keeps it away, and in which
    rows it would have stood.

    Raises:
        UserMistake: there is no such page, or the title was not known on its day.
    """
    page_rows = homepage.page_records(profile_id, ds)
    day = page_rows[0]["ds"]
    places = [
        {"row_id": row["row_id"], "row": row["row_position"], "cell": cell["column_position"]}
        for row in page_rows
        for cell in row["cells"]
        if cell["title_id"] == title_id
    ]
    report = {"profile_id": profile_id, "ds": day, "places": places, "rule": "", "rows": []}
    return report | _standing(built_again(page_rows), day, title_id, bool(places))


def _standing(built: BuiltAgain, day: date, title_id: str, is_placed: bool) -> dict[str, Any]:
    """The first rule that keeps a title from a page, and the rows that had it among theirs."""
    title = built.title(title_id)
    if title is None:
        raise UserMistake(f"title {title_id!r} was not in the catalogue on {day}")
    rule = EXCLUSION_REASONS[built.excluded[title]]
    if rule:
        return {"rule": rule}
    considered = _considered(built.page, title)
    rest = "" if is_placed else _rest(considered, built.catalogue, built.profiles, title)
    return {"rule": rest, "rows": considered}


def _considered(page: RebuiltPage, title: int) -> list[dict[str, Any]]:
    """The rows that had the title among theirs, where it stood, and whether the page has them."""
    found = []
    for offer in np.flatnonzero(page.offers.title == title).tolist():
        owner = int(np.searchsorted(page.offers.offsets, offer, side="right")) - 1
        row_id = page.row_ids[owner]
        position = page.position(row_id)
        on_page = offer in page.page.cell[page.page.entries_of(position - 1)] if position else False
        last = len(page.page.offer) + 1
        found.append(
            {
                "row_id": row_id,
                "place": offer - int(page.offers.offsets[owner]) + 1,
                "of": int(page.offers.counts[owner]),
                "position": position or None,
                "stands": bool(on_page),
                "barred": "" if position else page.barred(owner, last),
            }
        )
    return sorted(found, key=lambda row: (row["position"] or 999, row["place"]))


def _rest(
    considered: list[dict[str, Any]], catalogue: Catalogue, profiles: Profiles, title: int
) -> str:
    """What is said of a title that may be shown and is not."""
    if considered:
        return "other titles came first in every row that it could stand in, or the rows were not placed"
    if title in profiles.history(0):
        return "the profile has played it; only Continue Watching and Watch Again could show it"
    plays = catalogue.features["title_plays_count_all"][title]
    if not plays > 0:
        return "nobody has played it yet, and it is not new"
    return "no row had it among its best titles for this profile"
