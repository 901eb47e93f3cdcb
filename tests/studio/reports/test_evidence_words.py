"""Evidence is told in words: titles, people and genres by their names, nothing raw."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from conf.evidence import KINDS
from jobs.io.published import homepage
from models.catalogue.arrays import Catalogue
from studio.reports.evidence_words import WORDS, evidence_words
from studio.reports.ranker_rows import moment_of_day
from tests.built import DAYS, tables_at


@pytest.fixture
def catalogue(built: Path) -> Iterator[Catalogue]:
    with tables_at(built):
        yield moment_of_day(DAYS[1]).catalogue


def told(catalogue: Catalogue, kind: str, **payload: object) -> str:
    return evidence_words({"evidence_type": kind, "evidence_payload": payload}, catalogue)


def test_every_kind_of_reason_has_words() -> None:
    assert set(WORDS) == set(KINDS)


def test_watched_title_is_named(catalogue: Catalogue) -> None:
    title_id, name = catalogue.title_ids[0], catalogue.names[0]
    words = told(catalogue, "watched", subject=title_id, count=0, days=0)
    assert words == f"likeness to {name} ({title_id}), which the profile watched"
    gone = told(catalogue, "watched", subject="gone", count=0, days=0)
    assert gone == "likeness to gone, which the profile watched"


@pytest.mark.parametrize(
    ("kind", "payload", "words"),
    [
        ("taste", ("Drama", 11, 0), "the genre Drama, of which the profile played 11 titles"),
        ("cast", ("A. Person", 1, 0), "with A. Person, whom the profile liked in 1 title"),
        ("popular", (None, 0, 30), "0 plays in 30 days"),
        ("new", (None, 0, 1), "on the service since 1 day ago"),
        ("resume", (None, 0, 0), "what its row is about: resume"),
        ("genre", (None, 0, 0), "what its row is about: genre"),
    ],
)
def test_subject_count_and_days_are_told(
    catalogue: Catalogue, kind: str, payload: tuple[str | None, int, int], words: str
) -> None:
    named = dict(zip(("subject", "count", "days"), payload, strict=True))
    assert told(catalogue, kind, **named) == words


def test_every_published_cell_has_words_without_braces(catalogue: Catalogue) -> None:
    cells = [cell for row in homepage.page_records("p1", DAYS[1]) for cell in row["cells"]]
    for cell in cells:
        words = evidence_words(cell, catalogue)
        assert words and not set("{}=") & set(words) and "None" not in words
