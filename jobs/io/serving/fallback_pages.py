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
from conf.experiments import CELLS
from conf.nearline import Popular, nearline_settings
from conf.pages import pages
from conf.rows import rows
from jobs.io.published.receipts import PUBLISHED
from jobs.io.serving.codec import table_value
from jobs.io.serving.keys import (
    LEAST_AGE,
    MAY_BE_CHILD,
    RESERVE,
    STATIC,
    STRANGER,
    popular_key,
)
from jobs.io.serving.kv import Store
from jobs.io.serving.releases import Fill
from jobs.io.snapshot.arrow import ArrowSnapshot
from jobs.io.snapshot.catalogue_view import titles_of_rows
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables.dimensions import VERSIONED
from jobs.io.tables.schemas import arrow_schema
from models.catalogue.arrays import EVERYBODY, Catalogue, no_neighbours
from models.catalogue.availability import NOWHERE
from models.catalogue.from_arrow import NO_LIMIT, catalogue_from
from models.catalogue.profile_settings import without_history
from models.page.build import build_pages

POPULAR_ROW = "popular"  # the kind of row that the reserve is
Tables = dict[str, pa.Table]
# key of the page, country, a child or not, the age above which it shows nothing
Person = tuple[str, str, bool, int]


def known_titles(until: datetime) -> Tables:
    """The newest versions known of everything that describes titles, sorted, so that equal tables
    are equal bytes.
    """
    tables: Tables = {}
    for name, table in ArrowSnapshot(until).title_versions().items():
        keys = VERSIONED[name][0]
        tables[name] = table.sort_by([(key, "ascending") for key in keys])
    return tables


def digest(tables: Tables) -> str:
    """A short hash of tables: it changes when anything in them does."""
    content_hash = hashlib.sha256()
    for name in sorted(tables):
        table = tables[name]
        content_hash.update(f"{name} {table.num_rows}\n".encode())
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table.combine_chunks())
        content_hash.update(sink.getvalue())
    return content_hash.hexdigest()[:16]


def catalogue(tables: Tables) -> Fill:
    """What the online step asks of titles, each table under its name."""

    def fill(store: Store) -> tuple[int, dict[str, int]]:
        """Put one entry for each table."""
        return store.put(_values(tables)), {}

    return fill


def popular(ds: date, tables: Tables, until: datetime) -> Fill:
    """The pages of every country, for children and for others, from what was played by the end of a
    day.
    """

    def fill(store: Store) -> tuple[int, dict[str, int]]:
        """Put two pages for each country, and the stranger's."""
        titles = _catalogue(ds, tables, until)
        countries = {NOWHERE, *titles.available, *titles.country_plays} - {EVERYBODY}
        people: list[Person] = []
        for country in sorted(countries):
            for kids in (False, True):
                people.append((popular_key(country, kids), country, kids, NO_LIMIT))
        # nobody knows of a stranger whether it is a child, unless the service has no children at
        # all
        may_be_child = arrow_tables.has_rows("profiles")
        entries = store.put(_values(_pages(titles, ds, people)))
        stranger: Person = (STRANGER, NOWHERE, may_be_child, NO_LIMIT)
        tomorrow_end = end_of(until.date() + timedelta(days=1))
        everywhere = _everywhere(titles, tomorrow_end.timestamp())
        entries += store.put(_values(_pages(everywhere, ds, [stranger])))
        return entries, {MAY_BE_CHILD: int(may_be_child)}

    return fill


def pages_without_history(
    ds: date, tables: Tables, until: datetime, country: str
) -> Iterator[pa.Table]:
    """The pages of a country for others and for children, what is in every country, and the
    reserve: what a profile of the country is shown that has no page of its own.
    """
    titles = _catalogue(ds, tables, until)
    everywhere = _everywhere(titles, until.timestamp())
    for shown, name in ((titles, country), (everywhere, NOWHERE)):
        for kids in (False, True):
            key = f"{popular_key(name, kids)} {shown is everywhere}"
            yield from _pages(shown, ds, [(key, name, kids, NO_LIMIT)]).values()
    yield from _reserve(titles, ds).values()


def static(ds: date, tables: Tables, until: datetime, least_age: int) -> Fill:
    """The page that anybody may see: nothing above the age that the strictest of all profiles is
    held to, and nothing that is not in every country's windows until the end of the next day. It
    may be empty. Beside it what the online step asks of its titles, should the catalogue be lost,
    and the reserve.

    What languages a profile understands and what it blocked is for the online step to see to.
    """

    def fill(store: Store) -> tuple[int, dict[str, int]]:
        """Put the page, its titles and the reserve."""
        tomorrow_end = end_of(until.date() + timedelta(days=1))
        titles = _catalogue(ds, tables, until)
        everywhere = _everywhere(titles, tomorrow_end.timestamp())
        anybody: Person = (STATIC, NOWHERE, False, least_age)
        built = _pages(everywhere, ds, [anybody])
        entries = store.put(_values(built | _reserve(titles, ds)))
        if built:
            described = _described(tables, titles_of_rows(built[STATIC]))
            entries += store.put(_values(described))
        return entries, {LEAST_AGE: least_age}

    return fill


def _described(tables: Tables, title_ids: list[str]) -> Tables:
    """What the tables say of some titles."""
    wanted = pa.array(title_ids, pa.string())
    return {
        name: table.filter(pc.is_in(table["title_id"], wanted)) for name, table in tables.items()
    }


def _reserve(titles: Catalogue, ds: date) -> Tables:
    """One row with every title that somebody played, most plays first, wherever it may be shown and
    to whom: what a page is made of for which nothing else is left.
    """
    one_kind = rows()
    popular_row = one_kind.kinds[POPULAR_ROW].model_copy(update={"max_length": max(titles.size, 1)})
    one_kind = one_kind.model_copy(
        update={"kinds": {POPULAR_ROW: popular_row}, "template": (POPULAR_ROW,), "then": ()}
    )
    layout = pages()
    wide = {
        name: device.model_copy(update={"columns": max(titles.size, device.columns)})
        for name, device in layout.devices.items()
    }
    layout = layout.model_copy(update={"devices": wide})
    anywhere = replace(titles, available={NOWHERE: np.ones(titles.size, bool)})
    nobody = without_history([RESERVE], [NOWHERE], [NO_LIMIT], [False])
    scores = np.full((1, titles.size), -np.inf, np.float32)
    nothing = no_neighbours(titles.size)
    page = build_pages(anywhere, nobody, scores, nothing, layout=layout, kinds=one_kind)
    return {RESERVE: _as_published(page, ds)} if page.num_rows else {}


def strictest(*least_ages: int) -> int:
    """The age that the page for anybody keeps to; where there may be children, the children's one
    at most.
    """
    has_profiles = arrow_tables.has_rows("profiles")
    kids_limit = pages().legality.kids_maturity_limit if has_profiles else NO_LIMIT
    return min(kids_limit, *least_ages)


def _catalogue(ds: date, tables: Tables, until: datetime) -> Catalogue:
    """The titles that the day knew of, with their plays by its end, as they are known and available
    now.
    """
    features = ArrowSnapshot(end_of(ds)).day("title_features")
    titles = tables["titles"]
    has_facts = pc.is_in(features["title_id"], titles["title_id"].combine_chunks())
    features = features.filter(has_facts)
    has_features = pc.is_in(titles["title_id"], features["title_id"].combine_chunks())
    titles = titles.filter(has_features)
    return catalogue_from(
        features, titles, tables["availability"], tables["artwork"], until.timestamp()
    )


def _everywhere(titles: Catalogue, until_s: float) -> Catalogue:
    """The same catalogue where a title is available only if it is in every country, and stays there
    until then.
    """
    countries = [country for country in titles.available if country] or [NOWHERE]
    stays = [
        titles.available[country] & (titles.ends_s[country] > until_s) for country in countries
    ]
    return replace(titles, available={NOWHERE: np.all(stays, axis=0)})


def _values(tables: Tables) -> Iterator[tuple[str, bytes]]:
    """The tables as a store has them, each under its name."""
    for name, table in tables.items():
        yield name, table_value(name, table)


def _pages(titles: Catalogue, ds: date, people: list[Person]) -> Tables:
    """The pages of people without a history, each under its key; who may see nothing has none."""
    keys, country, kids, limits = (list(column) for column in zip(*people, strict=True))
    nobody = without_history(keys, country, limits, kids)
    scores = np.full((len(keys), titles.size), -np.inf, np.float32)
    whole_rows = build_pages(titles, nobody, scores, no_neighbours(titles.size))
    published = _as_published(_cut(whole_rows, nearline_settings().popular), ds)
    by_key = {key: published.filter(pc.equal(published["profile_id"], key)) for key in keys}
    return {key: page for key, page in by_key.items() if page.num_rows}


def _as_published(page_rows: pa.Table, ds: date) -> pa.Table:
    """Rows that were built, as those of a day are published; nobody in particular is in a cell of
    an experiment.
    """
    schema = arrow_schema(PUBLISHED)
    page_rows = page_rows.append_column("ds", pa.repeat(pa.scalar(ds), page_rows.num_rows))
    nobody = pa.nulls(page_rows.num_rows, schema.field(CELLS).type)
    page_rows = page_rows.append_column(CELLS, nobody)
    return page_rows.select(schema.names).cast(schema)


def _cut(page_rows: pa.Table, size: Popular) -> pa.Table:
    """The first rows of each page, and the first cells of each."""
    page_rows = page_rows.filter(pc.less_equal(page_rows["row_position"], size.rows))
    cells = pc.list_slice(page_rows["cells"], 0, size.columns)
    return page_rows.set_column(page_rows.schema.get_field_index("cells"), "cells", cells)
