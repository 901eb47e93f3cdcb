"""Why a title is in its cell: of all reasons that are true of it, the most helpful one.

Each kind of reason says of every cell whether it is true, how strong it is (0..1), and its payload:
subject, count and days. A cell shows the kind with the highest helpful x strength of
conf/evidence.yaml; of equals the one named first. A row whose evidence is no kind of reason keeps
its own sentence, as a reason beside the others.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from conf.evidence import KINDS, evidence
from conf.rows import RowKind
from models.catalogue.arrays import Catalogue, Profiles, no_neighbours
from models.page.evidence.affinities import ACTOR, DIRECTOR, NONE, Affinities, affinities
from models.page.evidence.phrases import OWN, credits_of, phrases
from models.page.rows.orders import order_of
from models.page.rows.subjects import genre_counts
from models.ragged import INTS

CELLS_AT_ONCE = 200_000  # so that a batch of profiles stays within some hundred megabytes
LEAST_SCORE = 1e-9  # of a row's own sentence that adds nothing to its name or to a reason
ENOUGH_TITLES = 4  # liked titles with a person from which on that is as strong a reason as it gets
MOST_COUNTED = 2**15 - 1  # titles of a genre that are counted
SAID_BY_ROWS = {  # the kinds of reason that say what the name of a row says, by what there are rows for
    "anchor": ("watched",),
    "genre": ("taste", "genre"),
    "genre_era": ("taste", "genre"),
    "cast": ("cast",),
    "director": ("director",),
}
F64 = NDArray[np.float64]
Columns = TypeVar("Columns", "Cells", Affinities)


@dataclass(frozen=True)
class Cells:
    """Cells in reading order, page by page, each (c,)."""

    owner: INTS  # index of the profile
    kind: INTS  # index of the row's kind
    subject: INTS  # of the row
    title: INTS
    plays: INTS  # of the title by the profile before, see `plays_of`


@dataclass(frozen=True)
class CellReason:
    """One kind of reason for all cells (c,); where its strength is 0 it is not true."""

    strength: F64
    subject: INTS  # what it is about, in the kind's own numbering
    count: INTS
    days: INTS


@dataclass(frozen=True)
class _Facts:
    """What reasons are found from, the same for all cells of a batch."""

    catalogue: Catalogue
    profiles: Profiles
    genre_counts: NDArray[np.int16]  # (m, g)
    has_award: NDArray[np.bool_]  # (n,)


def helpful_reasons(
    catalogue: Catalogue,
    profiles: Profiles,
    kinds: list[tuple[str, RowKind]],
    cells: Cells,
    own_texts: pa.Array,
) -> dict[str, pa.Array]:
    """The columns evidence_type, evidence and evidence_payload of the cells.

    `own_texts` are the sentences of the rows' own kinds, true by how the rows are made: they stand
    where no other reason is true.
    """
    similar, credits = catalogue.similar or no_neighbours(catalogue.size), credits_of(catalogue)
    least_titles = evidence().least_titles
    owner_and_title = (cells.owner, cells.title)
    close = affinities(catalogue, profiles, similar, credits, owner_and_title, least_titles)
    counted = np.minimum(genre_counts(catalogue, profiles), MOST_COUNTED)
    has_award = np.array([bool(award) for award in credits.award])
    facts = _Facts(catalogue, profiles, counted.astype(np.int16), has_award)
    parts = []
    for first in range(0, max(len(cells.title), 1), CELLS_AT_ONCE):
        part = slice(first, first + CELLS_AT_ONCE)
        some_cells, some_close = _part_of(cells, part), _part_of(close, part)
        parts.append(_reasons_of_part(facts, kinds, some_cells, some_close, own_texts[part]))
    table = pa.concat_tables(parts)
    return {name: table[name].combine_chunks() for name in table.column_names}


def _part_of(columns: Columns, part: slice) -> Columns:
    """Some of the cells; arrays (2, c) are cut along their cells."""
    cut = [getattr(columns, field.name)[..., part] for field in fields(columns)]
    return type(columns)(*cut)


def _reasons_of_part(
    facts: _Facts,
    kinds: list[tuple[str, RowKind]],
    cells: Cells,
    close: Affinities,
    own_texts: pa.Array,
) -> pa.Table:
    reasons = _unsaid(_all_reasons(facts, cells, close), facts.catalogue, kinds, cells)
    best, payload = _most_helpful(reasons, kinds, cells)
    in_words = phrases(facts.catalogue, facts.profiles.text_language, cells.owner, best, payload)
    is_own = best == OWN
    names = pa.array([*KINDS, *(kind.evidence for _, kind in kinds)], pa.string())
    name_index = np.where(is_own, OWN + cells.kind, best)
    payload_columns = {
        "subject": in_words.field("subject"),
        "count": pa.array(payload["count"]),
        "days": pa.array(payload["days"].astype(np.int32)),
    }
    return pa.table(
        {
            "evidence_type": names.take(pa.array(name_index)),
            "evidence": pc.if_else(pa.array(is_own), own_texts, in_words.field("text")),
            "evidence_payload": pa.StructArray.from_arrays(
                list(payload_columns.values()), list(payload_columns)
            ),
        }
    )


def _all_reasons(facts: _Facts, cells: Cells, close: Affinities) -> list[CellReason]:
    """One for each of KINDS, in their order."""
    reasons = {
        "again": _reason((cells.plays > 0) * 1.0, cells.title, cells.plays),
        "watched": _reason(close.weight * (close.anchor != NONE), close.anchor),
        "director": _liked_person(close, DIRECTOR),
        "cast": _liked_person(close, ACTOR),
        "new": _new(facts.catalogue, cells),
        "trending": _trending(facts.catalogue, cells),
        "award": _reason(facts.has_award[cells.title] * 1.0, cells.title),
        "taste": _taste(facts, cells),
        "genre": _genre(facts.catalogue, cells),
        "popular": _popular(facts.catalogue, cells),
    }
    return [reasons[kind] for kind in KINDS]


def _unsaid(
    reasons: list[CellReason], catalogue: Catalogue, kinds: list[tuple[str, RowKind]], cells: Cells
) -> list[CellReason]:
    """The reasons without those that only repeat the name of their row: its tag, or an anchor, of
    which a row has its own.
    """
    is_said = np.array([[_says(kind, name) for name in KINDS] for _, kind in kinds])
    is_anchored = np.array([kind.per == "anchor" for _, kind in kinds])[cells.kind]
    subject = cells.subject.copy()
    for number, (_, kind) in enumerate(kinds):
        of_kind = cells.kind == number
        if kind.by_tag and of_kind.any():
            subject[of_kind] = _subjects_of_tags(catalogue, kind.per)[cells.subject[of_kind]]
    unsaid = []
    for index, reason in enumerate(reasons):
        repeats = is_said[cells.kind, index] & (is_anchored | (reason.subject == subject))
        unsaid.append(replace(reason, strength=np.where(repeats, 0.0, reason.strength)))
    return unsaid


def _says(kind: RowKind, reason: str) -> bool:
    """Whether the name of a row is about the same as a kind of reason."""
    return reason in SAID_BY_ROWS.get(kind.per, ())


def _subjects_of_tags(catalogue: Catalogue, facet: str) -> INTS:
    """(t,) what the tags of a facet are in the numbering of reasons; NONE where they are nothing."""
    tags = catalogue.tags(facet).names
    if facet == "genre_era":
        tags = tuple(tag.partition("s ")[2] for tag in tags)
    is_genre = facet in ("genre", "genre_era")
    names: Sequence[str] = catalogue.genres if is_genre else credits_of(catalogue).names
    index = {name: number for number, name in enumerate(names)}
    return np.array([index.get(tag, NONE) for tag in tags], np.int64)


def _most_helpful(
    reasons: list[CellReason], kinds: list[tuple[str, RowKind]], cells: Cells
) -> tuple[INTS, dict[str, INTS]]:
    """(c,) the index of each cell's best reason among KINDS, or OWN for the row's own sentence, and
    its payload.
    """
    settings, size = evidence(), len(cells.title)
    reason_of_kind = np.array([_reason_of_row(kind) for _, kind in kinds])
    of_row = reason_of_kind[cells.kind]
    is_told = (of_row == OWN) & ~np.array([kind.by_tag for _, kind in kinds])[cells.kind]
    own_score = np.where(is_told, settings.helpful["other"], LEAST_SCORE)
    best_score = own_score.astype(np.float32)
    best = np.full(size, OWN)
    payload = {name: np.zeros(size, np.int64) for name in ("subject", "count", "days")}
    for index, reason in enumerate(reasons):
        same_subject = (reason.subject == cells.subject) | (cells.subject < 0)
        in_row_title = (of_row == index) & same_subject
        repetition = np.where(in_row_title, settings.said_already, 1.0)
        score = reason.strength * settings.helpful[KINDS[index]] * repetition
        better = score.astype(np.float32) > best_score
        best_score[better] = score[better]
        best[better] = index
        for name, values in payload.items():
            np.copyto(values, getattr(reason, name), where=better)
    return best, payload


def _reason_of_row(kind: RowKind) -> int:
    """The index of the kind of reason that a row's title gives already, OWN where it is none."""
    name = order_of(kind).reason or kind.evidence
    return KINDS.index(name) if name in KINDS else OWN


def plays_of(
    catalogue: Catalogue, profiles: Profiles, owner: INTS, title: NDArray[np.integer]
) -> INTS:
    """(c,) how often each cell's profile played its title before."""
    keys = profiles.owners * catalogue.size + profiles.title
    cell_keys = owner * catalogue.size + title
    if not len(keys):
        return np.zeros(len(title), np.int64)
    order = np.argsort(keys)
    index = np.searchsorted(keys[order], cell_keys)
    entry = order[np.minimum(index, len(keys) - 1)]
    return np.where(keys[entry] == cell_keys, profiles.plays[entry], 0).astype(np.int64)


def _liked_person(close: Affinities, role: int) -> CellReason:
    """A director or actor whom the profile likes."""
    person, titles = close.person[role], close.liked_titles[role]
    strength = np.minimum(titles / ENOUGH_TITLES, 1.0) * (person != NONE)
    return _reason(strength, person, titles)


def _new(catalogue: Catalogue, cells: Cells) -> CellReason:
    """It came to the service within new_days, as far as its launch is known."""
    new_days = evidence().new_days
    age = catalogue.features["title_launch_age_days"].astype(np.float64)[cells.title]
    is_new = (age >= 0) & (age <= new_days)
    days = np.nan_to_num(age)
    strength = np.where(is_new, 1 - days / (2 * new_days), 0.0)
    return _reason(strength, cells.title, days=np.where(is_new, days, 0).astype(np.int64))


def _trending(catalogue: Catalogue, cells: Cells) -> CellReason:
    """It rises, and enough plays carry that."""
    settings, features = evidence(), catalogue.features
    trend = features[f"title_trend_{settings.trend_days}d"].astype(np.float64)[cells.title]
    plays = features[f"title_plays_count_{settings.trend_days}d"].astype(np.int64)[cells.title]
    rises = (trend > 0) & (plays >= settings.least_plays)
    strength = np.where(rises, np.minimum(trend, 1.0), 0.0)
    return _reason(strength, cells.title, plays, np.full(len(plays), settings.trend_days))


def _taste(facts: _Facts, cells: Cells) -> CellReason:
    """The genre of the title that the profile played most titles of."""
    counts = facts.genre_counts[cells.owner] * facts.catalogue.genre_matrix[cells.title]
    if not counts.shape[1]:
        return _no_reason(len(cells.title))
    played = np.maximum(facts.profiles.counts, 1)[cells.owner]
    most = counts.max(axis=1)
    strength = np.minimum(2 * most / played, 1.0)
    return _reason(strength, counts.argmax(axis=1), most)


def _genre(catalogue: Catalogue, cells: Cells) -> CellReason:
    """The first genre that it has."""
    marks = catalogue.genre_matrix[cells.title]
    if not marks.shape[1]:
        return _no_reason(len(cells.title))
    return _reason(np.where(marks.any(axis=1), 0.5, 0.0), marks.argmax(axis=1))


def _popular(catalogue: Catalogue, cells: Cells) -> CellReason:
    """Plays by everybody."""
    days, features = evidence().popular_days, catalogue.features
    plays = features[f"title_plays_count_{days}d"].astype(np.float64)
    was_played = features["title_plays_count_all"][cells.title] > 0
    share = np.log1p(plays) / max(float(np.log1p(plays.max(initial=0))), 1e-9)
    strength = np.maximum(share, 0.01)[cells.title] * was_played
    count = plays[cells.title].astype(np.int64)
    return _reason(strength, cells.title, count, np.full(len(count), days))


def _no_reason(size: int) -> CellReason:
    return _reason(np.zeros(size), np.zeros(size, np.int64))


def _reason(
    strength: NDArray[np.floating],
    subject: INTS,
    count: NDArray[np.integer] | None = None,
    days: INTS | None = None,
) -> CellReason:
    """A reason of all cells; a count or days that it does not have are 0."""
    nothing = np.zeros(len(subject), np.int64)
    return CellReason(
        np.asarray(strength, np.float64),
        np.asarray(subject, np.int64),
        nothing if count is None else np.asarray(count, np.int64),
        nothing if days is None else np.asarray(days, np.int64),
    )
