"""The shelf of the online step, out of the tables that tell of titles: the lake's or those that came with a release."""

from dataclasses import replace
from datetime import datetime

import pyarrow as pa

from conf.days import DAY_S
from conf.nearline import nearline_settings
from models.catalogue.arrays import Catalogue
from models.catalogue.facets import tags
from models.catalogue.from_arrow import catalogue_from
from models.page.online.catalogue_view import Shelf
from models.page.online.lifts import FACETS, Lift, lifts
from models.page.rows.country_orders import PLAYS_IN

PLAYS = pa.struct([("country", pa.string()), *((name, pa.int64()) for name in PLAYS_IN)])
PICTURES = {
    "title_id": pa.string(),
    "artwork_id": pa.string(),
    "theme": pa.string(),
    "representativeness": pa.float64(),
    "maturity": pa.int32(),
}


def shelf_of(titles: pa.Table, windows: pa.Table, contexts: pa.Table | None, at: datetime) -> Shelf:
    """The newest `titles` and `availability` known at a moment, and the newest `contexts` (None: none yet)."""
    catalogue = _catalogue(titles, windows, at)
    return Shelf(catalogue, () if contexts is None else _lifts(contexts, catalogue))


def _catalogue(titles: pa.Table, windows: pa.Table, at: datetime) -> Catalogue:
    """Titles and their windows; nothing is said of plays and pictures, which a page that was made has already."""
    launched = titles["launched_at"].to_pylist()
    age = [None if when is None else (at - when).total_seconds() / DAY_S for when in launched]
    nothing = pa.nulls(titles.num_rows, pa.float64())
    features = pa.table(
        {
            "title_id": titles["title_id"],
            "title_launch_age_days": pa.array(age, pa.float64()),
            "title_year_age": nothing,
            "title_plays_count_all": nothing,
            "country_plays": pa.nulls(len(age), pa.list_(PLAYS)),
        }
    )
    found = catalogue_from(
        features, titles, windows, pa.schema(PICTURES).empty_table(), at.timestamp()
    )
    kinds = tags(
        [[kind] if kind else [] for kind in titles.sort_by("title_id")["kind"].to_pylist()]
    )
    return replace(found, facets=found.facets | {"kind": kinds})


def _lifts(contexts: pa.Table, catalogue: Catalogue) -> tuple[Lift, ...]:
    return lifts(
        contexts,
        {facet: catalogue.tags(facet).names for facet in FACETS},
        nearline_settings().context,
    )
