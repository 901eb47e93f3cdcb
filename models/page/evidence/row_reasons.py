"""True reasons only: why a row is on a page, and why a title is in it (N-080, N-081, N-606)."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from conf.rows import RowKind
from models.candidates.because_you_watched import too_new
from models.catalogue.arrays import Catalogue, Profiles
from models.page.evidence import sentences
from models.page.evidence.sentences import Codes, spoken, times
from models.page.rows.offers import Offers
from models.page.rows.subjects import tag_counts
from models.ragged import INTS


def row_texts(
    catalogue: Catalogue,
    profiles: Profiles,
    found: Offers,
    chosen: INTS,
    kinds: list[tuple[str, RowKind]],
) -> dict[str, list[str]]:
    """`row_id`, `row_kind`, `row_title`, `reason` and `evidence_type` of the chosen offers."""
    played = profiles.counts.tolist()
    counts = {
        kind.per: tag_counts(catalogue.tags(kind.per), profiles) for _, kind in kinds if kind.by_tag
    }
    days = _last_days(profiles, found, chosen, kinds)
    out: dict[str, list[str]] = {
        n: [] for n in ("row_id", "row_kind", "row_title", "reason", "evidence_type")
    }
    for owner, place, subject in zip(
        *(c[chosen].tolist() for c in (found.profile, found.kind, found.subject)), strict=True
    ):
        name, kind = kinds[place]
        words: dict[str, object] = {"window_days": kind.window_days}
        row_id, reason = name, kind.reason
        if kind.per == "anchor":
            words |= {"anchor": catalogue.names[subject], "day": days[owner, subject]}
            row_id = f"{name}:{catalogue.title_ids[subject]}"
        elif kind.by_tag:
            tag, count = (
                catalogue.tags(kind.per).names[subject],
                int(counts[kind.per][owner, subject]),
            )
            words |= {"tag": tag, "count": count, "played": played[owner]}
            row_id, reason = f"{name}:{tag}", kind.reason if count else kind.reason_unplayed
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
        local, said = _sentences(kind)(
            kind, catalogue, profiles, owner[mine], subject[mine], title[mine]
        )
        codes[mine] = local + len(texts)
        texts += said
    return pa.array(texts, pa.string()).take(pa.array(codes))


def _sentences(kind: RowKind) -> Callable[..., Codes]:
    return BY_EVIDENCE.get(kind.evidence) or (_similar if kind.order == "similar" else _replay)


def _popular(
    kind: RowKind, catalogue: Catalogue, _p: Profiles, _o: INTS, _s: INTS, title: INTS
) -> Codes:
    recent = catalogue.features[f"title_plays_count_{kind.window_days}d"].astype(np.int64).tolist()
    ever = catalogue.features["title_plays_count_all"].astype(np.int64).tolist()

    def say(t: int) -> str:
        if recent[t]:
            return f"{times(recent[t])} in the last {kind.window_days} days"
        return f"{times(ever[t])} in all"

    return spoken(title, say)


def _genre(
    kind: RowKind, catalogue: Catalogue, _p: Profiles, _o: INTS, subject: INTS, _t: INTS
) -> Codes:
    return spoken(subject, lambda genre: f"Genre: {catalogue.genres[genre]}")


def _similar(
    kind: RowKind, catalogue: Catalogue, _p: Profiles, _o: INTS, subject: INTS, title: INTS
) -> Codes:
    """By co-watching, or what both have in common where one of them is too new for that."""
    new, size = too_new(kind, catalogue), catalogue.size
    by_content = new[subject] | new[title]

    def say(key: int) -> str:
        anchor, other = divmod(key, size)
        alike = sentences.shared(catalogue, anchor, other) if other != anchor else ""
        name = catalogue.names[
            anchor
        ]  # what has nothing in common with it can only have come by co-watching
        return f"{alike}, like {name}" if alike else f"Often played by those who played {name}"

    return spoken(subject * size + np.where(by_content, title, subject), say)


def _taste(
    _k: RowKind, catalogue: Catalogue, profiles: Profiles, owner: INTS, _s: INTS, title: INTS
) -> Codes:
    """The genre of the title that the profile played most titles of."""
    if not catalogue.genres:
        return np.zeros(len(title), np.int64), ["Fits what you played"]
    counts = tag_counts(catalogue.tags("genre"), profiles)[owner] * catalogue.genre_matrix[title]
    genre, size = counts.argmax(axis=1), counts.max(axis=1)

    def say(key: int) -> str:
        count, at = divmod(key, len(catalogue.genres))
        return (
            f"{catalogue.genres[at]}, like {count} of what you played"
            if count
            else "Fits what you played"
        )

    return spoken(size * len(catalogue.genres) + genre * (size > 0), say)


def _replay(
    _k: RowKind, catalogue: Catalogue, profiles: Profiles, owner: INTS, _s: INTS, title: INTS
) -> Codes:
    """What the profile itself did with the title."""
    stars, plays = profiles.stars.tolist(), profiles.plays.tolist()

    def say(e: int) -> str:
        played = {1: "You played it once", 2: "You played it twice"}.get(
            plays[e], f"You played it {plays[e]} times"
        )
        return played if stars[e] != stars[e] else f"{played} and gave it {stars[e]:g}"

    return spoken(sentences.entries(catalogue, profiles, owner, title), say)


BY_EVIDENCE: dict[str, Callable[..., Codes]] = {
    "popular": _popular,
    "genre": _genre,
    "taste": _taste,
    "trending": sentences.trending,
    "new": sentences.arrived,
    "season": sentences.season,
    "acclaim": sentences.acclaim,
    "resume": sentences.resume,
    "list": sentences.listed,
    "era": sentences.tagged,
    "people": sentences.tagged,
    "keyword": sentences.tagged,
}


def _last_days(
    profiles: Profiles, found: Offers, chosen: INTS, kinds: list[tuple[str, RowKind]]
) -> dict[tuple[int, int], str]:
    """The UTC day on which each profile last played each of its anchors."""
    of_anchor = np.isin(
        found.kind[chosen], [place for place, (_, kind) in enumerate(kinds) if kind.per == "anchor"]
    )
    pairs = set(
        zip(*(c[chosen[of_anchor]].tolist() for c in (found.profile, found.subject)), strict=True)
    )
    return {
        (owner, title): sentences.day_of(at)
        for owner, title, at in zip(
            profiles.owners.tolist(),
            profiles.title.tolist(),
            profiles.last_at_s.tolist(),
            strict=True,
        )
        if (owner, title) in pairs
    }
