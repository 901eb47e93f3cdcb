"""What the online step needs of titles and profiles at a moment, read without Spark."""

from datetime import date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from conf.contracts import contract
from conf.days import end_of
from conf.pages import SETTINGS
from jobs.io.snapshot.arrow import ArrowSnapshot
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables.dimensions import VERSIONED
from models.catalogue.arrays import Profiles
from models.catalogue.profile_settings import by_settings
from models.page.online.catalogue_view import Shelf
from models.page.online.view_from_tables import shelf_of


def shelf_at(at: datetime, title_ids: list[str] | None = None) -> Shelf:
    """The catalogue as it is known at a moment, or some titles of it, with the newest lifts."""
    snapshot = ArrowSnapshot(at)
    titles = snapshot.newest_versions("titles", *VERSIONED["titles"], title_ids)
    windows = snapshot.newest_versions("availability", *VERSIONED["availability"], title_ids)
    return shelf_of(titles, windows, contexts_at(at), at)


def contexts_at(at: datetime) -> pa.Table | None:
    """The newest `contexts` of a day that was over at a moment; None where there are none."""
    table = arrow_tables.open_table("contexts")
    days = [] if table is None else [date.fromisoformat(part["ds"]) for part in table.partitions()]
    days = [day for day in days if end_of(day) <= at]
    if table is None or not days:
        return None
    found = pa.table(table.to_pyarrow_table(filters=[("ds", "=", max(days))]))
    return found.sort_by([(key, "ascending") for key in contract("contexts").keys])


def settings_at(at: datetime, profile_ids: list[str] | None = None) -> dict[str, dict[str, Any]]:
    """The newest settings of profiles that are known at a moment, by profile_id; those without any are left out."""
    found = ArrowSnapshot(at).newest_versions(
        "profiles", ["profile_id"], ["profile_id", *SETTINGS], profile_ids
    )
    return {row.pop("profile_id"): row for row in found.to_pylist()}


def profile_at(profile_id: str, shelf: Shelf, at: datetime) -> Profiles:
    """A profile with its newest settings; one that has none may see everything."""
    return by_settings(profile_id, settings_at(at, [profile_id]).get(profile_id, {}), shelf.at)


def shown_titles(rows: pa.Table) -> list[str]:
    """Every title that stands on a page or that one of its rows is about."""
    cells = rows["cells"].combine_chunks().flatten().field("title_id")
    named = pa.chunked_array(
        [cells.cast(pa.string()), *rows["anchor_title_id"].cast(pa.string()).chunks]
    )
    found: list[str] = pc.unique(named).drop_null().to_pylist()
    return sorted(found)
