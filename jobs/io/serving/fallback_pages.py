"""What a release says of titles, and the pages it makes of them for those who have none of their
own.

`popular` pages are for a country, for children and for others; the `static` one is for anybody.
They are pages like all others, made for somebody without a history, with their reasons and
pictures; only their profile_id is no profile's.
"""

# Tested by tests/jobs/io/serving/test_reader.py.

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from conf.days import end_of
from conf.nearline import Popular, nearline_settings
from conf.pages import pages
from jobs.io.published.receipts import PUBLISHED
from jobs.io.serving.codec import table_value
from jobs.io.serving.keys import STATIC, STRANGER, popular_key
from jobs.io.serving.kv import Store
from jobs.io.serving.releases import Fill
from jobs.io.snapshot.arrow import ArrowSnapshot
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables.dimensions import VERSIONED
from jobs.io.tables.schemas import arrow_schema
from models.catalogue.arrays import EVERYBODY, Catalogue, no_neighbours
from models.catalogue.availability import NOWHERE
from models.catalogue.from_arrow import NO_LIMIT, catalogue_from
from models.catalogue.profile_settings import without_history
from models.page.build import build_pages

Tables = dict[str, pa.Table]
Person = tuple[
    str, str, bool, int
]  # key of the page, country, a child or not, the age that it is held to


def known_titles(until: datetime) -> Tables:
    """The newest versions known of everything that describes titles, sorted, so that equal tables
    are equal bytes.
    """
    known = ArrowSnapshot(until).title_versions()
    return {
        name: table.sort_by([(key, "ascending") for key in VERSIONED[name][0]])
        for name, table in known.items()
    }


def digest(tables: Tables) -> str:
    """Changes when anything in the tables does."""
    found = hashlib.sha256()
    for name in sorted(tables):
        found.update(f"{name} {tables[name].num_rows}\n".encode())
        with pa.ipc.new_stream(sink := pa.BufferOutputStream(), tables[name].schema) as writer:
            writer.write_table(tables[name].combine_chunks())
        found.update(sink.getvalue())
    return found.hexdigest()[:16]


def catalogue(tables: Tables) -> Fill:
    """What the online step asks of titles, each table under its name."""

    def fill(store: Store) -> tuple[int, dict[str, int]]:
        return store.put((name, table_value(name, table)) for name, table in tables.items()), {}

    return fill


def popular(ds: date, known: Tables, until: datetime) -> Fill:
    """The pages of every country, for children and for others, from what was played by the end of a
    day.
    """

    def fill(store: Store) -> tuple[int, dict[str, int]]:
        shop = _shop(ds, known, until)
        countries = sorted({NOWHERE, *shop.available, *shop.country_plays} - {EVERYBODY})
        people = [
            (popular_key(country, kids), country, kids, NO_LIMIT)
            for country in countries
            for kids in (False, True)
        ]
        # nobody knows of a stranger whether it is a child, unless the service has no children at
        # all
        people.append((STRANGER, NOWHERE, arrow_tables.has_rows("profiles"), NO_LIMIT))
        return store.put(_pages(shop, ds, people)), {}

    return fill


def static(ds: date, known: Tables, until: datetime, least_age: int) -> Fill:
    """The page that anybody may see: nothing above the age that the strictest of all profiles is
    held to, and nothing that is not in every country's windows until the end of the next day. It
    may be empty.

    What languages a profile understands and what it blocked is for the online step to see to.
    """

    def fill(store: Store) -> tuple[int, dict[str, int]]:
        shop = _everywhere(
            _shop(ds, known, until), end_of(until.date() + timedelta(days=1)).timestamp()
        )
        return store.put(_pages(shop, ds, [(STATIC, NOWHERE, False, least_age)])), {}

    return fill


def strictest(*least_ages: int) -> int:
    """The age that the page for anybody keeps to; where there may be children, the children's one
    at most.
    """
    child = pages().legality.kids_maturity_limit if arrow_tables.has_rows("profiles") else NO_LIMIT
    return min(child, *least_ages)


def _shop(ds: date, known: Tables, until: datetime) -> Catalogue:
    """The titles that the day knew of, with their plays by its end, as they are known and available
    now.
    """
    features = ArrowSnapshot(end_of(ds)).day("title_features")
    titles = known["titles"]
    both = features.filter(pc.is_in(features["title_id"], titles["title_id"].combine_chunks()))
    titles = titles.filter(pc.is_in(titles["title_id"], both["title_id"].combine_chunks()))
    return catalogue_from(both, titles, known["availability"], known["artwork"], until.timestamp())


def _everywhere(shop: Catalogue, until_s: float) -> Catalogue:
    """The same catalogue where a title is available only if it is in every country, and stays there
    until then.
    """
    named = [country for country in shop.available if country] or [NOWHERE]
    stays = [shop.available[country] & (shop.ends_s[country] > until_s) for country in named]
    return replace(shop, available={NOWHERE: np.all(stays, axis=0)})


def _pages(shop: Catalogue, ds: date, people: list[Person]) -> Iterator[tuple[str, bytes]]:
    """The pages of people without a history, each under its key; one who may see nothing has none."""
    kind = arrow_schema(PUBLISHED)
    keys, country, kids, limits = (list(column) for column in zip(*people, strict=True))
    nobody = without_history(keys, country, limits, kids)
    scores = np.full((len(keys), shop.size), -np.inf, np.float32)
    rows = _cut(
        build_pages(shop, nobody, scores, no_neighbours(shop.size)), nearline_settings().popular
    )
    rows = (
        rows.append_column("ds", pa.repeat(pa.scalar(ds), rows.num_rows))
        .select(kind.names)
        .cast(kind)
    )
    for key in keys:
        page = rows.filter(pc.equal(rows["profile_id"], key))
        if page.num_rows:
            yield key, table_value(key, page)


def _cut(rows: pa.Table, size: Popular) -> pa.Table:
    """The first rows of each page, and the first cells of each."""
    rows = rows.filter(pc.less_equal(rows["row_position"], size.rows))
    at = rows.schema.get_field_index("cells")
    return rows.set_column(at, "cells", pc.list_slice(rows["cells"], 0, size.columns))
