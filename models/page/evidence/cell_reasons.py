"""Why a title is in its cell: all true reasons are judged, the most helpful one is said (N-080, N-081).

Each kind of reason says of every cell whether it is true, how strong it is (0..1), and its payload: subject, count and
days. A cell shows the kind with the highest helpful x strength of conf/evidence.yaml; equals go to the kind named
first. A row of a kind that is not known here keeps its own sentence, as a reason beside the others.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from conf.evidence import KINDS, evidence
from conf.rows import RowKind
from models.catalogue.arrays import Catalogue, Profiles, no_neighbours
from models.page.evidence.affinities import NONE, Ties, ties
from models.page.evidence.phrases import OWN, credits_of, words
from models.page.rows.subjects import tag_counts
from models.ragged import INTS

CELLS_AT_ONCE = 200_000  # that are judged at a time, so that a batch of profiles stays within some hundred megabytes
LEAST = 1e-9  # how helpful a row's own sentence is of what is judged here: said only where nothing else is true
MANY = 4  # liked titles with a person from which on that is as strong a reason as it gets


@dataclass(frozen=True)
class Cells:
    """Cells in reading order page by page: profile `owner`, the row's kind `place` and `subject`, the cell's `title`,
    and how often the profile played it (`plays_of`).
    """

    owner: INTS
    place: INTS
    subject: INTS
    title: INTS
    plays: INTS


@dataclass(frozen=True)
class Candidate:
    """One kind of reason for all cells (c,); a strength of 0 is not true."""

    strength: NDArray[np.float64]
    subject: INTS  # what it is about, in the kind's own numbering
    count: INTS
    days: INTS


def reasons(
    catalogue: Catalogue,
    profiles: Profiles,
    kinds: list[tuple[str, RowKind]],
    cells: Cells,
    own_texts: pa.Array,
) -> dict[str, pa.Array]:
    """The columns evidence_type, evidence and evidence_payload of the cells.

    `own_texts` are the sentences of the rows' own kinds, true by how the rows are made: said where nothing else is.
    """
    similar, made = catalogue.similar or no_neighbours(catalogue.size), credits_of(catalogue)
    tied = ties(
        catalogue, profiles, similar, made, cells.owner, cells.title, evidence().least_titles
    )
    counts = np.minimum(tag_counts(catalogue.tags("genre"), profiles), 2**15 - 1).astype(np.int16)
    known = _Known(catalogue, profiles, counts, np.array([bool(award) for award in made.award]))
    parts = []
    for first in range(0, len(cells.title), CELLS_AT_ONCE):
        some = slice(first, first + CELLS_AT_ONCE)
        parts.append(_judged(known, kinds, _cut(cells, some), _cut(tied, some), own_texts[some]))
    told = pa.concat_tables(parts) if parts else _judged(known, kinds, cells, tied, own_texts)
    return {name: told[name].combine_chunks() for name in told.column_names}


@dataclass(frozen=True)
class _Known:
    catalogue: Catalogue
    profiles: Profiles
    genre_counts: NDArray[np.int16]  # (m, g)
    awarded: NDArray[np.bool_]  # (n,)


def _cut(columns: Any, some: slice) -> Any:
    """Some of the cells; arrays of two rows are cut along their cells."""
    return type(columns)(
        *(getattr(columns, name)[..., some] for name in columns.__dataclass_fields__)
    )


def _judged(
    known: _Known, kinds: list[tuple[str, RowKind]], cells: Cells, tied: Ties, own_texts: pa.Array
) -> pa.Table:
    chosen, payload = _most_helpful(_candidates(known, cells, tied), kinds, cells)
    said = words(known.catalogue, known.profiles.text_language, cells.owner, chosen, payload)
    named = pa.array([*KINDS, *(kind.evidence for _, kind in kinds)], pa.string())
    numbers = [pa.array(payload["count"]), pa.array(payload["days"].astype(np.int32))]
    own = chosen == OWN
    return pa.table(
        {
            "evidence_type": named.take(pa.array(np.where(own, OWN + cells.place, chosen))),
            "evidence": pc.if_else(pa.array(own), own_texts, said.field("text")),
            "evidence_payload": pa.StructArray.from_arrays(
                [said.field("subject"), *numbers], ["subject", "count", "days"]
            ),
        }
    )


def _candidates(known: _Known, cells: Cells, tied: Ties) -> list[Candidate]:
    """One for each of KINDS, in their order."""
    catalogue = known.catalogue
    director, actor = (
        _of(
            np.minimum(tied.titles[role] / MANY, 1.0) * (tied.person[role] != NONE),
            tied.person[role],
            tied.titles[role],
        )
        for role in (0, 1)
    )
    return [
        _of((cells.plays > 0) * 1.0, cells.title, cells.plays),
        _of(tied.weight * (tied.anchor != NONE), tied.anchor),
        director,
        actor,
        _new(catalogue, cells),
        _trending(catalogue, cells),
        _of(known.awarded[cells.title] * 1.0, cells.title),
        _taste(known, cells),
        _genre(catalogue, cells),
        _popular(catalogue, cells),
    ]


def _most_helpful(
    found: list[Candidate], kinds: list[tuple[str, RowKind]], cells: Cells
) -> tuple[INTS, dict[str, INTS]]:
    """(c,) the place of each cell's best reason among KINDS, or OWN for the row's own sentence, and its payload."""
    settings, size = evidence(), len(cells.title)
    said = np.array(
        [KINDS.index(_meant(kind)) if _meant(kind) in KINDS else OWN for _, kind in kinds]
    )[cells.place]
    best, chosen = (
        np.where(said == OWN, settings.helpful["other"], LEAST).astype(np.float32),
        np.full(size, OWN),
    )
    payload = {name: np.zeros(size, np.int64) for name in ("subject", "count", "days")}
    for place, candidate in enumerate(found):
        same = (said == place) & ((candidate.subject == cells.subject) | (cells.subject < 0))
        score = (
            candidate.strength
            * settings.helpful[KINDS[place]]
            * np.where(same, settings.said_already, 1.0)
        )
        better = score.astype(np.float32) > best
        best[better], chosen[better] = score[better], place
        for name, values in payload.items():
            np.copyto(values, getattr(candidate, name), where=better)
    return chosen, payload


def _meant(kind: RowKind) -> str:
    """The kind of reason that a row's name gives."""
    return "again" if kind.order == "history" else str(kind.evidence)


def plays_of(
    catalogue: Catalogue, profiles: Profiles, owner: INTS, title: NDArray[np.integer]
) -> INTS:
    """(c,) how often each cell's profile played its title before."""
    key, wanted = profiles.owners * catalogue.size + profiles.title, owner * catalogue.size + title
    if not len(key):
        return np.zeros(len(title), np.int64)
    order = np.argsort(key)
    entry = order[np.minimum(np.searchsorted(key[order], wanted), len(key) - 1)]
    return np.where(key[entry] == wanted, profiles.plays[entry], 0).astype(np.int64)


def _new(catalogue: Catalogue, cells: Cells) -> Candidate:
    """It came to the service within new_days, as far as its launch tells."""
    age = catalogue.features["title_launch_age_days"].astype(np.float64)[cells.title]
    new, days = (age >= 0) & (age <= evidence().new_days), np.nan_to_num(age)
    strength = np.where(new, 1 - days / (2 * evidence().new_days), 0.0)
    return _of(strength, cells.title, days=np.where(new, days, 0).astype(np.int64))


def _trending(catalogue: Catalogue, cells: Cells) -> Candidate:
    """It rises, and enough plays carry that."""
    settings, features = evidence(), catalogue.features
    trend = features[f"title_trend_{settings.trend_days}d"].astype(np.float64)[cells.title]
    plays = features[f"title_plays_count_{settings.trend_days}d"].astype(np.int64)[cells.title]
    strength = np.where((trend > 0) & (plays >= settings.least_plays), np.minimum(trend, 1.0), 0.0)
    return _of(strength, cells.title, plays, np.full(len(plays), settings.trend_days))


def _taste(known: _Known, cells: Cells) -> Candidate:
    """The genre of the title that the profile played most titles of."""
    counts = known.genre_counts[cells.owner] * known.catalogue.genre_matrix[cells.title]
    if not counts.shape[1]:
        return _of(np.zeros(len(cells.title)), np.zeros(len(cells.title), np.int64))
    played = np.maximum(known.profiles.counts, 1)[cells.owner]
    return _of(
        np.minimum(2 * counts.max(axis=1) / played, 1.0), counts.argmax(axis=1), counts.max(axis=1)
    )


def _genre(catalogue: Catalogue, cells: Cells) -> Candidate:
    """A genre that it has: the row's, else its first."""
    marks = catalogue.genre_matrix[cells.title]
    if not marks.shape[1]:
        return _of(np.zeros(len(cells.title)), np.zeros(len(cells.title), np.int64))
    rows = np.clip(cells.subject, 0, marks.shape[1] - 1)
    of_row = (
        (cells.subject >= 0) & (cells.subject < marks.shape[1]) & marks[np.arange(len(rows)), rows]
    )
    return _of(marks.any(axis=1) * 0.5, np.where(of_row, rows, marks.argmax(axis=1)))


def _popular(catalogue: Catalogue, cells: Cells) -> Candidate:
    """Plays by everybody."""
    plays = catalogue.features[f"title_plays_count_{evidence().popular_days}d"].astype(np.float64)
    ever = catalogue.features["title_plays_count_all"][cells.title] > 0
    share = np.log1p(plays) / max(float(np.log1p(plays.max(initial=0))), 1e-9)
    strength = np.asarray(np.maximum(share, 0.01)[cells.title] * ever, np.float64)
    return _of(
        strength,
        cells.title,
        plays[cells.title].astype(np.int64),
        np.full(len(ever), evidence().popular_days),
    )


def _of(
    strength: Any, subject: INTS, count: INTS | None = None, days: INTS | None = None
) -> Candidate:
    none = np.zeros(len(subject), np.int64)
    given = (
        none if values is None else np.asarray(values, np.int64)
        for values in (subject, count, days)
    )
    return Candidate(np.asarray(strength, np.float64), *given)
