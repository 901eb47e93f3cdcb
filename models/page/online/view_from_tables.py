"""The catalogue view of the online step, from tables of titles: the stored ones or those that came
with a release.
"""
# Tested by tests/jobs/io/serving/test_service.py.

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import lru_cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from conf.days import DAY_S
from conf.nearline import Context, nearline_settings
from conf.rows import rows_with
from models.catalogue.arrays import Catalogue
from models.catalogue.availability import Windows, open_everywhere
from models.catalogue.facets import tags
from models.catalogue.from_arrow import catalogue_from
from models.catalogue.names import name_key
from models.page.online.catalogue_view import CatalogueView
from models.page.online.lifts import FACETS, ContextLift, context_lifts
from models.page.rows.country_orders import PLAYS_IN

PLAYS = pa.struct([("country", pa.string()), *((name, pa.int64()) for name in PLAYS_IN)])
ARTWORK = {
    "title_id": pa.string(),
    "artwork_id": pa.string(),
    "theme": pa.string(),
    "representativeness": pa.float64(),
    "maturity": pa.int32(),
}


def catalogue_view_from(tables: Mapping[str, pa.Table], at: datetime) -> CatalogueView:
    """The view of a moment, from the newest `titles`, `availability` and `artwork`, the newest
    `contexts` and the `kinds` of row that variants added, where there are any.

    Without `artwork` no title has a picture.
    """
    catalogue = _catalogue(tables, at)
    twins = _twins(tables["titles"])
    kinds = rows_with(tables["kinds"].to_pylist() if "kinds" in tables else ())
    contexts = tables.get("contexts")
    if contexts is None:
        return CatalogueView(catalogue, kinds=kinds, twins=twins)
    traits = tuple((facet, catalogue.tags(facet).names) for facet in FACETS)
    lifts = _lifts(SameTable(contexts), traits, nearline_settings().context)
    return CatalogueView(catalogue, lifts, kinds=kinds, twins=twins)


class SameTable:
    """A table that equals itself alone, so that what is made of it is made once."""

    def __init__(self, table: pa.Table) -> None:
        self.table = table

    def __hash__(self) -> int:
        return id(self.table)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SameTable) and other.table is self.table


@lru_cache(maxsize=16)
def _lifts(
    contexts: SameTable, traits: tuple[tuple[str, tuple[str, ...]], ...], settings: Context
) -> tuple[ContextLift, ...]:
    return context_lifts(contexts.table, dict(traits), settings)


def _twins(titles: pa.Table) -> NDArray[np.int64]:
    """(n,) by title_id: a number for titles of one name and year, -1 for one that has both alone or
    no year.
    """
    by_id = titles.sort_by("title_id")
    names = [name_key(name or "") for name in by_id["name"].to_pylist()]
    keys = list(zip(names, by_id["year"].to_pylist(), strict=True))
    counts = Counter(key for key in keys if key[1] is not None)
    numbers = {key: number for number, (key, count) in enumerate(counts.items()) if count > 1}
    return np.array([numbers.get(key, -1) for key in keys], np.int64)


def _catalogue(tables: Mapping[str, pa.Table], at: datetime) -> Catalogue:
    """Titles, their windows and pictures, without plays, which a stored page has already."""
    titles = tables["titles"]
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
    artwork = tables.get("artwork")
    artwork = pa.schema(ARTWORK).empty_table() if artwork is None else artwork
    catalogue = catalogue_from(features, titles, tables["availability"], artwork, at.timestamp())
    windows = open_everywhere(
        Windows(catalogue.available, catalogue.ends_s, catalogue.since_s, catalogue.back)
    )
    kinds = titles.sort_by("title_id")["kind"].to_pylist()
    kind_tags = tags([[kind] if kind else [] for kind in kinds])
    return replace(
        catalogue,
        facets=catalogue.facets | {"kind": kind_tags},
        available=windows.open,
        ends_s=windows.ends_s,
        since_s=windows.since_s,
    )
