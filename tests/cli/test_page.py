"""`frontrow page` on a small published lake that deltalake wrote: no Spark."""

import json
import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from click.testing import CliRunner
from deltalake import write_deltalake

from cli.page import page, titles_line
from conf.errors import FrontrowError, Rejected, UserMistake
from conf.pages import pages
from jobs.io.published import homepage
from jobs.io.serving.page_view import page as shown_page
from jobs.serve_pages import serve_pages
from tests import drafts, published
from tests.published import EARLY, NOW, UNTIL

HOSTILE = "\x1b[31m[bold]:smile:\u202e\nline two"


@pytest.fixture
def shop(lake: Path) -> Path:
    """Pages of ann and bob, published on two days; one title has a hostile name."""
    made = drafts.pages_of(["ann", "bob"])
    publish(lake, 0, [{**row, "ds": date(1998, 4, 21)} for rows in made.values() for row in rows])
    publish(lake, 1, [{**row, "ds": drafts.DS} for rows in made.values() for row in rows])
    names = {title: HOSTILE if title == "t00" else f"Film {title}" for title in drafts.TITLES}
    early = datetime(1998, 1, 1, tzinfo=UTC)
    rest = {"known_at": early, "landing_id": "1", "year": 1995, "genres": ["Drama"]}
    titles = [{"title_id": t, "name": name, **rest} for t, name in names.items()]
    later = {
        **titles[1],
        "name": "Renamed afterwards",
        "known_at": datetime(1999, 1, 1, tzinfo=UTC),
    }
    write_deltalake(str(lake / "titles"), pa.Table.from_pylist([later, *titles]))
    return lake


def publish(
    lake: Path, version: int, rows: list[dict[str, Any]], receipted: bool = True, claimed: int = 0
) -> None:
    table = pa.Table.from_pylist(rows)
    write_deltalake(str(lake / "homepage_rows"), table, mode="append", partition_by=["ds"])
    receipt = {
        "table_name": "homepage_rows",
        "table_version": version,
        "rows_count": claimed or len(rows),
        "profiles_count": 2,
        "content_hash": "x",
        "ds": rows[0]["ds"],
    }
    if receipted:
        write_deltalake(str(lake / "publications"), pa.Table.from_pylist([receipt]), mode="append")


def shown(*arguments: str, width: int = 100) -> str:
    done = CliRunner().invoke(page, arguments, env={"COLUMNS": str(width)}, catch_exceptions=False)
    return str(done.output)


def refusal(*arguments: str) -> FrontrowError:
    error = CliRunner().invoke(page, arguments).exception
    assert isinstance(error, FrontrowError) and "\n" not in str(error)
    return error


def test_page_prints_every_row_with_titles_and_reason(shop: Path) -> None:
    text = shown("--profile", "ann")
    assert "Profile ann on 1998-04-22, tv: 7 rows" in text
    assert "Top Picks for You  (Ranked for you by what you played)" in text
    assert "Because You Watched Name seen  (You watched Name seen on April 22, 1998)" in text
    assert "Film t01 · Film t02" in text, "names as they were known on the day"


def test_html_is_written_and_holds_the_page(shop: Path, tmp_path: Path) -> None:
    file = tmp_path / "deep" / "page.html"
    assert shown("--profile", "ann", "--html", str(file)).strip() in ("", f"written to {file}")
    text = file.read_text()
    assert "Because You Watched Name seen" in text and "Film t01" in text and "1995 · Drama" in text


def test_what_settings_forbid_since_is_left_out_and_said(shop: Path) -> None:
    row = {
        "profile_id": "ann",
        "blocked_titles": ["t01"],
        "known_at": datetime(1998, 4, 23, 8, tzinfo=UTC),
        "landing_id": "1",
    }
    write_deltalake(str(shop / "profiles"), pa.Table.from_pylist([row]))
    text = shown("--profile", "ann")
    assert (
        "Film t01" not in text
        and "Removed since the page was built: 1 title blocked by the profile" in text
    )
    assert "Film t01" in shown("--profile", "ann", "--at", "1998-04-23T07:00:00Z")
    assert json.loads(shown("--profile", "ann", "--json"))["removed"][0]["title_id"] == "t01"


def test_lines_fit_the_width(shop: Path) -> None:
    text = shown("--profile", "ann", width=40)
    assert max(map(len, text.splitlines())) <= 40
    assert "+" in text


def test_names_cannot_steer_the_terminal(shop: Path) -> None:
    text = shown("--profile", "ann")
    assert " [31m[bold]:smile:  line two" in text
    assert all(char.isprintable() or char == "\n" for char in text)


def test_json_is_the_page_cut_to_the_device(shop: Path) -> None:
    found = json.loads(
        shown("--profile", "bob", "--ds", "1998-04-21", "--device", "phone", "--json")
    )
    assert (found["profile_id"], found["ds"], found["device"]) == ("bob", "1998-04-21", "phone")
    assert len(found["rows"]) <= pages().devices["phone"].rows
    assert found["rows"][1]["cells"][0] == {
        "column_position": 1,
        "title_id": "t00",
        "name": HOSTILE,
        "evidence": "30 plays in the last 30 days",
        "artwork_id": "title-card",
    }


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["--profile", "zoe"],
            "no page for profile 'zoe' on 1998-04-22; 2 profiles have one, for example ann, bob",
        ),
        (["--profile", "ann", "--ds", "1998-05-01"], "published days: 1998-04-21, 1998-04-22"),
        (["--profile", "ann", "--ds", "yesterday"], "is not a day of the calendar"),
        (["--profile", "ann", "--device", "fridge"], "tv, web, phone"),
    ],
)
def test_mistake_is_one_line_that_names_what_there_is(
    shop: Path, arguments: list[str], said: str
) -> None:
    error = refusal(*arguments)
    assert isinstance(error, UserMistake) and said in str(error)


def test_before_any_publication_it_says_what_to_run(lake: Path) -> None:
    assert "make demo" in str(refusal("--profile", "ann"))


def test_unreceipted_commit_is_not_seen(shop: Path) -> None:
    rows = drafts.pages_of(["ann"])["ann"]
    publish(
        shop, 2, [{**row, "ds": drafts.DS, "row_position": 9} for row in rows[:1]], receipted=False
    )
    assert len(homepage.page_records("ann", drafts.DS)) == len(rows)


def test_day_that_disagrees_with_its_receipt_is_refused(shop: Path) -> None:
    rows = drafts.pages_of(["ann"])["ann"]
    publish(shop, 2, [{**row, "ds": date(1998, 4, 23)} for row in rows], claimed=99)
    with pytest.raises(Rejected, match="has 7 rows, its receipt says 99"):
        shown_page("ann")


def test_lost_commits_are_noticed(shop: Path) -> None:
    publish(shop, 7, [{**drafts.pages_of(["ann"])["ann"][0], "ds": date(1998, 4, 23)}])
    with pytest.raises(Rejected, match="commits were lost"):
        shown_page("ann")


@pytest.mark.parametrize(
    ("width", "line"),
    [(30, "One · Two · Three"), (16, "One · Two  +1"), (8, "One  +2"), (5, "…  +2"), (3, "…  +2")],
)
def test_line_holds_as_many_names_as_fit(width: int, line: str) -> None:
    assert titles_line([{"name": name} for name in ("One", "Two", "Three")], width).endswith(
        line[-4:]
    )


def test_served_page_is_of_the_release(root: Path) -> None:
    serve_pages(UNTIL)
    at = ("--at", NOW.isoformat())
    record = json.loads(shown("--profile", "ann", "--served", "--json", *at))
    assert (record["level"], record["causes"]) == ("fresh", [])
    assert record["rows"][0]["cells"][0]["name"].startswith("Name ")
    assert "The page is of level popular: base: no page" in shown(
        "--profile", "nobody", "--served", *at
    )


def test_page_of_a_log_that_has_ended_is_read_at_its_end_also_out_of_a_release(
    root: Path, lake: Path
) -> None:
    learned = {"event_at": UNTIL, "known_at": UNTIL, "ds": UNTIL.date(), "landing_id": "last"}
    published.write(lake, "events", [learned | {"profile_id": "bob", "title_id": "t01"}])
    closed = {
        "title_id": "t01",
        "country": "NO",
        "from_at": EARLY,
        "until_at": NOW.replace(year=1999),
    }
    published.write(lake, "availability", [closed | published.LOGGED])
    serve_pages()
    of_tables, served = (
        json.loads(shown("--profile", "bob", "--json", *words)) for words in ((), ("--served",))
    )
    titles = [
        [cell["title_id"] for row in page["rows"] for cell in row["cells"]]
        for page in (of_tables, served)
    ]
    assert titles[0] == titles[1] and "t01" in titles[1]


def test_served_page_out_of_redis(
    root: Path, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FRONTROW_REDIS", redis_url)
    serve_pages(UNTIL)
    shutil.rmtree(root)
    assert (
        json.loads(shown("--profile", "bob", "--served", "--json", "--at", NOW.isoformat()))[
            "level"
        ]
        == "base"
    )


def test_served_without_a_release_or_with_a_day_is_a_users_mistake(root: Path) -> None:
    assert "no release was made yet" in str(refusal("--profile", "ann", "--served"))
    assert "give one of them" in str(refusal("--profile", "ann", "--served", "--ds", "1998-04-22"))
