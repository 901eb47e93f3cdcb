"""What the online step needs of titles and profiles at a moment, read without Spark."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from conf.days import end_of
from conf.nearline import nearline_settings
from conf.pages import SETTINGS
from jobs.io import lake
from jobs.io.still import newest_versions
from jobs.io.versions import VERSIONED
from models.arrays import catalogue_from
from models.catalogue import Catalogue, Profiles
from models.facets import tags
from models.page.general import PLAYS_IN
from models.page.lifts import FACETS, Lift, lifts
from models.page.shelf import Shelf
from models.settings import by_settings


def shelf_at(at: datetime, title_ids: list[str] | None = None) -> Shelf:
    """The catalogue as it is known at a moment, or some titles of it, with the newest lifts."""
    catalogue = catalogue_now(at, title_ids)
    return Shelf(catalogue, lifts_at(at, catalogue))


def catalogue_now(at: datetime, title_ids: list[str] | None = None) -> Catalogue:
    """Titles and their windows as they are known at a moment; nothing is said of plays."""
    titles = newest_versions("titles", *VERSIONED["titles"], at, title_ids)
    launched = titles["launched_at"].to_pylist()
    age = [None if when is None else (at - when).total_seconds() / 86400 for when in launched]
    nothing, plays = (
        pa.nulls(titles.num_rows, pa.float64()),
        pa.struct([("country", pa.string()), *((name, pa.int64()) for name in PLAYS_IN)]),
    )
    features = pa.table({
        "title_id": titles["title_id"], "title_launch_age_days": pa.array(age, pa.float64()),
        "title_year_age": nothing, "title_plays_count_all": nothing,
        "country_plays": pa.nulls(len(age), pa.list_(plays)),
    })  # fmt: skip
    windows = newest_versions("availability", *VERSIONED["availability"], at, title_ids)
    pictures = newest_versions("artwork", *VERSIONED["artwork"], at, [])  # none is asked for here
    found = catalogue_from(features, titles, windows, pictures, at.timestamp())
    kinds = tags([[kind] if kind else [] for kind in titles.sort_by("title_id")["kind"].to_pylist()])
    return replace(found, facets=found.facets | {"kind": kinds})


def lifts_at(at: datetime, catalogue: Catalogue) -> tuple[Lift, ...]:
    """Lifts from the newest `contexts` of a day that was over at a moment; none where there are none."""
    table = lake.opened("contexts")
    days = [] if table is None else [date.fromisoformat(part["ds"]) for part in table.partitions()]
    days = [day for day in days if end_of(day) <= at]
    if table is None or not days:
        return ()
    counts = pa.table(table.to_pyarrow_table(filters=[("ds", "=", max(days))]))
    return lifts(counts, {facet: catalogue.tags(facet).names for facet in FACETS}, nearline_settings().context)


def settings_at(at: datetime, profile_ids: list[str] | None = None) -> dict[str, dict[str, Any]]:
    """The newest settings of profiles that are known at a moment, by profile_id; those without any are left out."""
    found = newest_versions("profiles", ["profile_id"], ["profile_id", *SETTINGS], at, profile_ids)
    return {row.pop("profile_id"): row for row in found.to_pylist()}


def profile_at(profile_id: str, shelf: Shelf, at: datetime) -> Profiles:
    """A profile with its newest settings; one that has none may see everything."""
    return by_settings(profile_id, settings_at(at, [profile_id]).get(profile_id, {}), shelf.at)


def shown_titles(rows: pa.Table) -> list[str]:
    """Every title that stands on a page or that one of its rows is about."""
    cells = rows["cells"].combine_chunks().flatten().field("title_id")
    named = pa.chunked_array([cells.cast(pa.string()), *rows["anchor_title_id"].cast(pa.string()).chunks])
    found: list[str] = pc.unique(named).drop_null().to_pylist()
    return sorted(found)
