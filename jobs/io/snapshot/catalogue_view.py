"""The titles and profiles that the online step needs at an instant, read without Spark."""

# Tested by tests/jobs/io/serving/test_page_now.py.

import threading
from collections import OrderedDict
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from conf.contracts import contract
from conf.days import end_of
from conf.pages import SETTINGS, pages
from conf.rows import rows
from jobs.io.experiments.added_kinds import kinds_table
from jobs.io.snapshot.arrow import ArrowSnapshot
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables import rights
from jobs.io.tables.dimensions import VERSIONED
from jobs.io.tables.keeper import keeper
from jobs.io.tables.partitions import Filter
from models.catalogue.arrays import Profiles
from models.catalogue.profile_settings import by_settings
from models.page.online.catalogue_view import CatalogueView
from models.page.online.view_from_tables import catalogue_view_from

MOST_VIEWS = 4  # of all titles, in memory
_views: OrderedDict[tuple[Any, ...], CatalogueView] = OrderedDict()
_making = threading.Lock()


def catalogue_view_at(
    at: datetime, title_ids: list[str] | None = None, known_by: datetime | None = None
) -> CatalogueView:
    """The catalogue of an instant, or some titles of it, with the newest lifts; as it was known
    then, or at a later instant `known_by`.

    A process that keeps tables open makes it of all titles, once for a moment.
    """
    if keeper() is None:
        return _view(at, title_ids, known_by or at)
    return _kept_view(at, known_by or at)


def _kept_view(at: datetime, known_by: datetime) -> CatalogueView:
    """The view of all titles, as it was known at the instant or less than a minute before.

    What was written since is seen at once, by the states of the tables.
    """
    states = tuple(arrow_tables.state_of(name) for name in (*VERSIONED, "contexts", "experiments"))
    place = arrow_tables.deltalake_path("titles")
    minute = min(known_by.replace(second=0, microsecond=0), _all_known(place, states))
    key = (at, minute, place, states, id(pages()), id(rows()))
    with _making:  # whoever asks meanwhile waits, and makes it not again
        if key not in _views:
            _views[key] = _view(at, None, known_by)
            while len(_views) > MOST_VIEWS:
                _views.popitem(last=False)
        return _views[key]


@lru_cache(maxsize=4)
def _all_known(place: str, states: tuple[object, ...]) -> datetime:
    """The instant from which on everything that is written of titles is known."""
    instants = [
        pc.max(arrow_tables.filtered_rows(name, [], ["known_at"])["known_at"]).as_py()
        for name in VERSIONED
        if arrow_tables.was_written(name)
    ]
    return max(filter(None, instants), default=datetime.min.replace(tzinfo=UTC))


def _view(at: datetime, title_ids: list[str] | None, known_by: datetime) -> CatalogueView:
    tables = ArrowSnapshot(known_by).title_versions(title_ids)
    others = {"contexts": contexts_at(at), "kinds": kinds_table()}
    there_are = {name: table for name, table in others.items() if table is not None}
    return catalogue_view_from(tables | there_are, at)


def log_end(now: datetime) -> datetime | None:
    """The newest instant by which an event was learned, up to now; None where there is none.

    To who may not read the log it is one that goes on.
    """
    if not rights.may_read("events"):
        return now
    table = arrow_tables.open_table("events")
    if table is None:
        return None
    place, version = arrow_tables.deltalake_path("events"), table.version()
    days = [date.fromisoformat(partition["ds"]) for partition in table.partitions()]
    for day in sorted({day for day in days if day <= now.date()}, reverse=True):
        newest = _newest_known(place, version, day)
        if newest and newest > now:
            newest = _known_until(day, now)
        if newest:
            return newest
    return None


@lru_cache(maxsize=32)
def _newest_known(place: str, version: int, day: date) -> datetime | None:
    """The newest instant by which any event of a day was learned: read once for a version of the log."""
    return _known_until(day, None)


def _known_until(day: date, now: datetime | None) -> datetime | None:
    filters: list[Filter] = [("ds", "=", day), *([("known_at", "<=", now)] if now else [])]
    rows = arrow_tables.filtered_rows("events", filters, ["known_at"])
    newest: datetime | None = pc.max(rows["known_at"]).as_py() if rows.num_rows else None
    return newest


def contexts_at(at: datetime) -> pa.Table | None:
    """The newest `contexts` of a day that was over at an instant; None where there are none.

    While their table stays as it is the same rows are the same object, of which lifts are made once.
    """
    table = arrow_tables.open_table("contexts")
    if table is None:
        return None
    place = arrow_tables.deltalake_path("contexts")
    return _contexts(place, table.version(), ArrowSnapshot(at).ds)


@lru_cache(maxsize=4)
def _contexts(place: str, version: int, ds: date) -> pa.Table | None:
    snapshot = ArrowSnapshot(end_of(ds))
    days = snapshot.rows("contexts", [("ds", "<=", snapshot.ds)], ["ds"])["ds"]
    if not len(days):
        return None
    contexts = snapshot.rows("contexts", [("ds", "=", pc.max(days).as_py())])
    return contexts.sort_by([(key, "ascending") for key in contract("contexts").keys])


def settings_at(at: datetime, profile_ids: list[str] | None = None) -> dict[str, dict[str, Any]]:
    """The newest settings of profiles known at an instant, by profile_id.

    Profiles without any are left out.
    """
    columns = ["profile_id", *SETTINGS]
    newest = ArrowSnapshot(at).newest_versions("profiles", ["profile_id"], columns, profile_ids)
    return {row.pop("profile_id"): row for row in newest.to_pylist()}


def profile_at(profile_id: str, view: CatalogueView, at: datetime) -> Profiles:
    """A profile with its newest settings; one that has none may see everything."""
    settings = settings_at(at, [profile_id]).get(profile_id, {})
    return by_settings(profile_id, settings, view.title_index)


def titles_of_rows(rows: pa.Table) -> list[str]:
    """Every title in a cell of the rows of a page, or that a row or a sentence may be about."""
    cells = rows["cells"].combine_chunks().flatten()
    in_cells = cells.field("title_id").cast(pa.string())
    subjects = cells.field("evidence_payload").field("subject").cast(pa.string())
    anchors = rows["anchor_title_id"].cast(pa.string())
    titles = pa.chunked_array([in_cells, subjects, *anchors.chunks])
    title_ids: list[str] = pc.unique(titles).drop_null().to_pylist()
    return sorted(title_ids)
