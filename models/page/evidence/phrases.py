"""Reasons in words: the subject that is stored, and the sentence in the profile's language."""
# Tested by tests/models/page/evidence/test_cell_reasons.py.

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from conf.evidence import KINDS, evidence
from models.catalogue.arrays import Catalogue
from models.catalogue.credits import Credits, no_credits
from models.ragged import INTS

OWN = len(KINDS)  # stands for a row's own sentence, which is not put in words here
# Of kinds, languages, days, counts and subjects: together one int64.
SIZES = (16, 64, 1000, 2**20, 2**23)
PHRASE = pa.struct({"subject": pa.string(), "text": pa.string()})


def phrases(
    catalogue: Catalogue,
    language: NDArray[np.object_],
    owner: INTS,
    kind: INTS,
    payload: dict[str, INTS],
) -> pa.StructArray:
    """subject and text of each cell's reason; each distinct one is put in words once, however many
    cells have it.

    `language` (m,) are the profiles', `owner` (c,) the cells' profiles; `kind` (c,) are indices of
    KINDS, or OWN; `payload` holds subject, count and days, each (c,).
    """
    languages, language_index = np.unique(language.astype(str), return_inverse=True)
    parts = (
        kind,
        language_index[owner],
        payload["days"],
        payload["count"],
        payload["subject"],
    )
    clipped = tuple(np.clip(part, 0, size - 1) for part, size in zip(parts, SIZES, strict=True))
    keys = pa.array(np.ravel_multi_index(clipped, SIZES)).dictionary_encode()
    distinct_parts = np.unravel_index(keys.dictionary.to_numpy(), SIZES)
    distinct = []
    for index, spoken, days, count, subject in np.stack(distinct_parts, axis=1).tolist():
        text = _phrase(catalogue, index, str(languages[spoken]), (days, count, subject))
        distinct.append(text)
    return pa.array(distinct, PHRASE).take(keys.indices)


def _phrase(
    catalogue: Catalogue, index: int, language: str, payload: tuple[int, int, int]
) -> dict[str, str | None]:
    """The subject and text of a reason of KINDS by its index; `payload` are days, count and
    subject.
    """
    if index == OWN:
        return {"subject": None, "text": ""}
    kind = KINDS[index]
    days, count, subject = payload
    name = _subject(catalogue, kind, subject)
    stored = str(catalogue.title_ids[subject]) if kind == "watched" else name
    if kind in ("taste", "genre"):
        name = evidence().names[language].name("genre", name)
    text = evidence().sentence(language, kind, subject=name, count=count, days=days)
    return {"subject": stored or None, "text": text}


def _subject(catalogue: Catalogue, kind: str, subject: int) -> str:
    """What a reason of a kind is about, by name; "" for a reason about nothing but its title."""
    if kind == "watched":
        return str(catalogue.names[subject])
    if kind in ("director", "cast"):
        return credits_of(catalogue).names[subject]
    if kind == "award":
        return str(credits_of(catalogue).award[subject])
    if kind in ("taste", "genre") and catalogue.genres:
        return catalogue.genres[subject]
    return ""


def credits_of(catalogue: Catalogue) -> Credits:
    """The people and awards of the titles, as far as the catalogue has them."""
    return catalogue.credits or no_credits(catalogue.size)
