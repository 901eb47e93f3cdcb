"""Chosen rows and cells as records of `drafts`: flat arrays into nested Arrow, nothing per cell in Python."""
# Tested by tests/models/page/layout/test_template.py.

from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from conf.keys import sha256_text
from conf.rows import Rows
from models.catalogue.arrays import Catalogue, Profiles
from models.catalogue.eligibility import countries_of
from models.page.cell_artwork import cell_artwork
from models.page.evidence.cell_reasons import Cells, helpful_reasons, plays_of
from models.page.evidence.row_reasons import cell_texts, row_texts
from models.page.layout.placed_page import Page
from models.page.rows.offers import Offers
from models.page.rows.subjects import NO_SUBJECT


def records(
    catalogue: Catalogue,
    profiles: Profiles,
    found: Offers,
    page: Page,
    kinds: Rows,
    ranker_id: str,
    builder: str,
) -> pa.Table:
    """One record for each row of the pages, with the columns of `drafts` but for `ds`; `builder` chose the rows."""
    named = list(kinds.kinds.items())
    size = len(page.offer)
    owner = pa.array(found.profile[page.offer])
    subject = found.subject[page.offer]
    kind = found.kind[page.offer]
    is_anchor = np.array([kind.per == "anchor" for _, kind in named])[kind]
    anchor = pa.array(subject, mask=~is_anchor | (subject == NO_SUBJECT))
    ranker_ids = _rankers(profiles, kinds, ranker_id)[kind]
    texts = row_texts(catalogue, profiles, found, page.offer, named)
    as_of = pa.scalar(round(catalogue.as_of_s * 1_000_000), pa.timestamp("us", "UTC"))
    columns = {
        "page_id": pa.array(page_ids(catalogue, profiles), pa.string()).take(owner),
        "profile_id": pa.array(profiles.profile_ids, pa.string()).take(owner),
        "row_position": pa.array(page.position, pa.int32()),
        **{name: pa.array(text, pa.string()) for name, text in texts.items()},
        "anchor_title_id": _ids(catalogue).take(anchor),
        "cells": _cells(catalogue, profiles, found, page, kinds),
        "ranker_id": pa.array(ranker_ids, pa.string()),
        "builder": pa.array([builder] * size, pa.string()),
        "as_of": pa.repeat(as_of, size),
        "valid_until": _valid_until(catalogue, profiles, found, page),
    }
    return pa.table(columns)


def _rankers(profiles: Profiles, kinds: Rows, ranker_id: str) -> NDArray[np.object_]:
    """For each kind of row the ranker of its order: PVR for its rows where it serves, else that of the head."""
    whole = ranker_id if profiles.pvr is None else profiles.pvr.ranker_id
    return np.array(
        [whole if kind.order == "pvr" else ranker_id for kind in kinds.kinds.values()], object
    )


def _cells(
    catalogue: Catalogue, profiles: Profiles, found: Offers, page: Page, kinds: Rows
) -> pa.ListArray:
    named = list(kinds.kinds.items())
    offer = page.offer[page.owners]
    title, place = found.title[page.cell], found.kind[offer]
    column = page.index_within + 1
    owner, subject = found.profile[offer], found.subject[offer]
    plays = plays_of(catalogue, profiles, owner, title)
    cells = Cells(owner, place, subject, title.astype(np.int64), plays)
    own_texts = cell_texts(catalogue, profiles, named, cells)
    said = helpful_reasons(catalogue, profiles, named, cells, own_texts)
    row = page.position[page.owners]
    picture, propensity = cell_artwork(catalogue, profiles, owner, title, row, column)
    fields = {
        "column_position": pa.array(column, pa.int32()),
        "title_id": _ids(catalogue).take(pa.array(title)),
        "score": pa.array(found.value[page.cell], pa.float32()),
        **said,
        "artwork_id": picture,
        "policy": pa.repeat(pa.scalar(catalogue.gallery.version), len(title)),
        "propensity": pa.array(propensity),
        "title_propensity": pa.array(page.propensity),
    }
    structs = pa.StructArray.from_arrays(list(fields.values()), list(fields))
    return page.to_arrow(structs)


def _valid_until(catalogue: Catalogue, profiles: Profiles, found: Offers, page: Page) -> pa.Array:
    """For each row the earliest end of availability among all titles of its page; null where nothing ends."""
    countries, place = np.unique(countries_of(catalogue, profiles), return_inverse=True)
    ends = (
        np.stack([catalogue.ends_s[country] for country in countries])
        if len(countries)
        else np.empty((0, 0))
    )
    owner = found.profile[page.offer][page.owners]
    earliest = np.full(profiles.size, np.inf)
    np.minimum.at(earliest, owner, ends[place[owner], found.title[page.cell]])
    of_row = earliest[found.profile[page.offer]]
    open_end = ~np.isfinite(of_row)
    micros = np.round(np.where(open_end, 0, of_row) * 1e6).astype(np.int64)
    return pa.array(micros, pa.int64(), mask=open_end).cast(pa.timestamp("us", "UTC"))


def _ids(catalogue: Catalogue) -> pa.Array:
    return pa.array(catalogue.title_ids, pa.string())


def page_ids(catalogue: Catalogue, profiles: Profiles) -> list[str]:
    """The same for one profile and as-of day whenever it is built."""
    day = datetime.fromtimestamp(catalogue.as_of_s, UTC).date()
    return [sha256_text(f"{day}\n{profile}")[:24] for profile in profiles.profile_ids]
