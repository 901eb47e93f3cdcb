"""Erased means gone: every byte of a home with everything in it is looked through."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable

from conf.days import end_of
from conf.errors import Rejected, UserMistake
from conf.settings import load_settings
from jobs.io.erasure import erase as erase_module
from jobs.io.erasure.erase import Erasure, erase
from jobs.io.erasure.scan import Ids, is_in_file, traces
from jobs.io.erasure.tombstones import add_tombstones, erased_among
from jobs.io.landing import sound_files
from jobs.io.landing.erased import forget_erased, without_erased
from jobs.io.published import homepage
from jobs.io.serving import releases
from jobs.io.serving.reader import Reader
from jobs.io.tables import seals
from jobs.serve_pages import serve_pages
from tests import published
from tests.published import DAY, EVE, UNTIL

LATER = UNTIL + timedelta(minutes=10)
ERASED = ["ann", "zoë ünïcode", "aaa-first"]


@pytest.fixture
def home(root: Path, lake: Path) -> Path:
    """A service with its profiles in tables, logs, two releases, quarantine, audits and reports."""
    everybody = ["ann", "bob", "cid", *ERASED[1:]]
    published.publish(lake, DAY, *everybody)
    for ds in (EVE, DAY):
        at = {"event_at": end_of(ds) - timedelta(hours=1), "known_at": end_of(ds), "ds": ds}
        row = {"title_id": "t01", "kind": "play", "landing_id": "first"}
        published.write(lake, "events", [row | at | {"profile_id": name} for name in everybody])
    published.settings(lake, datetime(1998, 2, 1, tzinfo=UTC), *everybody)
    serve_pages(UNTIL)
    published.update(lake, LATER, "ann", "bob", title="Newer")
    serve_pages(LATER)
    raw = {"target_table": "events", "file": "f.csv", "reason": "bad_instant", "landing_id": "x"}
    published.write(
        lake,
        "quarantine",
        [raw | {"line": n, "raw": f"{name},t01,yesterday"} for n, name in enumerate(everybody)],
    )
    found = {"ds": DAY, "drafts_version": 0, "content_hash": "x", "rule": "r", "passed": False}
    published.write(
        lake, "audits", [found | {"observed": "1", "examples": ["ann: row 3", "bob: row 1"]}]
    )
    folder = load_settings().home_path
    (folder / "reports").mkdir(parents=True)
    (folder / "reports" / "day.html").write_text("<p>page of ann</p>")
    (folder / "airflow" / "logs").mkdir(parents=True)
    (folder / "airflow" / "logs" / "task.log").write_text("fine\nno page for ann\nann-2 is fine\n")
    (folder / "alarms.jsonl").write_text(json.dumps({"text": "zoë ünïcode"}) + "\n{}\n")
    (folder / "world").mkdir()
    log = pa.table({"profile_id": everybody, "n": list(range(len(everybody)))})
    pq.write_table(log, folder / "world" / "sent.parquet")
    return folder


def erased(*names: str) -> Erasure:
    return erase(names or ERASED, lambda: serve_pages(LATER))


def left(home: Path, lake: Path, *names: str) -> list[Path]:
    return list(traces([home, lake], Ids(names or ERASED)))


def test_home_has_them_everywhere_before(home: Path, lake: Path) -> None:
    """What is looked through finds them where they are, or finding nothing would say nothing."""
    kinds = {str(path.relative_to(home.parent)).split("/")[1] for path in left(home, lake)}
    assert {"events", "profiles", "homepage_rows", "homepage_updates", "profile_features"} <= kinds
    assert {"quarantine", "audits", "serving", "reports", "airflow", "alarms.jsonl"} <= kinds
    for name in ("day.html", "task.log", "sent.parquet", "alarms.jsonl"):
        assert is_in_file(next(home.rglob(name)), Ids(ERASED)), name
    logs = [path for path in left(home, lake) if path.parent.name == "_delta_log"]
    assert logs, "the log has the smallest and the largest id of a file"


def test_erased_profiles_leave_no_trace(home: Path, lake: Path) -> None:
    done = erased()
    assert done.traces == [] and left(home, lake) == []
    assert done.rows["events"] == 6 and done.rows["quarantine"] == 3 and done.rows["audits"] == 1


@pytest.mark.parametrize("state", ["of a later instant", "on hold"])
def test_release_that_would_go_on_serving_is_made_anew(home: Path, lake: Path, state: str) -> None:
    root = releases.folder_of(home)
    if state == "on hold":
        serving = releases.serving_id(root)
        before = next(r for r in releases.kept_releases(root) if r.release_id != serving)
        releases.hold(root, before.release_id)
        releases.flip(root, before.release_id, serving)
    done = erase(ERASED, lambda: serve_pages(UNTIL, anew=True))
    assert done.traces == [] and left(home, lake) == []
    assert len(releases.kept_releases(root)) == 1 and not releases.is_held(root)
    assert ("the hold on the pages before has ended" in done.release) is (state == "on hold")


def test_everybody_else_has_what_they_had(home: Path, lake: Path) -> None:
    def of_bob() -> list[object]:
        pages = [homepage.page_records("bob", ds) for ds in (EVE, DAY)]
        events = DeltaTable(str(lake / "events")).to_pyarrow_table().to_pylist()
        return [*pages, sorted(str(row) for row in events if row["profile_id"] in ("bob", "cid"))]

    before = of_bob()
    served = Reader(home).read("bob", LATER).rows.to_pylist()
    erased()
    assert of_bob() == before
    assert Reader(home).read("bob", LATER).rows.to_pylist() == served
    log = (home / "airflow" / "logs" / "task.log").read_text()
    assert log == "fine\nann-2 is fine\n"
    names = pq.read_table(home / "world" / "sent.parquet")["profile_id"].to_pylist()
    assert names == ["bob", "cid"]


def test_files_that_spark_wrote_can_be_read_by_it_afterwards(spark, home: Path) -> None:
    days = home / "world" / "days"
    rows = spark.createDataFrame([(name,) for name in ("ann", "bob")], "profile_id string")
    rows.coalesce(1).write.parquet(str(days / "parquet"))
    rows.toDF("value").coalesce(1).write.text(str(days / "text"))
    for path in days.glob("text/*.txt"):
        assert path.with_name(f".{path.name}.crc").exists()  # or nothing is shown
    erased("ann")
    for name in ("parquet", "text"):
        left = spark.read.load(str(days / name), name).collect()
        assert [tuple(row) for row in left] == [("bob",)]


def test_erased_profile_has_no_page_and_one_release_is_kept(home: Path, lake: Path) -> None:
    erased()
    with pytest.raises(UserMistake, match="no page for profile 'ann'"):
        homepage.page_records("ann", DAY)
    assert len(releases.kept_releases(releases.folder_of(home))) == 1


def test_published_days_go_on_being_published(home: Path, lake: Path) -> None:
    erased()
    published.publish(lake, DAY + timedelta(days=1), "bob", title="Following")
    assert {row["row_title"] for row in homepage.page_records("bob")} == {"Following"}
    assert homepage.page_records("bob", DAY) and homepage.page_records("bob", EVE)


def test_run_that_was_cut_short_is_finished_by_the_next(
    home: Path, lake: Path, monkeypatch
) -> None:
    real, calls = erase_module.erase_from_table, []

    def cut(name: str, ids: Ids) -> int:
        calls.append(name)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return real(name, ids)

    monkeypatch.setattr(erase_module, "erase_from_table", cut)
    with pytest.raises(KeyboardInterrupt):
        erased()
    monkeypatch.undo()
    assert left(home, lake)
    # monkeypatch.undo() takes the places of this test's service away too
    monkeypatch.setenv("FRONTROW_HOME", str(home))
    monkeypatch.setenv("FRONTROW_TABLES", str(lake))
    assert erased().traces == []


def test_run_that_was_cut_short_while_it_forgot_a_tables_past_is_finished_too(
    home: Path, lake: Path, monkeypatch
) -> None:
    for name in ("events", "profiles", "homepage_rows"):
        seals.seal(name)
    monkeypatch.setattr(seals, "begin_anew", lambda name: (_ for _ in ()).throw(MemoryError))
    with pytest.raises(MemoryError):
        erased()
    monkeypatch.undo()
    monkeypatch.setenv("FRONTROW_HOME", str(home))
    monkeypatch.setenv("FRONTROW_TABLES", str(lake))
    assert erased().traces == []
    assert [seals.faults(name) for name in ("events", "profiles", "homepage_rows")] == [[]] * 3


def test_tombstones_name_nobody_and_know_everybody(home: Path, lake: Path) -> None:
    erased()
    assert erased_among(["bob", *ERASED]) == sorted(ERASED)
    text = (lake / "_erased.jsonl").read_text()
    assert text.count("\n") == 3 and "ann" not in text
    erased("ann")
    assert (lake / "_erased.jsonl").read_text() == text, "each once"


def test_tombstones_that_were_cut_short_are_refused_and_nobody_is_let_in(lake: Path) -> None:
    add_tombstones(["ann", "bob"])
    whole = (lake / "_erased.jsonl").read_text()
    (lake / "_erased.jsonl").write_text(whole[:-20])
    with pytest.raises(Rejected, match="line 2 cannot be read"):
        erased_among(["ann"])
    with pytest.raises(Rejected, match="line 2 cannot be read"):
        add_tombstones(["cid"])


def test_tombstones_stay_whole_where_the_disk_is_full(lake: Path, monkeypatch) -> None:
    add_tombstones(["ann"])

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched, pytest.raises(OSError, match="No space"):
        patched.setattr("os.fsync", full)
        add_tombstones(["bob"])
    assert erased_among(["ann", "bob"]) == ["ann"]
    add_tombstones(["bob"])
    assert erased_among(["ann", "bob"]) == ["ann", "bob"]


def test_late_delivery_of_facts_brings_nobody_back(home: Path, lake: Path) -> None:
    erased()
    with sound_files.database() as database:
        names = pa.table({"profile_id": ["bob", *ERASED, None]})
        database.register("names", names)
        database.execute("CREATE TABLE facts AS SELECT * FROM names")
        forget_erased(database)
        assert database.execute("SELECT profile_id FROM facts").fetchall() == [("bob",), (None,)]


def test_late_delivery_of_settings_brings_nobody_back(spark, lake: Path) -> None:
    add_tombstones(["ann"])
    rows = spark.createDataFrame([("ann",), ("bob",), (None,)], "profile_id string")
    assert [row["profile_id"] for row in without_erased(rows).collect()] == ["bob", None]


def test_id_is_seen_in_parquet_that_does_not_show_it(tmp_path: Path) -> None:
    path = tmp_path / "pages.parquet"
    texts = [f"nobody {number} " * 9 for number in range(500)]
    cells = pa.array([[{"text": text}] for text in [*texts, "seen by ann", *texts]])
    pq.write_table(pa.table({"cells": cells}), path, compression="gzip", write_statistics=False)
    assert not Ids(["ann"]).are_in(path.read_bytes())
    assert is_in_file(path, Ids(["ann"]))


def test_receipts_of_landings_tell_of_the_rows_that_are_there(home: Path, lake: Path) -> None:
    landing = {"landing_id": "first", "target_table": "events", "file": "f.csv", "source": "test"}
    counts = {"accepted_count": 10, "rejected_count": 1, "duplicate_count": 0}
    published.write(lake, "landings", [landing | counts])
    erased()
    (receipt,) = DeltaTable(str(lake / "landings")).to_pyarrow_table().to_pylist()
    assert (receipt["accepted_count"], receipt["rejected_count"]) == (4, 1)


def test_tables_on_an_object_store_are_refused_before_anything_changes(monkeypatch) -> None:
    monkeypatch.setenv("FRONTROW_TABLES", "s3a://bucket/tables")
    with pytest.raises(UserMistake, match="in a folder of this machine only"):
        erased()


@pytest.mark.parametrize("text", ["m1", " m1,", '"m1"', "/m1/", "m1.", "x=m1;", "m1-"])
def test_id_is_seen_wherever_it_stands_alone(text: str) -> None:
    assert Ids(["m1"]).are_in(text.encode())


@pytest.mark.parametrize("text", ["m10", "m1-0", "um1", "m1_", "0-m1"])
def test_other_id_is_not_taken_for_it(text: str) -> None:
    assert not Ids(["m1"]).are_in(text.encode())
