"""What a cell shows beside its title, as the profile may be shown it now: its picture and its
sentence.

A picture has to be of the title and within the profile's limit, by its own age or else by the
title's. A sentence may name no title that the profile may not meet. What may not be shown is
replaced: the picture by the most representative one that may, or the title card; the sentence by
the title's genre or award.
"""
# Tested by tests/models/page/online/test_cell_law.py.

from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from conf.artwork import artwork_settings
from conf.evidence import KINDS, evidence
from models.artwork.choice import NO_ARTWORK
from models.artwork.gallery import DEFAULT
from models.catalogue.arrays import Profiles
from models.catalogue.eligibility import EXCLUSION_REASONS, limits
from models.page.evidence.phrases import credits_of
from models.page.online.catalogue_view import SEVERAL, CatalogueView
from models.page.online.stored_page import I64, UNKNOWN, StoredPage

NAMES_TITLE = "watched"  # the kind of reason that names another title
UNSUITABLE = [EXCLUSION_REASONS.index(reason) for reason in EXCLUSION_REASONS[1:3]]
NOTHING_TO_SAY = "without a reason that may be told"
Codes = NDArray[np.int8]  # (n + 1,) indices of EXCLUSION_REASONS; the last one is of UNKNOWN
Values = dict[str, list[Any]]  # by field of a cell
Sentence = tuple[str, str, str]  # kind of reason, text and subject


def may_not_be_named(codes: Codes) -> NDArray[np.bool_]:
    """Mask (n + 1,) of the titles whose names a profile may not read, those unknown among them."""
    forbidden = np.isin(codes, UNSUITABLE)
    forbidden[UNKNOWN] = True
    return forbidden


def with_suitable_pictures(page: StoredPage, profile: Profiles, view: CatalogueView) -> StoredPage:
    """The page with another picture in each cell whose own may not be shown; a title has the same
    one in all its cells.
    """
    shown = page.shown_cells
    limit, card = int(limits(profile)[0]), artwork_settings().title_card
    names, code = _distinct(page.cells.field("artwork_id"), shown)
    title = page.title[shown]
    artwork = _artwork(view, names, code, title)
    is_suitable = np.append(view.artwork_ages <= limit, False)[artwork]
    is_suitable &= np.append(view.artwork_titles, UNKNOWN)[artwork] == title
    if card in names:
        is_suitable |= code == names.index(card)
    if is_suitable.all():
        return page
    which = np.flatnonzero(~is_suitable)
    replacement = {key: _picture(view, key, limit) for key in np.unique(title[which]).tolist()}
    chosen = [replacement[key] for key in title[which].tolist()]
    values: Values = {
        "artwork_id": chosen,
        "policy": [DEFAULT] * len(chosen),  # no chance in it: the first that may be shown
        "propensity": [1.0] * len(chosen),
    }
    return replace(page, cells=with_values(page.cells, shown[which], values))


def with_suitable_sentences(
    page: StoredPage, profile: Profiles, view: CatalogueView, codes: Codes
) -> tuple[StoredPage, I64]:
    """The page with another sentence in each cell whose own may not be said, and the cells of which
    nothing else can be said.
    """
    shown = page.shown_cells
    wrong = shown[_may_not_be_said(page, view, shown, may_not_be_named(codes))]
    if not len(wrong):
        return page, wrong
    language = page.language
    sentences = [sentence_for_all(view, int(page.title[cell]), language) for cell in wrong]
    is_mute = np.array([sentence is None for sentence in sentences])
    said = [sentence for sentence in sentences if sentence is not None]
    values: Values = {
        "evidence_type": [kind for kind, _, _ in said],
        "evidence": [text for _, text, _ in said],
        "evidence_payload": [{"subject": name, "count": 0, "days": 0} for _, _, name in said],
    }
    cells = with_values(page.cells, wrong[~is_mute], values)
    return replace(page, cells=cells), wrong[is_mute]


def _distinct(texts: pa.Array, shown: I64) -> tuple[list[str | None], I64]:
    """The distinct values of a field of cells, null last, and which of them each cell `shown` has."""
    coded = texts.dictionary_encode()
    values = [*coded.dictionary.to_pylist(), None]
    codes = coded.indices.fill_null(len(values) - 1).to_numpy(zero_copy_only=False)
    return values, codes[shown]


def _artwork(
    view: CatalogueView, names: list[str | None], code: I64, title: I64
) -> NDArray[np.int64]:
    """The index of each cell's artwork, UNKNOWN where its title has none of that name; `code` is
    that of its artwork_id among `names`.
    """
    by_id, by_title = view.artwork_by_id, view.artwork_index
    artwork = np.array([by_id.get(name or "", UNKNOWN) for name in names], np.int64)[code]
    for cell in np.flatnonzero(artwork == SEVERAL).tolist():
        artwork[cell] = by_title.get((int(title[cell]), names[code[cell]] or ""), UNKNOWN)
    return artwork


def _picture(view: CatalogueView, title: int, limit: int) -> str:
    artwork = view.artwork_of(title, limit)
    if artwork == NO_ARTWORK:
        return artwork_settings().title_card
    return str(view.catalogue.gallery.pools.artwork_ids[artwork])


def _may_not_be_said(
    page: StoredPage, view: CatalogueView, shown: I64, forbidden: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Mask of the cells `shown` with a sentence about a title that may not be named, or of a kind
    that is neither of KINDS nor that of its row.

    A row's own sentence names no title but the row's anchor.
    """
    names, type_of_cell = _distinct(page.cells.field("evidence_type"), shown)
    subjects, subject = _distinct(page.cells.field("evidence_payload").field("subject"), shown)
    nothing = len(subjects) - 1
    subject_titles = [view.title_index.get(name or "", UNKNOWN) for name in subjects[:nothing]]
    is_forbidden = np.append(forbidden[np.array(subject_titles, np.int64)], True)[subject]
    own = [view.kinds.kinds[page.kind[record]].evidence for record, _ in page.rows]
    own_codes = np.array([names.index(kind) if kind in names else -1 for kind in own], np.int64)
    is_own = type_of_cell == np.repeat(own_codes, [len(cells) for _, cells in page.rows])
    is_kind = np.array([name in KINDS for name in names])[type_of_cell]
    names_title = np.array([name == NAMES_TITLE for name in names])[type_of_cell]
    says_own = is_own & (~is_kind | (subject == nothing))
    mask: NDArray[np.bool_] = ~says_own & (~is_kind | (names_title & is_forbidden))
    return mask


def sentence_for_all(view: CatalogueView, title: int, language: str) -> Sentence | None:
    """What is true of a title whoever sees it: its first genre, else its award."""
    catalogue = view.catalogue
    genres = np.flatnonzero(catalogue.genre_matrix[title])
    award = str(credits_of(catalogue).award[title] or "")
    if not len(genres) and not award:
        return None
    kind = "genre" if len(genres) else "award"
    name = catalogue.genres[genres[0]] if len(genres) else award
    said = evidence().names[language].name("genre", name) if kind == "genre" else name
    return kind, evidence().sentence(language, kind, subject=said), name


def with_values(cells: pa.StructArray, which: I64, values: Values) -> pa.StructArray:
    """The cells with other values of some fields in the cells `which`."""
    position = np.arange(len(cells))
    position[which] = len(cells) + np.arange(len(which))
    take = pa.array(position)
    fields = []
    for field in cells.type:
        column = cells.field(field.name)
        if field.name in values:
            others = pa.array(values[field.name], field.type)
            column = pa.concat_arrays([column, others]).take(take)
        fields.append(column)
    return pa.StructArray.from_arrays(fields, fields=list(cells.type))
