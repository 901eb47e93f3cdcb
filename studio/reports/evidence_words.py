"""The evidence of a cell in words for whoever asks why: names of titles, people and genres."""

# Tested by tests/studio/reports/test_evidence_words.py.

from typing import Any

from models.catalogue.arrays import Catalogue

WORDS = {  # by kind of reason, for a payload with something in it
    "again": "the profile played it {times} before",
    "watched": "likeness to {subject}, which the profile watched",
    "director": "directed by {subject}, of whom the profile liked {titles}",
    "cast": "with {subject}, whom the profile liked in {titles}",
    "new": "on the service since {age}",
    "trending": "{plays} in {window}, more than before",
    "award": "the award {subject}",
    "taste": "the genre {subject}, of which the profile played {titles}",
    "genre": "its genre {subject}",
    "popular": "{plays} in {window}",
}
OF_ROW = "what its row is about: {kind}"


def evidence_words(cell: dict[str, Any], catalogue: Catalogue) -> str:
    """What a cell's evidence is, its subject by name.

    A cell that says what its row says has no payload of its own.
    """
    kind, payload = cell["evidence_type"], cell["evidence_payload"] or {}
    subject, count, days = (payload.get(name) for name in ("subject", "count", "days"))
    if kind not in WORDS or not (subject or count or days):
        return OF_ROW.format(kind=kind)
    return WORDS[kind].format(
        subject=_named(kind, subject, catalogue),
        times=_counted(count, "time"),
        titles=_counted(count, "title"),
        plays=_counted(count, "play"),
        window=_counted(days, "day"),
        age=f"{_counted(days, 'day')} ago",
    )


def _named(kind: str, subject: str | None, catalogue: Catalogue) -> str:
    """A subject by name; titles are stored by their ids."""
    index = catalogue.title_index.get(subject or "") if kind == "watched" else None
    return subject or "-" if index is None else f"{catalogue.names[index]} ({subject})"


def _counted(count: int | None, noun: str) -> str:
    """A number with its noun.

    >>> _counted(1, "play"), _counted(None, "play")
    ('1 play', '0 plays')
    """
    return f"{count or 0:,} {noun}{'' if count == 1 else 's'}"
