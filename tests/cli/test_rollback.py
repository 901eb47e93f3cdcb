"""`frontrow rollback`: readers get what they had before, and publishing again goes forward again."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from deltalake import DeltaTable

from cli.rollback import rollback
from conf.errors import FrontrowError, UserMistake
from conf.settings import load_settings
from jobs.io.published import homepage
from jobs.io.serving import releases
from jobs.io.serving.reader import Reader
from jobs.serve_pages import serve_pages
from tests import published
from tests.published import DAY, EVE, UNTIL

LATER = UNTIL + timedelta(minutes=10)


def said(*words: str) -> str:
    return str(CliRunner().invoke(rollback, words, catch_exceptions=False).output)


def refusal(*words: str) -> FrontrowError:
    error = CliRunner().invoke(rollback, words).exception
    assert isinstance(error, FrontrowError) and "\n" not in str(error)
    return error


def stored() -> set[str]:
    return {row["row_title"] for row in homepage.page_records("bob", DAY)}


def served() -> set[str]:
    return set(Reader(load_settings().home_path).read("bob", LATER).rows["row_title"].to_pylist())


def test_release_before_serves_again(root: Path, lake: Path) -> None:
    serve_pages(UNTIL)
    first = releases.serving_id(root)
    published.update(lake, LATER, "bob", title="Bad")
    serve_pages(LATER)
    assert served() == {"Bad"}
    assert json.loads(said("--json")) == {"release": first}
    assert releases.serving_id(root) == first and "Bad" not in served()
    assert "nothing to roll back to" in str(refusal())


def test_day_goes_back_by_one_commit_and_so_do_pages_that_are_served(
    root: Path, lake: Path
) -> None:
    serve_pages(UNTIL)
    first, good = releases.serving_id(root), stored()
    published.publish(lake, DAY, title="Bad")
    serve_pages(LATER)
    assert stored() == served() == {"Bad"}
    before = DeltaTable(str(lake / "publications")).version()
    text = said("--ds", str(DAY))
    assert (
        "homepage_rows of 1998-04-22 is version 1 again, not 2" in text
        and f"release {first} serves" in text
    )
    assert stored() == served() == good
    assert DeltaTable(str(lake / "publications")).version() == before + 1
    assert DeltaTable(str(lake / "homepage_rows")).version() == 2, "no page was written"
    assert {row["row_title"] for row in homepage.page_records("bob", EVE)} == {"Eve"}


def test_next_release_is_made_of_the_version_that_holds(root: Path, lake: Path) -> None:
    good = stored()
    published.publish(lake, DAY, title="Bad")
    serve_pages(UNTIL)
    assert "run `python -m jobs.serve_pages`" in said("--ds", str(DAY)), (
        "the only release was made of what was left"
    )
    serve_pages(LATER)
    assert served() == good == stored()


def test_published_again_after_a_rollback_holds(root: Path, lake: Path) -> None:
    published.publish(lake, DAY, title="Bad")
    said("--ds", str(DAY))
    published.publish(lake, DAY, title="Repaired")
    assert stored() == {"Repaired"}
    version = json.loads(said("--ds", str(DAY), "--json"))
    assert (version["table_version"], version["left_version"]) == (2, 3)
    assert stored() == {"Bad"}, "one version back at a time"
    said("--ds", str(DAY))
    assert stored() not in ({"Bad"}, {"Repaired"})
    assert "nothing to roll back to" in str(refusal("--ds", str(DAY)))


def test_other_day_published_after_a_rollback_changes_nothing_for_it(
    root: Path, lake: Path
) -> None:
    good = stored()
    published.publish(lake, DAY, title="Bad")
    said("--ds", str(DAY))
    published.publish(lake, DAY + timedelta(days=1), title="Following")
    assert stored() == good
    assert {row["row_title"] for row in homepage.page_records("bob")} == {"Following"}


def test_receipts_that_were_never_dated_are_older_than_all_others(root: Path, lake: Path) -> None:
    rows = published.page_rows(DAY, title="Undated")
    version = published.replace_day(lake, DAY, rows)
    published.receipt(lake, "homepage_rows", version, rows, published_at=None)
    assert stored() != {"Undated"}


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ([], "no release was made yet"),
        (["--ds", "1998-04-22"], "only version 1 was published"),
        (["--ds", "1998-05-22"], "of ds=1998-05-22 nothing was published"),
        (["--ds", "yesterday"], "is not a day of the calendar"),
    ],
)
def test_nothing_to_roll_back_to_is_one_line(root: Path, words: list[str], text: str) -> None:
    error = refusal(*words)
    assert isinstance(error, UserMistake) and error.exit_status == 2 and text in str(error)


def test_help_has_an_example() -> None:
    assert "Example: frontrow rollback --ds 2026-01-05" in said("--help")
