"""Every reader is judged: from the tables, from a release, from Redis, with a caller's settings."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from benchmarks.page.facts import as_asked, as_given
from benchmarks.safety.readers import CALLER, RELEASE, TABLES, Readers
from conf.judge import Subject
from conf.settings import load_settings
from jobs.io.published.known_tables import known_tables
from jobs.io.serving.kv import Server
from jobs.serve_pages import serve_pages
from judge.judgement import judgement
from judge.tables import SETTINGS
from tests import drafts, published
from tests.published import NOW, UNTIL, write

LATER = NOW + timedelta(minutes=30)
CHANGED = NOW + timedelta(minutes=1)
SUBJECTS: tuple[Subject, ...] = ("titles", "artwork", "sentences")
Change = Callable[[Path], Any]


def rated_up(lake: Path) -> None:
    write(
        lake,
        "titles",
        [
            {
                "title_id": "t05",
                "name": "Name t05",
                "maturity": 18,
                **published.LOGGED,
                "known_at": CHANGED,
            }
        ],
    )


def closed(lake: Path) -> None:
    window = {"title_id": "t01", "country": "NO", "from_at": published.EARLY, "until_at": CHANGED}
    write(lake, "availability", [{**window, **published.LOGGED, "known_at": CHANGED}])


CHANGES: dict[str, tuple[Change, str]] = {
    "titles blocked": (
        lambda lake: published.settings(
            lake, CHANGED, "ann", "bob", blocked_titles=["t00", "seen"]
        ),
        "title_blocked",
    ),
    "a lower limit": (
        lambda lake: published.settings(lake, CHANGED, "ann", "bob", maturity_limit=3),
        "title_too_old",
    ),
    "another language": (
        lambda lake: published.settings(lake, CHANGED, "ann", "bob", languages=["th"]),
        "",
    ),
    "a title rated up": (rated_up, "title_too_old"),
    "a window closed": (closed, "title_closed"),
}


def offences(readers: Readers, names: list[str], lake: Path) -> dict[str, dict[str, int]]:
    """What the judge finds on the pages of ann and bob, by reader; readers without any are left out."""
    found = {}
    newest = {
        row["profile_id"]: row for row in known_tables()["profiles"].sort_by("known_at").to_pylist()
    }
    for reader in names:
        given, asked = [], []
        for name in ("ann", "bob"):
            settings = {column: newest[name][column] for column in SETTINGS}
            rows = readers.page(reader, name, LATER, None, settings)
            if rows.num_rows:
                own = pa.array([name] * rows.num_rows, pa.string())
                rows = rows.set_column(rows.column_names.index("profile_id"), "profile_id", own)
                given.append(as_given(rows, LATER, reader))
            asked.append(as_asked([name], LATER, reader))
        tables = known_tables() | {"asked": pa.concat_tables(asked)}
        if given:
            tables["given"] = pa.concat_tables(given, promote_options="default")
        if wrong := judgement(tables, SUBJECTS).offences:
            found[reader] = wrong
    return found


@pytest.fixture
def readers(root: Path, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Readers:
    """The readers of a small service whose release is a moment old."""
    Server(redis_url).ask("FLUSHALL")
    monkeypatch.setenv("FRONTROW_REDIS", redis_url)
    serve_pages(UNTIL, now=NOW)
    return Readers(load_settings().home_path, redis_url)


def test_pages_as_they_were_built_are_no_offence(readers: Readers, lake: Path) -> None:
    assert offences(readers, readers.names, lake) == {}


@pytest.mark.parametrize(("change", "verdict"), CHANGES.values(), ids=CHANGES)
def test_every_reader_obeys_what_changed(
    readers: Readers, lake: Path, change: Change, verdict: str
) -> None:
    assert offences(readers, readers.names, lake) == {}
    change(lake)
    serve_pages(UNTIL + timedelta(minutes=10), now=CHANGED + timedelta(minutes=1))
    readers.reload()
    assert offences(readers, readers.names, lake) == {}


@pytest.mark.parametrize(("change", "verdict"), CHANGES.values(), ids=CHANGES)
def test_the_judge_sees_a_release_that_was_not_told(
    readers: Readers, lake: Path, change: Change, verdict: str
) -> None:
    """A reader of an old release breaks the law, one whose caller passes the settings does not."""
    change(lake)
    found = offences(readers, [RELEASE, TABLES], lake)
    assert TABLES not in found
    if verdict:
        assert verdict in found[RELEASE]
    if change not in (rated_up, closed):
        assert CALLER not in offences(readers, [CALLER], lake)


def test_titles_of_the_pages_are_those_of_the_drafts(readers: Readers) -> None:
    rows = readers.page(TABLES, "bob", NOW, None, {})
    shown = {cell["title_id"] for row in rows.to_pylist() for cell in row["cells"]}
    assert shown and shown <= set(drafts.TITLES)
