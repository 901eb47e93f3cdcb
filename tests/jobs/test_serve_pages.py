"""A release is complete or invisible, and never takes readers back in time."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from conf.errors import Rejected, Retryable
from conf.nearline import nearline_settings
from conf.settings import load_settings
from jobs.io.published import homepage
from jobs.io.serving import pages_of_profiles, releases
from jobs.io.serving.reader import Reader
from jobs.io.tables.arrow import whole_table as lake_of
from jobs.serve_pages import main, serve_changes, serve_pages
from tests import published
from tests.built import tables_at
from tests.published import DAY, NAMES, NOW, UNTIL

LATER = UNTIL + timedelta(minutes=10)


def serves(root: Path) -> str:
    name = releases.serving_id(root)
    assert name is not None
    return name


def inode(root: Path, name: str, layer: str) -> int:
    return releases.store_path(root, name, layer).stat().st_ino


def titles(name: str, at=NOW) -> set[str]:
    return set(Reader(load_settings().home_path).read(name, at).rows["row_title"].to_pylist())


def killed(*_: object) -> None:
    """What a process does that is killed at this point."""
    raise KeyboardInterrupt


def test_release_has_every_page_and_says_what_it_did(root: Path) -> None:
    line = serve_pages(UNTIL)
    assert (
        "2 base, 1 fresh, 2 yesterday pages" in line
        and "linked nothing" in line
        and "\n" not in line
    )
    assert sorted(path.name for path in (root / serves(root)).iterdir()) == sorted(
        [releases.MANIFEST, *(f"{layer}.sqlite" for layer in releases.LAYERS)]
    )
    assert not list(root.glob(f"{releases.MAKING}*"))


def test_nothing_is_made_where_nothing_changed(root: Path) -> None:
    serve_pages(UNTIL)
    before = serves(root)
    assert "has all of it already" in serve_pages(UNTIL)
    assert "has all of it already" in serve_pages(LATER)
    assert serves(root) == before and len(releases.kept_releases(root)) == 1


def test_unchanged_base_is_not_copied(root: Path, lake: Path) -> None:
    serve_pages(UNTIL)
    before = serves(root)
    published.update(lake, LATER, "bob")
    line = serve_pages(LATER)
    after = serves(root)
    assert "made fresh (" in line
    same = {
        layer
        for layer in releases.LAYERS
        if inode(root, before, layer) == inode(root, after, layer)
    }
    assert same == set(releases.LAYERS) - {"fresh"}


def test_next_days_base_makes_todays_the_yesterday_without_a_copy(root: Path, lake: Path) -> None:
    serve_pages(UNTIL)
    before = serves(root)
    following = DAY + timedelta(days=1)
    published.publish(lake, following, title="Following")
    published.write(lake, "title_features", _features_of(lake, following))
    at = UNTIL + timedelta(days=1)
    serve_pages(at)
    after = serves(root)
    assert inode(root, before, "base") == inode(root, after, "yesterday")
    assert titles("ann", at) == {"Following"}, "the update of the day before is in the new base"


def _features_of(lake: Path, ds):
    from deltalake import DeltaTable

    rows = (
        DeltaTable(str(lake / "title_features"))
        .to_pyarrow_table(filters=[("ds", "=", DAY)])
        .to_pylist()
    )
    return [{**row, "ds": ds} for row in rows]


def test_newest_update_of_each_profile_holds(root: Path, lake: Path) -> None:
    published.update(lake, LATER, "ann", title="Second")
    published.update(lake, UNTIL + timedelta(minutes=20), "ann", title="Third")
    serve_pages(UNTIL)
    assert titles("ann") == {"Updated"}, (
        "later ticks are not part of a release as of an earlier one"
    )
    serve_pages(LATER)
    assert titles("ann", LATER) == {"Second"}


def test_update_without_receipt_is_not_served(root: Path, lake: Path) -> None:
    published.update(lake, LATER, "bob", receipted=False, title="Cut short")
    published.update(lake, UNTIL + timedelta(minutes=20), "cid", title="After")
    at = UNTIL + timedelta(minutes=20)
    serve_pages(at)
    assert (
        "Cut short" not in titles("bob", at)
        and titles("cid", at) == {"After"}
        and titles("ann") == {"Updated"}
    )


def test_update_that_lost_rows_is_refused_and_the_old_release_serves(
    root: Path, lake: Path
) -> None:
    serve_pages(UNTIL)
    before = serves(root)
    rows = [
        {**row, "ds": LATER.date(), "tick": f"{LATER:%H%M}", "level": "fresh", "visit_at": LATER}
        for row in published.page_rows(DAY, "bob")
    ]
    version = published.write(lake, "homepage_updates", rows[:3])
    published.receipt(lake, "homepage_updates", version, rows, tick=f"{LATER:%H%M}")
    with pytest.raises(Rejected, match="3 rows were read, the receipt says 7"):
        serve_pages(LATER)
    assert serves(root) == before and not list(root.glob(f"{releases.MAKING}*"))


def test_unreceipted_base_is_not_served(root: Path, lake: Path) -> None:
    published.replace_day(lake, DAY, published.page_rows(DAY, title="Cut short"))
    serve_pages(UNTIL)
    assert "Cut short" not in titles("bob")


def test_release_without_updates_settings_or_a_day_before(
    lake: Path, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setenv("FRONTROW_HOME", str(tmp_path / "home"))
    published.catalogue(lake)
    published.publish(lake, DAY)
    line = serve_pages(UNTIL)
    assert "2 base, 0 fresh pages" in line
    page = Reader(tmp_path / "home").read("ann", NOW)
    assert (page.level, page.settings["kids"]) == ("base", False)
    assert Reader(tmp_path / "home").read("zoe", NOW).causes == ("base: no page",)


@pytest.mark.parametrize("at", ["put_in_place", "flip"])
def test_killed_before_it_serves_leaves_the_old_release(
    root: Path, lake: Path, monkeypatch, at: str
) -> None:
    """Between the rename and the flip the new folder is there whole, and still nobody sees it."""
    serve_pages(UNTIL)
    before = serves(root)
    published.update(lake, LATER, "bob", title="Later")
    with monkeypatch.context() as crash:
        crash.setattr(releases, at, killed)
        with pytest.raises(KeyboardInterrupt):
            serve_pages(LATER)
    assert serves(root) == before and "Later" not in titles("bob", LATER)
    assert len(releases.kept_releases(root)) == (2 if at == "flip" else 1)
    serve_pages(LATER)
    assert titles("bob", LATER) == {"Later"}


def test_half_written_folders_are_not_seen_and_are_cleared_away(root: Path, lake: Path) -> None:
    serve_pages(UNTIL)
    before = serves(root)
    partial = root / f"{releases.MAKING}dead"
    shutil.copytree(root / before, partial)
    (root / "20990101T000000.000000Z-aaaaaa").mkdir()
    assert [release.release_id for release in releases.kept_releases(root)] == [before]
    published.update(lake, LATER, "bob")
    serve_pages(LATER)
    assert not partial.exists() and serves(root) != "20990101T000000.000000Z-aaaaaa"


def test_so_many_releases_are_kept(root: Path, lake: Path) -> None:
    for minutes in (0, 10, 20, 30):
        at = UNTIL + timedelta(minutes=minutes)
        published.update(lake, at + timedelta(seconds=0), "bob") if minutes else None
        serve_pages(at)
    kept_releases = releases.kept_releases(root)
    assert len(kept_releases) == nearline_settings().kept_releases and kept_releases[
        0
    ].release_id == serves(root)


def test_backfill_of_an_earlier_tick_does_not_take_readers_back(root: Path, lake: Path) -> None:
    published.update(lake, LATER, "bob")
    serve_pages(LATER)
    before = serves(root)
    assert "goes on serving" in serve_pages(UNTIL)
    assert serves(root) == before


def test_release_ahead_of_the_clock_is_told_and_another_one_takes_its_place(
    root: Path, lake: Path, capsys
) -> None:
    """A clock that was a day ahead once would hold back every tick until that day is over."""
    serve_pages(LATER, now=NOW + timedelta(days=1))
    ahead = serves(root)
    assert capsys.readouterr().err == ""
    serve_pages(UNTIL, now=NOW)
    said = capsys.readouterr().err
    assert (
        said.startswith(f"alarm: clock: release {ahead}, made at 1998-04-24")
        and serves(root) != ahead
    )
    assert [release.release_id for release in releases.kept_releases(root)] == [serves(root)]
    serve_pages(UNTIL, now=NOW + timedelta(minutes=1))
    assert capsys.readouterr().err == "", "once is enough"


def test_release_of_a_moment_to_come_is_told_too(root: Path, lake: Path, capsys) -> None:
    published.update(lake, LATER, "bob")
    serve_pages(LATER, now=UNTIL - timedelta(days=1))
    capsys.readouterr()
    serve_pages(UNTIL, now=UNTIL)
    assert "alarm: clock: " in capsys.readouterr().err


def test_two_runs_at_once_are_one_after_the_other(root: Path) -> None:
    with releases.locked(root), pytest.raises(Retryable, match="another run"):
        serve_pages(UNTIL)


def test_damaged_layer_is_made_anew_not_linked(root: Path, lake: Path) -> None:
    serve_pages(UNTIL)
    path = releases.store_path(root, serves(root), "base")
    path.write_bytes(path.read_bytes()[:1000])
    published.update(lake, LATER, "bob")
    assert "made base, fresh" in serve_pages(LATER)
    assert Reader(load_settings().home_path).read("zoe", LATER).causes[0] == "base: no page"


def test_pages_are_cut_between_batches_only_at_profiles(root: Path, monkeypatch) -> None:
    monkeypatch.setattr(pages_of_profiles, "ROWS_AT_ONCE", 3)
    serve_pages(UNTIL)
    some = Reader(load_settings().home_path)
    assert [some.read(name, NOW).rows.num_rows for name in NAMES] == [7, 7]


def test_without_a_moment_all_there_is_is_served(root: Path, lake: Path) -> None:
    serve_pages()
    assert releases.kept_releases(root)[0].base_ds == DAY and titles("ann") == {"Updated"}


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (["--until", "2026-01-05"], 2, "is not an instant"),
        (["--until", "1998-04-23T21:13:00Z"], 2, "ends no tick"),
        (["--until", "1998-04-21T21:10:00Z"], 2, "no page was published of a day before"),
        (["--until", "1998-04-23T21:10:00Z"], 0, ""),
    ],
)
def test_command_says_it_in_one_line(
    root: Path, capsys, words: list[str], status: int, message: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    out, err = capsys.readouterr()
    assert ended.value.code == status and message in err and (out + err).count("\n") == 1


def test_release_of_what_the_jobs_built_has_each_page_as_it_is_published(
    spark, built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FRONTROW_HOME", str(tmp_path / "home"))
    with tables_at(built):
        serve_pages()
        names = sorted(set(lake_of("homepage_rows", ["profile_id"])["profile_id"].to_pylist()))
        some = Reader(tmp_path / "home")
        for name in names:
            page = some.read(name, NOW.replace(year=2027))
            assert page.level == "base" and page.rows.to_pylist() == homepage.page_records(name)
        assert some.read("nobody", NOW).level == "popular"
        assert len(names) > 10 and not page.causes


def landed(lake: Path, name: str, at: datetime) -> None:
    """The receipt of a landed file of profiles."""
    row = {"landing_id": name, "target_table": "profiles", "file": name, "source": "files"}
    counts = {"accepted_count": 2, "rejected_count": 0, "duplicate_count": 0, "landed_at": at}
    schema = pa.schema(
        [
            *((key, pa.string()) for key in row),
            *((key, pa.int64()) for key in list(counts)[:3]),
            ("landed_at", pa.timestamp("us", "UTC")),
        ]
    )
    write_deltalake(
        str(lake / "landings"), pa.Table.from_pylist([row | counts], schema), mode="append"
    )


def held_to(name: str) -> dict[str, Any]:
    return Reader(load_settings().home_path).read(name, NOW).settings


def test_settings_learned_after_the_moment_of_a_release_are_in_it(root: Path, lake: Path) -> None:
    published.settings(lake, UNTIL + timedelta(days=400), "bob", kids=True)
    serve_pages(UNTIL)
    assert held_to("bob")["kids"] is True
    serve_pages(UNTIL, now=UNTIL + timedelta(days=300))
    assert held_to("bob")["kids"] is False, "nobody knew it yet"


def test_change_of_settings_makes_a_release_of_its_own(root: Path, lake: Path) -> None:
    landed(lake, "first", datetime.now(UTC) - timedelta(seconds=5))
    serve_pages(UNTIL)
    before = serves(root)
    published.settings(lake, UNTIL + timedelta(days=2), "bob", maturity_limit=6)
    landed(lake, "second", datetime.now(UTC) - timedelta(seconds=5))
    line = serve_changes() or ""
    after = serves(root)
    assert "made changes, static" in line and held_to("bob")["maturity_limit"] == 6
    for layer in set(releases.LAYERS) - {"changes", "static"}:
        assert inode(root, before, layer) == inode(root, after, layer)
    release = releases.manifest(root, after)
    assert release is not None and release.of_changes
    assert [wait.records for wait in release.waits] == [2] and 5 <= release.waits[0].seconds < 60
    assert "has all of it already" in (serve_changes() or "")
    assert "has all of it already" in serve_pages(UNTIL)


def test_change_of_titles_is_in_the_release_of_changes(root: Path, lake: Path) -> None:
    serve_pages(UNTIL)
    title = {"title_id": "t00", "name": "t00", "maturity": 18, **published.LOGGED}
    published.write(lake, "titles", [{**title, "known_at": UNTIL + timedelta(days=2)}])
    assert "made catalogue" in (serve_changes() or "")
    ages = Reader(load_settings().home_path).catalogue["titles"].to_pylist()
    assert next(one for one in ages if one["title_id"] == "t00")["maturity"] == 18


def test_releases_of_changes_do_not_push_out_those_of_ticks(root: Path, lake: Path) -> None:
    serve_pages(UNTIL)
    published.update(lake, LATER, "bob")
    serve_pages(LATER)
    whole = {release.release_id for release in releases.kept_releases(root)}
    most = nearline_settings().kept_changes
    for number in range(most + 3):
        published.settings(lake, UNTIL + timedelta(days=2 + number), f"new {number}")
        serve_changes()
    names = [release.release_id for release in releases.kept_releases(root)]
    assert whole <= set(names) and len(names) == most + len(whole)
    published.update(lake, LATER + timedelta(minutes=10), "ann")
    serve_pages(LATER + timedelta(minutes=10))
    assert len(releases.kept_releases(root)) == 2 + most, "those since the older of the two"


def test_no_release_serves_and_none_is_made_of_changes(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("FRONTROW_HOME", str(tmp_path))
    assert serve_changes() is None and not releases.folder_of(tmp_path).exists()


def test_rebuilt_release_that_is_locked_is_left_to_the_next_tick(root: Path, lake: Path) -> None:
    serve_pages(UNTIL)
    published.settings(lake, UNTIL + timedelta(days=2), "bob", kids=True)
    with releases.locked(root), pytest.raises(Retryable):
        serve_changes()
