"""True reasons only: why a row is on a page, and why a title is in it (N-080, N-081, N-606)."""

from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from conf.rows import RowKind
from models.catalogue import Catalogue, Profiles
from models.page.orders import age_days
from models.page.rows import Offers
from models.page.rules import owners
from models.page.subjects import INTS, genre_counts

Codes = tuple[NDArray[np.int64], list[str]]  # for each cell the place of its text, and the texts


def row_texts(
    catalogue: Catalogue, profiles: Profiles, found: Offers, chosen: INTS, kinds: list[tuple[str, RowKind]]
) -> dict[str, list[str]]:
    """`row_id`, `row_kind`, `row_title`, `reason` and `evidence_type` of the chosen offers."""
    counts, played = genre_counts(catalogue, profiles).tolist(), np.diff(profiles.offsets).tolist()
    days = _last_days(profiles, found, chosen, kinds)
    out: dict[str, list[str]] = {n: [] for n in ("row_id", "row_kind", "row_title", "reason", "evidence_type")}
    for owner, place, subject in zip(
        *(c[chosen].tolist() for c in (found.profile, found.kind, found.subject)), strict=True
    ):
        name, kind = kinds[place]
        words: dict[str, object] = {"window_days": kind.window_days}
        row_id, reason = name, kind.reason
        if kind.per == "anchor":
            words |= {"anchor": catalogue.names[subject], "day": days[owner, subject]}
            row_id = f"{name}:{catalogue.title_ids[subject]}"
        elif kind.per == "genre":
            genre, count = catalogue.genres[subject], counts[owner][subject]
            words |= {"genre": genre, "count": count, "played": played[owner]}
            row_id, reason = f"{name}:{genre}", kind.reason if count else kind.reason_unplayed
        texts = (row_id, name, kind.title.format(**words), reason.format(**words), kind.evidence)
        for column, text in zip(out.values(), texts, strict=True):
            column.append(text)
    return out


def cell_texts(
    catalogue: Catalogue,
    profiles: Profiles,
    kinds: list[tuple[str, RowKind]],
    owner: INTS,
    place: INTS,
    subject: INTS,
    title: NDArray[np.int32],
) -> pa.Array:
    """One true sentence for each cell: profile `owner`, kind `place`, the row's `subject`, the cell's `title`."""
    codes, texts = np.zeros(len(title), np.int64), [""]
    for at, (_, kind) in enumerate(kinds):
        mine = np.flatnonzero(place == at)
        if not len(mine):
            continue
        local, said = _sentences(kind)(kind, catalogue, profiles, owner[mine], subject[mine], title[mine])
        codes[mine] = local + len(texts)
        texts += said
    return pa.array(texts, pa.string()).take(pa.array(codes))


def _sentences(kind: RowKind) -> Callable[..., Codes]:
    by_evidence = {"popular": _popular, "trending": _popular, "new": _new, "genre": _genre, "taste": _taste}
    return by_evidence.get(kind.evidence) or (_similar if kind.order == "similar" else _replay)


def _popular(kind: RowKind, catalogue: Catalogue, _p: Profiles, _o: INTS, _s: INTS, title: INTS) -> Codes:
    recent = catalogue.features[f"title_plays_count_{kind.window_days}d"].astype(np.int64).tolist()
    ever = catalogue.features["title_plays_count_all"].astype(np.int64).tolist()
    rising = ", more than before" if kind.evidence == "trending" else ""

    def say(t: int) -> str:
        if recent[t]:
            return f"{_times(recent[t])} in the last {kind.window_days} days{rising}"
        return f"{_times(ever[t])} in all"

    return _spoken(title, say)


def _new(_k: RowKind, catalogue: Catalogue, _p: Profiles, _o: INTS, _s: INTS, title: INTS) -> Codes:
    unlaunched = np.isnan(catalogue.features["title_launch_age_days"]).tolist()
    age = np.nan_to_num(age_days(catalogue)).astype(np.int64).tolist()
    return _spoken(title, lambda t: f"{'First played' if unlaunched[t] else 'Came'} {_ago(age[t])}")


def _genre(_k: RowKind, catalogue: Catalogue, _p: Profiles, _o: INTS, subject: INTS, _t: INTS) -> Codes:
    return _spoken(subject, lambda genre: f"Genre: {catalogue.genres[genre]}")


def _similar(_k: RowKind, catalogue: Catalogue, _p: Profiles, _o: INTS, subject: INTS, _t: INTS) -> Codes:
    return _spoken(subject, lambda anchor: f"Often played by those who played {catalogue.names[anchor]}")


def _taste(_k: RowKind, catalogue: Catalogue, profiles: Profiles, owner: INTS, _s: INTS, title: INTS) -> Codes:
    """The genre of the title that the profile played most titles of."""
    if not catalogue.genres:
        return np.zeros(len(title), np.int64), ["Fits what you played"]
    counts = genre_counts(catalogue, profiles)[owner] * catalogue.genre_matrix[title]
    genre, size = counts.argmax(axis=1), counts.max(axis=1)

    def say(key: int) -> str:
        count, at = divmod(key, len(catalogue.genres))
        return f"{catalogue.genres[at]}, like {count} of what you played" if count else "Fits what you played"

    return _spoken(size * len(catalogue.genres) + genre * (size > 0), say)


def _replay(_k: RowKind, catalogue: Catalogue, profiles: Profiles, owner: INTS, _s: INTS, title: INTS) -> Codes:
    """What the profile itself did with the title."""
    key = owners(profiles) * catalogue.size + profiles.title
    order = np.argsort(key)
    entry = order[np.searchsorted(key[order], owner * catalogue.size + title)]
    stars, plays = profiles.stars.tolist(), profiles.plays.tolist()

    def say(e: int) -> str:
        played = {1: "You played it once", 2: "You played it twice"}.get(plays[e], f"You played it {plays[e]} times")
        return played if stars[e] != stars[e] else f"{played} and gave it {stars[e]:g}"

    return _spoken(entry, say)


def _spoken(key: NDArray[np.integer], say: Callable[[int], str]) -> Codes:
    """Each distinct key said once, however many cells have it."""
    encoded = pa.array(key.astype(np.int64)).dictionary_encode()
    return encoded.indices.to_numpy().astype(np.int64), [say(k) for k in encoded.dictionary.to_pylist()]


def _last_days(
    profiles: Profiles, found: Offers, chosen: INTS, kinds: list[tuple[str, RowKind]]
) -> dict[tuple[int, int], str]:
    """The UTC day on which each profile last played each of its anchors."""
    of_anchor = np.isin(found.kind[chosen], [place for place, (_, kind) in enumerate(kinds) if kind.per == "anchor"])
    pairs = set(zip(*(c[chosen[of_anchor]].tolist() for c in (found.profile, found.subject)), strict=True))
    return {
        (owner, title): datetime.fromtimestamp(at, UTC).date().isoformat()
        for owner, title, at in zip(
            owners(profiles).tolist(), profiles.title.tolist(), profiles.last_at_s.tolist(), strict=True
        )
        if (owner, title) in pairs
    }


def _times(count: int) -> str:
    return "1 play" if count == 1 else f"{count} plays"


def _ago(days: int) -> str:
    return {0: "today", 1: "yesterday"}.get(days, f"{days} days ago")
