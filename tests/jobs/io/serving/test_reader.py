"""Each level serves when the one above it is broken, in any of five ways; the cause is counted."""

import sqlite3
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from conf.settings import load_settings
from jobs.io.serving import releases
from jobs.io.serving.pages_of_profiles import PAGES, UPDATES
from jobs.io.serving.reader import Reader, ReleasedPage
from jobs.serve_pages import serve_pages
from tests import drafts, published
from tests.published import DAY, EARLY, EVE, NOW, UNTIL

Fault = Callable[[Path], None]


@pytest.fixture
def root(root: Path) -> Path:
    """The releases of a home with one release in it."""
    serve_pages(UNTIL)
    return root


def reader() -> Reader:
    return Reader(load_settings().home_path)


def read(name: str = "ann") -> ReleasedPage:
    return reader().read(name, NOW)


def titles_of(page: ReleasedPage) -> set[str]:
    return {cell["title_id"] for row in page.rows.to_pylist() for cell in row["cells"]}


def file_of(root: Path, layer: str) -> Path:
    name = releases.serving_id(root)
    assert name is not None
    return releases.store_path(root, name, layer)


def missing(path: Path) -> None:
    path.unlink()


def half_written(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def zeros(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def no_store(path: Path) -> None:
    path.write_bytes((b"bad bytes" * path.stat().st_size)[: path.stat().st_size])


def flipped_bits(path: Path) -> None:
    """Every value has one wrong bit; the file itself is sound and as long as before."""
    with sqlite3.connect(path) as entries:
        for key, value in entries.execute("SELECT key, value FROM entries").fetchall():
            spoilt = value[:-1] + bytes([value[-1] ^ 1])
            entries.execute("UPDATE entries SET value = ? WHERE key = ?", (spoilt, key))
    entries.close()


FAULTS = {
    missing: "missing",
    half_written: "half-written",
    zeros: "unreadable",
    no_store: "unreadable",
    flipped_bits: "damaged value",
}
LADDER = ("fresh", "base", "yesterday", "popular", "static")


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
@pytest.mark.parametrize("broken", range(5), ids=lambda count: LADDER[count])
def test_each_level_serves_when_those_above_it_are_broken(
    root: Path, fault: Fault, broken: int
) -> None:
    for layer in LADDER[:broken]:
        fault(file_of(root, layer))
    some = reader()
    page = some.read("ann", NOW)
    assert page.level == LADDER[broken] and page.rows.num_rows
    assert page.rows.schema.equals(UPDATES if page.level == "fresh" else PAGES)
    for layer in LADDER[:broken]:
        assert some.causes[f"{layer}: {FAULTS[fault]}"] >= 1
    assert bool(page.causes) == bool(broken)


def test_page_is_the_one_that_was_published(root: Path) -> None:
    assert set(read("ann").rows["row_title"].to_pylist()) == {"Updated"}
    page = read("bob")
    assert (page.level, page.ds, page.causes) == ("base", DAY, ())
    expected = [{**row, "ds": DAY} for row in drafts.pages_of(["bob"])["bob"]]
    assert [row["row_id"] for row in page.rows.to_pylist()] == [row["row_id"] for row in expected]
    assert page.rows["cells"].to_pylist()[1][3]["title_id"] == expected[1]["cells"][3]["title_id"]


def test_yesterday_is_the_run_date_before(root: Path) -> None:
    missing(file_of(root, "fresh"))
    missing(file_of(root, "base"))
    page = read("bob")
    assert page.ds == EVE and set(page.rows["row_title"].to_pylist()) == {"Eve"}


def test_everything_broken_still_answers_with_an_empty_page(root: Path) -> None:
    for layer in releases.LAYERS:
        missing(file_of(root, layer))
    page = read()
    assert (page.level, page.rows.num_rows) == ("static", 0)
    assert page.rows.schema.equals(PAGES)


def test_nothing_was_ever_released(tmp_path: Path) -> None:
    some = Reader(tmp_path)
    page = some.read("ann", NOW)
    assert (page.level, page.release, page.ds) == ("static", None, None)
    assert some.causes["release: missing"] == 1


@pytest.mark.parametrize("fault", [missing, half_written], ids=lambda fault: fault.__name__)
def test_broken_release_is_stood_in_for_by_the_one_before(
    root: Path, lake: Path, fault: Fault
) -> None:
    first = releases.serving_id(root)
    published.update(lake, UNTIL + timedelta(minutes=10), "bob", title="Later")
    serve_pages(UNTIL + timedelta(minutes=10))
    name = releases.serving_id(root)
    assert name is not None and name != first
    fault(root / name / releases.MANIFEST)
    some = reader()
    page = some.read("ann", NOW)
    assert (page.level, page.release.release_id if page.release else None) == (
        "yesterday",
        first,
    )
    assert some.causes["release: broken"] == 1


@pytest.mark.parametrize("text", ["", "nowhere", "../..", "\x00"])
def test_pointer_to_nothing_is_no_fault(root: Path, text: str) -> None:
    (root / releases.CURRENT).write_text(text)
    assert read().level == "yesterday"


def test_budget_used_up_gives_the_page_of_the_country(root: Path) -> None:
    some = reader()
    page = some.read("ann", NOW, late=lambda: True)
    assert page.level == "popular" and page.rows.num_rows
    assert page.settings["country"] == "NO" and page.settings["maturity_limit"] == 12
    assert some.causes == {"budget: used up": 1}


def test_budget_that_ends_on_the_way_down(root: Path) -> None:
    missing(file_of(root, "fresh"))
    answers = iter([False, True])
    page = reader().read("ann", NOW, late=lambda: next(answers))
    assert page.level == "popular" and page.causes[-1] == "budget: used up"


def test_page_made_after_the_moment_of_reading_is_passed_by(root: Path) -> None:
    page = reader().read("ann", UNTIL - timedelta(minutes=1))
    assert (page.level, page.causes) == ("base", ("fresh: made after now",))


def test_settings_are_the_newest_known(root: Path, lake: Path) -> None:
    settings = read("bob").settings
    assert settings == {
        "country": "NO",
        "languages": ["no"],
        "maturity_limit": 12,
        "kids": False,
        "blocked_titles": ["hated"],
    }
    later = UNTIL + timedelta(minutes=10)
    published.settings(lake, UNTIL + timedelta(minutes=1), "bob", "new", kids=True)
    serve_pages(later)
    some = reader()
    assert [
        (page := some.read(name, later).settings) and page["kids"] for name in ("ann", "bob", "new")
    ] == [
        False,
        True,
        True,
    ]


@pytest.mark.parametrize("layer", ["changes", "settings"])
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_settings_that_cannot_be_read_are_those_of_the_strictest_child(
    root: Path, lake: Path, layer: str, fault: Fault
) -> None:
    later = UNTIL + timedelta(minutes=10)
    published.settings(lake, UNTIL + timedelta(minutes=1), "ann", maturity_limit=6)
    serve_pages(later)
    fault(file_of(root, layer))
    page = reader().read("ann" if layer == "changes" else "bob", later)
    assert (page.level, page.settings["kids"], page.settings["maturity_limit"]) == (
        "popular",
        True,
        6,
    )
    assert page.settings["country"] == ("NO" if layer == "changes" else None)
    assert page.rows.num_rows and any(cause.startswith(f"{layer}: ") for cause in page.causes)


def test_who_has_no_page_gets_that_of_the_country(root: Path, lake: Path) -> None:
    later = UNTIL + timedelta(minutes=10)
    for name, more in {
        "adult": {"maturity_limit": None},
        "child": {"kids": True, "maturity_limit": None},
        "abroad": {"country": "BR", "maturity_limit": None},
        "lost": {"country": "XX"},
    }.items():
        published.settings(lake, UNTIL + timedelta(minutes=1), name, **more)
    serve_pages(later)
    some = reader()
    page = {
        name: some.read(name, later) for name in ("adult", "child", "abroad", "lost", "stranger")
    }
    assert {one.level for one in page.values()} == {"popular"}
    assert page["stranger"].settings["kids"] is True, "it may be a child"
    pages = {name: titles_of(one) for name, one in page.items()}
    assert "t01" in pages["adult"] and "t01" not in pages["lost"], "by the windows of the country"
    ages = {
        name: max(drafts.TITLES[title]["maturity"] for title in page)
        for name, page in pages.items()
    }
    assert max(ages["child"], ages["stranger"], ages["lost"]) <= 12
    row = page["adult"].rows.to_pylist()[0]
    assert row["cells"][0]["evidence"] and row["cells"][0]["artwork_id"] and row["reason"]


def test_static_page_is_for_the_strictest_limit_in_every_country(root: Path, lake: Path) -> None:
    later = UNTIL + timedelta(minutes=10)
    assert titles_of(static_page(NOW)) >= {"t01", "t02"}
    published.settings(lake, UNTIL + timedelta(minutes=1), "toddler", maturity_limit=3)
    serve_pages(later)
    assert not static_page(later).rows.num_rows, "nothing in the shop is for so young a child"


def static_page(at: datetime) -> ReleasedPage:
    """The first page of the level static."""
    return next(page for page in reader().levels("x", at) if page.level == "static")


def test_title_whose_window_ends_soon_is_not_on_the_static_page(root: Path, lake: Path) -> None:
    row = {
        "title_id": "t02",
        "country": "NO",
        "from_at": EARLY,
        "until_at": NOW + timedelta(hours=9),
        **published.LOGGED,
    }
    published.write(lake, "availability", [row, {**row, "country": "BR", "until_at": None}])
    serve_pages(UNTIL + timedelta(minutes=10))
    page = titles_of(static_page(NOW))
    assert "t02" not in page and "t03" in page and "abroad" not in page


def test_release_that_was_removed_serves_until_the_reader_looks_again(
    root: Path, lake: Path
) -> None:
    some = reader()
    for minutes in (10, 20, 30):
        published.update(lake, UNTIL + timedelta(minutes=minutes), "bob", title=f"After {minutes}")
        serve_pages(UNTIL + timedelta(minutes=minutes))
    later = UNTIL + timedelta(minutes=35)
    assert some.read("bob", later).level == "base" and not some.causes
    assert some.reload() and some.read("bob", later).level == "fresh"
    assert not some.reload()


def test_what_the_online_step_asks_of_titles_is_there(root: Path) -> None:
    tables = reader().catalogue
    assert {"title_id", "maturity", "languages", "launched_at", "name"} <= set(
        tables["titles"].column_names
    )
    assert tables["titles"].num_rows == len(drafts.TITLES)
    assert tables["availability"].column_names == ["title_id", "country", "from_at", "until_at"]


@pytest.mark.parametrize("profile_id", ["", "\x00", "\ud800", "x" * 9000, "' OR 1=1"])
def test_any_text_may_be_asked_for(root: Path, profile_id: str) -> None:
    assert read(profile_id).level == "popular"
