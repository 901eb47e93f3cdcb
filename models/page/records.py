"""Chosen rows and cells as records of `drafts`: flat arrays into nested Arrow.

Nothing is done per cell in Python.
"""
# Tested by tests/models/page/layout/test_template.py.

from datetime import UTC, datetime
from typing import NamedTuple

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


class PageOrigin(NamedTuple):
    """What made pages, as their records say."""

    ranker_id: str  # of the ranker that ordered the candidates
    builder: str  # that chose the rows


def page_records(
    catalogue: Catalogue,
    profiles: Profiles,
    candidates: Offers,
    page: Page,
    kinds: Rows,
    origin: PageOrigin,
) -> pa.Table:
    """One record for each row of the pages, with the columns of `drafts` but for `ds`.

    `candidates` are the offers that the rows of `page` were chosen from.
    """
    named_kinds = list(kinds.kinds.items())
    size = len(page.offer)
    owner = pa.array(candidates.profile[page.offer])
    kind = candidates.kind[page.offer]
    texts = row_texts(catalogue, profiles, candidates, page.offer, named_kinds)
    row_columns = {name: pa.array(text, pa.string()) for name, text in texts.items()}
    ranker_ids = _rankers(profiles, kinds, origin.ranker_id)[kind]
    as_of = pa.scalar(round(catalogue.as_of_s * 1_000_000), pa.timestamp("us", "UTC"))
    columns = {
        "page_id": pa.array(page_ids(catalogue, profiles), pa.string()).take(owner),
        "profile_id": pa.array(profiles.profile_ids, pa.string()).take(owner),
        "row_position": pa.array(page.position, pa.int32()),
        **row_columns,
        "anchor_title_id": _ids(catalogue).take(_anchors(candidates, page, kinds)),
        "cells": _cells(catalogue, profiles, candidates, page, kinds),
        "ranker_id": pa.array(ranker_ids, pa.string()),
        "builder": pa.array([origin.builder] * size, pa.string()),
        "as_of": pa.repeat(as_of, size),
        "valid_until": _valid_until(catalogue, profiles, candidates, page),
    }
    return pa.table(columns)


def _anchors(candidates: Offers, page: Page, kinds: Rows) -> pa.Array:
    """The catalogue index of each row's anchor, null where its kind has none."""
    subject = candidates.subject[page.offer]
    kind = candidates.kind[page.offer]
    is_anchor = np.array([one.per == "anchor" for one in kinds.kinds.values()])[kind]
    return pa.array(subject, mask=~is_anchor | (subject == NO_SUBJECT))


def _rankers(profiles: Profiles, kinds: Rows, ranker_id: str) -> NDArray[np.object_]:
    """For each row kind the ranker of its order: PVR where it serves, else `ranker_id`."""
    pvr_id = ranker_id if profiles.pvr is None else profiles.pvr.ranker_id
    ids = [pvr_id if kind.order == "pvr" else ranker_id for kind in kinds.kinds.values()]
    return np.array(ids, object)


def _cells(
    catalogue: Catalogue, profiles: Profiles, candidates: Offers, page: Page, kinds: Rows
) -> pa.ListArray:
    """The cells of each row, with their reasons, artwork and probabilities."""
    named_kinds = list(kinds.kinds.items())
    offer = page.offer[page.owners]
    owner = candidates.profile[offer]
    title = candidates.title[page.cell]
    plays = plays_of(catalogue, profiles, owner, title)
    cells = Cells(
        owner, candidates.kind[offer], candidates.subject[offer], title.astype(np.int64), plays
    )
    own_texts = cell_texts(catalogue, profiles, named_kinds, cells)
    reasons = helpful_reasons(catalogue, profiles, named_kinds, cells, own_texts)
    row = page.position[page.owners]
    column = page.index_within + 1
    artwork, propensity = cell_artwork(catalogue, profiles, owner, title, row, column)
    fields = {
        "column_position": pa.array(column, pa.int32()),
        "title_id": _ids(catalogue).take(pa.array(title)),
        "score": pa.array(candidates.value[page.cell], pa.float32()),
        **reasons,
        "artwork_id": artwork,
        "policy": pa.repeat(pa.scalar(catalogue.gallery.version), len(title)),
        "propensity": pa.array(propensity),
        "title_propensity": pa.array(page.propensity),
    }
    structs = pa.StructArray.from_arrays(list(fields.values()), list(fields))
    return page.to_arrow(structs)


def _valid_until(
    catalogue: Catalogue, profiles: Profiles, candidates: Offers, page: Page
) -> pa.Array:
    """For each row the earliest end of availability of any title of its page; null for none."""
    countries, country = np.unique(countries_of(catalogue, profiles), return_inverse=True)
    ends_s = np.empty((0, 0))
    if len(countries):
        ends_s = np.stack([catalogue.ends_s[name] for name in countries])
    owner = candidates.profile[page.offer][page.owners]
    title = candidates.title[page.cell]
    page_end_s = np.full(profiles.size, np.inf)
    np.minimum.at(page_end_s, owner, ends_s[country[owner], title])
    row_end_s = page_end_s[candidates.profile[page.offer]]
    is_open = ~np.isfinite(row_end_s)
    micros = np.round(np.where(is_open, 0, row_end_s) * 1e6).astype(np.int64)
    return pa.array(micros, pa.int64(), mask=is_open).cast(pa.timestamp("us", "UTC"))


def _ids(catalogue: Catalogue) -> pa.Array:
    return pa.array(catalogue.title_ids, pa.string())


def page_ids(catalogue: Catalogue, profiles: Profiles) -> list[str]:
    """The same for one profile and as-of day whenever it is built."""
    day = datetime.fromtimestamp(catalogue.as_of_s, UTC).date()
    return [sha256_text(f"{day}\n{profile}")[:24] for profile in profiles.profile_ids]
