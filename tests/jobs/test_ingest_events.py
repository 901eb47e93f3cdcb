"""Landing on real Spark and Delta: what is accepted, what is not, and what a second landing does."""

import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable
from pyspark.sql import SparkSession

from conf.errors import Reason, Rejected, Retryable
from jobs.ingest_events import files_to_land, ingest_events
from jobs.io.landing import quarantine
from jobs.io.landing.options import LandingOptions
from jobs.io.landing.quarantine import Receipt
from jobs.io.landing.sound_files import SoundFacts
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables import spark as tables
from jobs.io.tables.fences import Superseded
from jobs.io.tables.spark import content_hash

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
BIG = "123456789012345678901234567890"
HEADER = "profile_id,title_id,event_at,known_at,kind,value,watched_seconds,episode,row_position"
TITLES = 'title_id,name,genres,year\n1,"Toy, Story",Comedy|Family,1995\n2,Heat,,1995.0\n3,"[REC]",Horror,\n'
GOOD = [
    "1,1,881250949,,,,,,",
    f"{BIG},1,1997-12-04T15:55:49Z,,rating,4,,,",
    "p 3,2,1997-12-04 16:55:49.5+01:00,1997-12-05T00:00:00Z,play,-1.5,120,S01E02,3",
]
BAD = [  # a line of events.csv, the field and the reason it is refused for
    ("", None, Reason.EMPTY_LINE),
    ("1,1,881250950", None, Reason.FIELD_COUNT),
    ("1,1,881250950,,,,,,,", None, Reason.FIELD_COUNT),
    ('1,1,881250950,,"play,,,,', None, Reason.UNCLOSED_QUOTE),
    ("1,1,881250950,,play,,,caf\\xe9,", None, Reason.BAD_ENCODING),
    ("1,1,881250950,,play,,," + "x" * 1_000_001 + ",", None, Reason.TOO_LONG),
    ("1,1,881250950,,play,,," + "x" * 10_001 + ",", "episode", Reason.TOO_LONG),
    (",1,881250950,,,,,,", "profile_id", Reason.BLANK_ID),
    ("1, \u00a0,881250950,,,,,,", "title_id", Reason.BLANK_ID),
    ("x" * 1001 + ",1,881250950,,,,,,", "profile_id", Reason.ID_TOO_LONG),
    ("1\\x00,1,881250950,,,,,,", "profile_id", Reason.CONTROL_CHARACTER),
    ("1,1,881250950,,\\x1b[2J,,,,", "kind", Reason.CONTROL_CHARACTER),
    ("1,1,,,,,,,", "event_at", Reason.MISSING_FIELD),
    ("1,1,1997-12-04T15:55:49,,,,,,", "event_at", Reason.BAD_INSTANT),
    ("1,1,1997-13-04T15:55:49Z,,,,,,", "event_at", Reason.BAD_INSTANT),
    ("1,1,881250949000000,,,,,,", "event_at", Reason.BAD_INSTANT),
    ("1,1,04/12/1997,,,,,,", "event_at", Reason.BAD_INSTANT),
    ("1,1,881250949000,,,,,,", "event_at", Reason.BAD_INSTANT),
    ("1,1,8812509490,,,,,,", "event_at", Reason.FROM_THE_FUTURE),
    ("1,1,1899-12-31T23:59:59Z,,,,,,", "event_at", Reason.BEFORE_SERVICE),
    ("1,1,881250950,881250949,,,,,", "known_at", Reason.LEARNED_BEFORE_HAPPENED),
    ("1,1,881250950,2200-01-01T00:00:00Z,,,,,", "known_at", Reason.FROM_THE_FUTURE),
    ("1,1,881250950,,,four,,,", "value", Reason.WRONG_TYPE),
    ("1,1,881250950,,,NaN,,,", "value", Reason.NOT_FINITE),
    ("1,1,881250950,,,-inf,,,", "value", Reason.NOT_FINITE),
    ("1,1,881250950,,,1e308,,,", "value", Reason.OUT_OF_RANGE),
    ("1,1,881250950,,,1e999,,,", "value", Reason.OUT_OF_RANGE),
    ("1,1,881250950,,,,-1,,", "watched_seconds", Reason.OUT_OF_RANGE),
    ("1,1,881250950,,,,1.5,,", "watched_seconds", Reason.WRONG_TYPE),
    ("1,1,881250950,,,,,,0", "row_position", Reason.OUT_OF_RANGE),
    ("1,1,881250950,,,,,,99999999999", "row_position", Reason.OUT_OF_RANGE),
]
BAD_JSON = [  # a line of profiles.jsonl
    ("[1, 2]", None, Reason.UNREADABLE),
    ('{"profile_id": "a"', None, Reason.UNREADABLE),
    ("[" * 2000, None, Reason.UNREADABLE),
    ('{"profile_id": ["a"]}', "profile_id", Reason.WRONG_TYPE),
    ('{"profile_id": 1.0}', "profile_id", Reason.WRONG_TYPE),
    ('{"profile_id": "a", "kids": "maybe"}', "kids", Reason.WRONG_TYPE),
    ('{"profile_id": "a", "blocked_titles": [{"x": 1}]}', "blocked_titles", Reason.WRONG_TYPE),
    ('{"profile_id": "\\ud800"}', "profile_id", Reason.BAD_ENCODING),
    ('{"kids": true}', "profile_id", Reason.MISSING_FIELD),
    ('{"profile_id": 1, "kids": false}', "profile_id", Reason.CONFLICTING_VERSION),
]


def _land(
    spark: SparkSession,
    folder: Path,
    known_at: datetime | None = None,
    most_refused: float = 1.0,
    told: list[str] | None = None,
) -> dict[str, Receipt]:
    options = LandingOptions(known_at, NOW, most_refused)
    landings = files_to_land("files", str(folder))
    notices = [] if told is None else told
    receipts = ingest_events(spark, "files", landings, options, lambda _: None, notices.append)
    return {receipt.file: receipt for receipt in receipts}


def _write(folder: Path, **files: str | bytes) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, body in files.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(body.encode() if isinstance(body, str) else body)
    return folder


def _bytes(line: str) -> bytes:
    """A line with its escapes \\xNN as the bytes that they name."""
    return (
        line.encode("unicode_escape")
        .decode()
        .replace("\\\\x", "\\x")
        .encode()
        .decode("unicode_escape")
        .encode("latin-1")
        if "\\x" in line
        else line.encode()
    )


def _content(spark: SparkSession, name: str) -> str:
    return content_hash(tables.read(spark, name).drop("landing_id"))


def _counts(receipt: Receipt) -> tuple[int, int, int]:
    return receipt.accepted_count, receipt.duplicate_count, receipt.rejected_count


def test_every_bad_record_is_quarantined_with_its_line_field_and_reason(
    spark, lake, tmp_path, monkeypatch
):
    lines = [HEADER.encode(), *(line.encode() for line in GOOD)]
    for line, _, _ in BAD:
        lines += [
            _bytes(line),
            GOOD[0].encode(),
        ]  # a good one after each bad one: the reader finds its way back
    profiles = ['{"profile_id": 1, "kids": true}', *(line for line, _, _ in BAD_JSON)]
    windows = "title_id,country,from_at,until_at\n1,NL,0,\n1,NL,86400,86400\n"
    folder = _write(
        tmp_path / "mixed",
        events_csv=b"\n".join(lines),
        titles_csv=TITLES,
        profiles_jsonl="\n".join(profiles),
        availability_csv=windows,
    )
    done = _land(spark, folder)

    assert _counts(done["events.csv"]) == (
        len(GOOD),
        len(BAD),
        len(BAD),
    )  # each repeated good one is a duplicate
    assert _counts(done["profiles.jsonl"]) == (1, 0, len(BAD_JSON))
    assert _counts(done["availability.csv"]) == (1, 0, 1)
    said = {
        (r["file"], r["line"]): (r["field"], r["reason"])
        for r in tables.read(spark, "quarantine").collect()
    }
    wanted = {
        ("events.csv", 5 + 2 * n): (field, reason) for n, (_, field, reason) in enumerate(BAD)
    }
    wanted |= {
        ("profiles.jsonl", 2 + n): (field, reason) for n, (_, field, reason) in enumerate(BAD_JSON)
    }
    wanted[("availability.csv", 3)] = ("until_at", Reason.OUT_OF_RANGE)
    assert said == wanted
    assert {reason for _, reason in said.values()} == set(Reason)
    mixed = _content(spark, "events")

    monkeypatch.setenv(
        "FRONTROW_TABLES", str(tmp_path / "clean")
    )  # the accepted ones are what a clean file gives
    _land(
        spark, _write(tmp_path / "good", events_csv="\n".join([HEADER, *GOOD]), titles_csv=TITLES)
    )
    assert _content(spark, "events") == mixed


def test_csv_json_lines_and_parquet_give_the_same_tables(spark, lake, tmp_path, monkeypatch):
    plain = _write(tmp_path / "csv", events_csv="\n".join([HEADER, *GOOD]), titles_csv=TITLES)
    hashes = []
    for kind, folder in {
        "csv": plain,
        "jsonl": _as_json(plain),
        "parquet": _as_parquet(plain),
    }.items():
        monkeypatch.setenv("FRONTROW_TABLES", str(tmp_path / f"lake-{kind}"))
        done = _land(spark, folder)
        assert _counts(done[f"events.{kind}"]) == (3, 0, 0)
        hashes.append((_content(spark, "events"), _content(spark, "titles")))
    assert len(set(hashes)) == 1
    assert "event_id" in tables.read(spark, "events").columns


def _columns(file: Path) -> pa.Table:
    names = file.read_text().splitlines()[0].split(",")
    kinds = {name: pa.string() for name in names}
    return pc.read_csv(
        file,
        convert_options=pc.ConvertOptions(
            column_types=kinds, strings_can_be_null=True, null_values=[""]
        ),
    )


def _as_json(plain: Path) -> Path:
    folder = _write(plain.parent / "jsonl")
    for name in ("events", "titles"):
        rows = _columns(plain / f"{name}.csv").to_pylist()
        for row in rows:
            row.update(
                {
                    k: int(v)
                    for k, v in row.items()
                    if k in ("profile_id", "title_id", "event_at") and v.isdigit()
                }
            )
            row.update({k: v.split("|") for k, v in row.items() if k == "genres" and v})
        (folder / f"{name}.jsonl").write_text("\n".join(map(json.dumps, rows)))
    return folder


def _as_parquet(plain: Path) -> Path:
    folder = _write(plain.parent / "parquet")
    events = _columns(plain / "events.csv")
    happened = [datetime.fromtimestamp(881250949 + half / 2, UTC) for half in (0, 0, 1)]
    events = events.set_column(2, "event_at", pa.array(happened, pa.timestamp("ns", "UTC")))
    events = events.set_column(6, "watched_seconds", events["watched_seconds"].cast(pa.int32()))
    titles = _columns(plain / "titles.csv")
    titles = titles.set_column(0, "title_id", titles["title_id"].cast(pa.int64()))
    genres = [v.split("|") if v else [] for v in titles["genres"].to_pylist()]
    titles = titles.set_column(2, "genres", pa.array(genres, pa.list_(pa.string())))
    titles = titles.set_column(3, "year", titles["year"].cast(pa.float64()))
    pq.write_table(events, folder / "events.parquet", row_group_size=2)
    pq.write_table(titles, folder / "titles.parquet")
    return folder


def _assert_meant(spark: SparkSession) -> None:
    """GOOD and TITLES are landed as they were meant."""
    rows = {r["profile_id"]: r for r in tables.read(spark, "events").collect()}
    assert set(rows) == {"1", BIG, "p 3"}
    assert rows["1"]["event_at"] == rows["1"]["known_at"] == datetime(1997, 12, 4, 15, 55, 49)
    assert (rows["1"]["kind"], rows["1"]["source"], rows["1"]["value"]) == ("play", "files", None)
    assert rows["p 3"]["event_at"] == datetime(1997, 12, 4, 15, 55, 49, 500_000)
    assert (str(rows["p 3"]["ds"]), rows["p 3"]["watched_seconds"]) == ("1997-12-05", 120)
    titles = {r["title_id"]: r for r in tables.read(spark, "titles").collect()}
    assert (titles["1"]["name"], titles["1"]["genres"]) == ("Toy, Story", ["Comedy", "Family"])
    assert (titles["2"]["genres"], titles["2"]["year"], titles["3"]["name"]) == (
        None,
        1995,
        "[REC]",
    )
    assert titles["1"]["known_at"] == datetime(1970, 1, 1)


def test_landing_again_changes_nothing_and_new_files_add_what_is_new(spark, lake, tmp_path):
    head, *rest = [HEADER, *GOOD]
    first = _write(
        tmp_path / "a",
        events__1_csv="\ufeff" + "\r\n".join([head, *rest[:2]]) + "\r\n",
        events__2_csv="\n".join([head, rest[2]]),
        titles_csv=TITLES,
    )
    assert sum(r.accepted_count for r in _land(spark, first).values()) == 6
    _assert_meant(spark)
    before = {name: arrow_tables.newest_version(name) for name in arrow_tables.written_tables()}
    again = _land(spark, first)
    assert {
        name: arrow_tables.newest_version(name) for name in arrow_tables.written_tables()
    } == before
    assert all(r.again and r.accepted_count == 0 for r in again.values())
    assert sum(r.duplicate_count for r in again.values()) == 6

    later = "9,1,1998-04-22T00:00:00Z,,,,,,"  # another file: one old fact, learned again later, and one new
    old = GOOD[0].replace("949,,", "949,1998-01-01T00:00:00Z,")
    more = _write(
        tmp_path / "b",
        events_csv="\n".join([head, old, later]),
        titles_csv=TITLES.replace("Heat", "Heat (1995)"),
    )
    done = _land(spark, more)
    assert _counts(done["events.csv"]) == (1, 1, 0)
    assert _counts(done["titles.csv"]) == (1, 2, 0)
    heat = {
        r["name"]: r["known_at"]
        for r in tables.read(spark, "titles").where("title_id = '2'").collect()
    }
    assert heat == {
        "Heat": datetime(1970, 1, 1),
        "Heat (1995)": datetime(1998, 4, 22),
    }  # the newest event's known_at

    third = _write(
        tmp_path / "c", titles_csv=TITLES.replace("Heat", "Heat!")
    )  # no newer event: still after the second
    _land(spark, third)
    newest = tables.read(spark, "titles").where("name = 'Heat!'").collect()[0]
    assert newest["known_at"] == datetime(1998, 4, 22, 0, 0, 0, 1)


@pytest.mark.long
def test_a_landing_cut_short_is_finished_exactly_by_the_next(spark, lake, tmp_path, monkeypatch):
    folder = _write(
        tmp_path / "in",
        events_csv="\n".join([HEADER, *GOOD, "x"]),
        titles_csv=TITLES,
        profiles_csv="profile_id,maturity_limit\n1,16\n1,?\n2,?\n",  # two are held
    )
    whole = tmp_path / "whole"
    monkeypatch.setenv("FRONTROW_TABLES", str(whole))
    _land(spark, folder)
    names = ("events", "titles", "profiles", "quarantine")
    wanted = {name: _content(spark, name) for name in names}
    counts = _accepted(whole)
    assert counts["events"] == tables.read(spark, "events").count() > 0
    assert tables.read(spark, "profiles").where("held").count() == 2
    for commits in (1, 3, 5):
        monkeypatch.setenv("FRONTROW_TABLES", str(tmp_path / f"cut-{commits}"))
        with monkeypatch.context() as patch:
            left = Counter(commits=commits)
            patch.setattr(tables, "append", _failing(tables.append, left))
            patch.setattr(SoundFacts, "append", _failing(SoundFacts.append, left))
            with pytest.raises(KeyboardInterrupt):
                _land(spark, folder)
        _land(spark, folder)
        assert {name: _content(spark, name) for name in wanted} == wanted
        assert _accepted(tmp_path / f"cut-{commits}") == counts


def _accepted(root: Path) -> dict[str, int]:
    """How many records the receipts of each table say were accepted."""
    counts: Counter[str] = Counter()
    for row in DeltaTable(str(root / "landings")).to_pyarrow_table().to_pylist():
        counts[row["target_table"]] += row["accepted_count"]
    return dict(counts)


def test_of_two_landings_at_once_one_is_refused_and_nothing_is_there_twice(
    spark, lake, tmp_path, monkeypatch
):
    folder = _write(tmp_path / "in", events_csv="\n".join([HEADER, *GOOD]), titles_csv=TITLES)
    compare = quarantine.whole_receipts

    def landed_meanwhile(landings: list) -> dict:
        """What another home finds and lands while this one reads."""
        found = compare(landings)
        monkeypatch.setattr(quarantine, "whole_receipts", compare)
        _land(spark, folder)
        return found

    monkeypatch.setattr(quarantine, "whole_receipts", landed_meanwhile)
    with pytest.raises(Superseded):
        _land(spark, folder)
    assert tables.read(spark, "events").count() == len(GOOD)
    assert tables.read(spark, "landings").count() == 2
    assert all(receipt.again for receipt in _land_files(spark, folder))


def _land_files(spark: SparkSession, folder: Path) -> list[Receipt]:
    """The receipts of all files, also of those that were landed before."""
    options, quiet = LandingOptions(None, NOW, 1.0), lambda _: None
    return ingest_events(spark, "files", files_to_land("files", str(folder)), options, quiet, quiet)


def test_landing_again_after_a_loss_adds_exactly_what_is_missing(spark, lake, tmp_path):
    folder = _write(tmp_path / "in", events_csv="\n".join([HEADER, *GOOD]), titles_csv=TITLES)
    _land(spark, folder)
    more = _write(
        tmp_path / "more", events_csv="\n".join([HEADER, "9,1,881250949,,,,,,"]), titles_csv=TITLES
    )
    _land(spark, more)
    wanted = _content(spark, "events")
    last = max((lake / "events" / "_delta_log").glob("*.json"))
    last.unlink()
    (lake / "_seals" / "events.jsonl").unlink()  # a table from before there were seals
    spark._jvm.org.apache.spark.sql.delta.DeltaLog.clearCache()
    assert tables.read(spark, "events").count() == len(GOOD)
    assert [receipt.accepted_count for receipt in _land_files(spark, more)] == [1, 0]
    assert _content(spark, "events") == wanted
    assert tables.read(spark, "landings").where("target_table = 'events'").count() == 2
    assert all(receipt.again for receipt in _land_files(spark, more))


def test_file_that_changes_while_it_is_read_is_not_landed(spark, lake, tmp_path):
    folder = _write(tmp_path / "in", events_csv="\n".join([HEADER, *GOOD]), titles_csv=TITLES)
    landings = files_to_land("files", str(folder))
    (folder / "events.csv").write_text("\n".join([HEADER, *GOOD, "9,1,881250949,,,,,,"]))
    options = LandingOptions(None, NOW, 1.0)
    with pytest.raises(Retryable, match=r"events.csv: changed while it was read"):
        ingest_events(spark, "files", landings, options, lambda _: None, lambda _: None)
    assert not arrow_tables.was_written("events") and not arrow_tables.was_written("landings")


def _failing(append: Callable[..., None], left: Counter) -> Callable[..., None]:
    def fails(*arguments: object) -> None:
        if not left["commits"]:
            raise KeyboardInterrupt
        left["commits"] -= 1
        append(*arguments)

    return fails


def test_nothing_is_later_than_the_moment_of_landing(spark, lake, tmp_path):
    folder = _write(tmp_path / "in", events_csv="\n".join([HEADER, *GOOD]), titles_csv=TITLES)
    assert (
        _land(spark, folder, datetime(1997, 12, 4, 15, 55, 49, tzinfo=UTC))[
            "events.csv"
        ].rejected_count
        == 1
    )


def test_a_file_without_one_sound_record_is_refused_and_no_table_is_made(spark, lake, tmp_path):
    latin = "title_id,name\n1,Am\xe9lie\n2,L\xe9on\n".encode("latin-1")
    folder = _write(tmp_path / "in", events_csv="\n".join([HEADER, *GOOD]), titles_csv=latin)
    with pytest.raises(Rejected, match=r"titles.csv: 2 of 2 records refused .*bad_encoding"):
        _land(spark, folder, most_refused=0.99)
    assert arrow_tables.written_tables() == []
