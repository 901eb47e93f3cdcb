"""The catalogue view of the online step, from tables of titles: the stored ones or those that came
with a release.
"""
# Tested by tests/jobs/io/serving/test_service.py.

from dataclasses import replace
from datetime import datetime

import pyarrow as pa

from conf.days import DAY_S
from conf.nearline import nearline_settings
from models.catalogue.arrays import Catalogue
from models.catalogue.facets import tags
from models.catalogue.from_arrow import catalogue_from
from models.page.online.catalogue_view import CatalogueView
from models.page.online.lifts import FACETS, context_lifts
from models.page.rows.country_orders import PLAYS_IN

PLAYS = pa.struct([("country", pa.string()), *((name, pa.int64()) for name in PLAYS_IN)])
ARTWORK = {
    "title_id": pa.string(),
    "artwork_id": pa.string(),
    "theme": pa.string(),
    "representativeness": pa.float64(),
    "maturity": pa.int32(),
}


def catalogue_view_from(
    titles: pa.Table, windows: pa.Table, contexts: pa.Table | None, at: datetime
) -> CatalogueView:
    """The view from the newest `titles` and `availability` known at a moment and the newest
    `contexts`, if any.
    """
    catalogue = _catalogue(titles, windows, at)
    if contexts is None:
        return CatalogueView(catalogue)
    traits = {facet: catalogue.tags(facet).names for facet in FACETS}
    lifts = context_lifts(contexts, traits, nearline_settings().context)
    return CatalogueView(catalogue, lifts)


def _catalogue(titles: pa.Table, windows: pa.Table, at: datetime) -> Catalogue:
    """Titles and their windows, without plays and artwork, which a stored page has already."""
    launches = titles["launched_at"].to_pylist()
    ages = [None if when is None else (at - when).total_seconds() / DAY_S for when in launches]
    nothing = pa.nulls(titles.num_rows, pa.float64())
    features = pa.table(
        {
            "title_id": titles["title_id"],
            "title_launch_age_days": pa.array(ages, pa.float64()),
            "title_year_age": nothing,
            "title_plays_count_all": nothing,
            "country_plays": pa.nulls(titles.num_rows, pa.list_(PLAYS)),
        }
    )
    artwork = pa.schema(ARTWORK).empty_table()
    catalogue = catalogue_from(features, titles, windows, artwork, at.timestamp())
    kinds = titles.sort_by("title_id")["kind"].to_pylist()
    kind_tags = tags([[kind] if kind else [] for kind in kinds])
    return replace(catalogue, facets=catalogue.facets | {"kind": kind_tags})
