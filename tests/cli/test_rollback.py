"""`frontrow rollback`: readers get what they had before, and publishing again goes forward again."""

import json
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner
from deltalake import DeltaTable

from benchmarks.trust import made
from cli.rollback import rollback
from conf.errors import FrontrowError, Rejected, UserMistake
from conf.settings import load_settings
from jobs.io.published import homepage, ranker_holds, rollbacks
from jobs.io.published.updates import newest_update
from jobs.io.serving import releases
from jobs.io.serving.reader import Reader
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables import fences
from jobs.io.tables.fences import Superseded
from jobs.serve_pages import serve_pages
from tests import published
from tests.published import DAY, EVE, NOW, UNTIL

LATER = UNTIL + timedelta(minutes=10)


def said(*words: str) -> str:
    return str(CliRunner().invoke(rollback, words, catch_exceptions=False).output)


def refusal(*words: str) -> FrontrowError:
    error = CliRunner().invoke(rollback, words).exception
    assert isinstance(error, FrontrowError) and "\n" not in str(error)
    return error


def stored() -> set[str]:
    return {row["row_title"] for row in homepage.page_records("bob", DAY)}


def served_to(profile_id: str) -> set[str]:
    read = Reader(load_settings().home_path).read(profile_id, LATER)
    return set(read.rows["row_title"].to_pylist())


def served() -> set[str]:
    return served_to("bob")


def plain(ds: date = DAY) -> set[str]:
    """What somebody finds who opens the table by its path and knows nothing of receipts."""
    path = str(published_path())
    rows = DeltaTable(path).to_pyarrow_table(filters=[("ds", "=", ds)], columns=["row_title"])
    return set(rows["row_title"].to_pylist())


def published_path() -> Path:
    return Path(arrow_tables.deltalake_path("homepage_rows"))


def test_release_before_serves_and_stays_until_the_hold_is_lifted(root: Path, lake: Path) -> None:
    serve_pages(UNTIL)
    first = releases.serving_id(root)
    published.update(lake, LATER, "bob", title="Bad")
    serve_pages(LATER)
    assert served() == {"Bad"}
    assert json.loads(said("--json")) == {"release": first, "on_hold": True}
    assert releases.serving_id(root) == first and "Bad" not in served()
    assert "nothing to roll back to" in str(refusal())
    assert "on hold" in serve_pages(LATER) and "Bad" not in served()
    published.settings(lake, NOW, "bob", blocked_titles=["t02"])
    assert "made changes" in serve_pages(LATER), "what was learned of profiles holds all the same"
    assert "Bad" not in served() and releases.is_held(root)
    said("--lift")
    serve_pages(LATER)
    assert served() == {"Bad"}
    assert "is not on hold" in str(refusal("--lift"))


def test_day_goes_back_for_whoever_reads_it_and_so_do_pages_that_are_served(
    root: Path, lake: Path
) -> None:
    serve_pages(UNTIL)
    good = stored()
    published.publish(lake, DAY, title="Bad")
    serve_pages(LATER)
    bad = releases.serving_id(root)
    assert stored() == served() == plain() == {"Bad"}
    text = said("--ds", str(DAY))
    assert "homepage_rows of 1998-04-22 is as in version 1 again, not as in 2" in text
    assert stored() == served() == plain() == good
    assert plain(EVE) == {"Eve"}, "other days stay"
    assert bad not in {release.release_id for release in releases.kept_releases(root)}
    with pytest.raises(Rejected, match=r"on hold; `frontrow rollback --ds 1998-04-22 --lift`"):
        rollbacks.refuse_held(homepage.publication_receipts(), (DAY, None))
    said("--ds", str(DAY), "--lift")
    rollbacks.refuse_held(homepage.publication_receipts(), (DAY, None))
    assert stored() == plain() == good


def test_only_release_of_a_day_that_went_back_serves_no_longer(root: Path, lake: Path) -> None:
    serve_pages(LATER)
    bad = releases.serving_id(root)
    outcome = json.loads(said("--ds", str(DAY), "--json"))
    assert outcome["restored_version"] is None and outcome["note"] == ""
    assert outcome["release"] == releases.serving_id(root) != bad
    assert served() == {"Eve"}
    assert [release.release_id for release in releases.kept_releases(root)] == [outcome["release"]]


def test_each_rollback_goes_to_what_was_never_given_up_and_at_last_to_no_pages(
    root: Path, lake: Path
) -> None:
    good = stored()
    published.publish(lake, DAY, title="Bad")
    said("--ds", str(DAY))
    published.publish(lake, DAY, title="Worse")
    assert stored() == {"Worse"}
    outcome = json.loads(said("--ds", str(DAY), "--json"))
    assert (outcome["restored_version"], outcome["left_version"]) == (1, 4)
    assert stored() == plain() == good
    assert "has no pages any more" in said("--ds", str(DAY))
    assert plain() == set() and plain(EVE) == {"Eve"}
    assert {row["row_title"] for row in homepage.page_records("bob")} == {"Eve"}
    assert "nothing is published any more" in str(refusal("--ds", str(DAY)))
    published.publish(lake, DAY, title="Repaired")
    assert stored() == {"Repaired"}


def test_ticks_built_on_a_day_are_withdrawn_with_it(root: Path, lake: Path) -> None:
    published.publish(lake, DAY, title="Bad")
    published.update(lake, LATER, "ann", title="Made of bad")
    for at in (UNTIL, LATER):
        published.tick_receipt(lake, at, built_on=DAY)
    serve_pages(LATER)
    assert served_to("ann") == {"Made of bad"}
    outcome = json.loads(said("--ds", str(DAY), "--json"))
    assert len(outcome["withdrawn_ticks"]) == 2
    updates = DeltaTable(str(lake / "homepage_updates"))
    assert updates.count() == 0 and DeltaTable(str(lake / "ticks")).count() == 0
    assert newest_update("ann", DAY, LATER) is None
    assert served_to("ann") == stored() != {"Bad"}


def test_tick_goes_back_alone(root: Path, lake: Path) -> None:
    published.update(lake, LATER, "ann", title="Bad")
    before = newest_update("ann", DAY, UNTIL)
    assert before is not None and set(before["row_title"].to_pylist()) == {"Updated"}
    text = said("--tick", LATER.isoformat())
    assert f"homepage_updates of {LATER.date()} {LATER:%H%M} has no pages any more" in text
    now = newest_update("ann", DAY, LATER)
    assert now is not None and set(now["row_title"].to_pylist()) == {"Updated"}
    assert set(
        DeltaTable(str(lake / "homepage_updates")).to_pyarrow_table()["tick"].to_pylist()
    ) == {f"{UNTIL:%H%M}"}


def test_publication_that_slept_meanwhile_is_refused(root: Path, lake: Path) -> None:
    published.publish(lake, DAY, title="Bad")
    asleep = [
        fences.taken("homepage_rows", {"ds": DAY}),
        rollbacks.receipt_fence("homepage_rows", {"ds": DAY}),
    ]
    said("--ds", str(DAY))
    for fence in asleep:
        table = arrow_tables.open_table(fence.table)
        assert table is not None
        with pytest.raises(Superseded):
            fences.properties(table, fence)


def test_ranker_goes_back_and_none_is_promoted_until_the_hold_is_lifted(
    root: Path, lake: Path
) -> None:
    """A day's rankers are in one file, which the rollback writes again."""
    for number, ds in enumerate((EVE, DAY)):
        both = made.rows("rankers", ds, Random(number), 2).to_pylist()
        for row, name in zip(both, ("pvr", "rows"), strict=True):
            row |= {"ranker": name, "ranker_id": f"{name}-{number}", "promoted": True}
        published.write(lake, "rankers", [row | {"reason": "good"} for row in both])
    outcome = json.loads(said("--ranker", "pvr", "--json"))
    assert (outcome["left_ranker"], outcome["serves"]) == ("pvr-1", "pvr-0")
    trained = [{"ranker": name, "promoted": True, "reason": "good"} for name in ("pvr", "other")]
    assert [record["promoted"] for record in ranker_holds.kept_back(trained)] == [False, True]
    assert ranker_holds.given_up_ids() == {"pvr-1"}
    said("--ranker", "pvr", "--lift")
    assert [record["promoted"] for record in ranker_holds.kept_back(trained)] == [True, True]
    assert "popularity serves and not pvr-0" in said("--ranker", "pvr")
    assert "no ranker 'pvr' is promoted" in str(refusal("--ranker", "pvr"))


def test_next_release_is_made_of_the_version_that_holds(root: Path, lake: Path) -> None:
    good = stored()
    published.publish(lake, DAY, title="Bad")
    serve_pages(UNTIL)
    said("--ds", str(DAY))
    assert served() == good == stored()


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
        (["--ds", "1998-05-22"], "of ds=1998-05-22 nothing was published"),
        (["--ds", "yesterday"], "is not a day of the calendar"),
    ],
)
def test_nothing_to_roll_back_to_is_one_line(root: Path, words: list[str], text: str) -> None:
    error = refusal(*words)
    assert isinstance(error, UserMistake) and error.exit_status == 2 and text in str(error)


def test_help_has_an_example() -> None:
    assert "Example: frontrow rollback --ds 2026-01-05" in said("--help")
