"""Reasons in words: the subject that is stored, and the sentence in the profile's language."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from conf.evidence import KINDS, evidence
from models.catalogue.arrays import Catalogue
from models.catalogue.credits import Credits, no_credits
from models.ragged import INTS

OWN = len(KINDS)  # stands for a row's own sentence, of which nothing is said here
SIZES = (
    16,
    64,
    1000,
    2**20,
    2**23,
)  # kinds, languages, days, counts and subjects: together one int64
SAID = pa.struct({"subject": pa.string(), "text": pa.string()})


def words(
    catalogue: Catalogue,
    language: NDArray[np.object_],
    owner: INTS,
    kind: INTS,
    payload: dict[str, INTS],
) -> pa.StructArray:
    """subject and text of each cell's reason; each distinct one is said once, however many cells have it.

    `language` (m,) are the profiles', `owner` (c,) the cells' profiles; `kind` (c,) are places in KINDS, or OWN;
    `payload` holds subject, count and days, each (c,).
    """
    speaks, of = np.unique(language.astype(str), return_inverse=True)
    parts = (kind, of[owner], payload["days"], payload["count"], payload["subject"])
    within = tuple(np.clip(part, 0, size - 1) for part, size in zip(parts, SIZES, strict=True))
    encoded = pa.array(np.ravel_multi_index(within, SIZES)).dictionary_encode()
    distinct = np.stack(np.unravel_index(encoded.dictionary.to_numpy(), SIZES), axis=1).tolist()
    said = [_said(catalogue, row, str(speaks[row[1]])) for row in distinct]
    return pa.array([{"subject": subject, "text": text} for subject, text in said], SAID).take(
        encoded.indices
    )


def _said(catalogue: Catalogue, row: list[int], language: str) -> tuple[str | None, str]:
    at, _, days, count, subject = row
    if at == OWN:
        return None, ""
    kind = KINDS[at]
    if kind == "watched":
        stored, spoken = str(catalogue.title_ids[subject]), str(catalogue.names[subject])
    else:
        stored = spoken = _subject(catalogue, kind, subject)
    return stored or None, evidence().said(language, kind, spoken, count, days)


def _subject(catalogue: Catalogue, kind: str, subject: int) -> str:
    if kind in ("director", "cast"):
        return credits_of(catalogue).names[subject]
    if kind == "award":
        return str(credits_of(catalogue).award[subject])
    return catalogue.genres[subject] if kind in ("taste", "genre") and catalogue.genres else ""


def credits_of(catalogue: Catalogue) -> Credits:
    """Who made the titles, as far as the catalogue tells."""
    return catalogue.credits or no_credits(catalogue.size)
