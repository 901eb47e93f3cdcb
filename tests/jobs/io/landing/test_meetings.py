"""Ids that meet nothing are counted, and those that look like one that is there are loud however few."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from jobs.ingest_events import files_to_land
from jobs.io.landing.log_report import LogReport, log_report
from jobs.io.landing.survey import survey

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
AT = 881250949
EVENTS = "profile_id,title_id,event_at\n"


def report(folder: Path, **files: str) -> LogReport:
    """The report of files by table."""
    folder.mkdir()
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    with survey(files_to_land("files", str(folder), lambda _: None), NOW) as database:
        return log_report(database)


def titles(*ids: str) -> str:
    return "title_id,name\n" + "".join(f"{one},A film\n" for one in ids)


@pytest.mark.parametrize(
    ("told", "there"),
    [
        ("17.0", "17"),
        ("17.", "17"),
        ("u17.0", "u17"),
        ("17.00", "017"),
        (" 17", "17"),
        ("17\u00a0", "17"),
        ("\u200b17", "17"),
        ("0000017", "17"),
        ("17", "0000017"),
        ("p07", "p7"),
        ("TT0017", "tt17"),
        ("1.234567e+06", "1234567"),
        ("2.5E7", "25000000"),
        ("'17'", "17"),
        ("{17}", "17"),
        ("Am\u00e9lie", "Ame\u0301lie"),
    ],
)
def test_one_event_in_a_thousand_that_looks_like_a_title_is_loud(lake, tmp_path, told, there):
    events = EVENTS + f"a,18,{AT}\n" * 999 + f"a,{told},{AT}\n"
    found = report(tmp_path / "in", events=events, titles=titles("18", there))
    (line,) = found.notices()[:1]
    assert line.startswith("events: 1 of 1,000 (0.1%) are of a title_id that titles lacks")
    assert f"{told!r} looks like {there!r} there" in line


@pytest.mark.parametrize(("told", "there"), [("movie-17", "17"), ("17", "tt0000017")])
def test_ids_with_and_without_letters_show_a_pair_where_they_are_many(lake, tmp_path, told, there):
    many = report(
        tmp_path / "many", events=EVENTS + f"a,{told},{AT}\n" * 2, titles=titles("18", there)
    )
    assert f"{told!r} looks like {there!r} there" in many.notices()[0]
    few = report(
        tmp_path / "few",
        events=EVENTS + f"a,18,{AT}\n" * 999 + f"a,{told},{AT}\n",
        titles=titles("18", there),
    )
    assert few.meetings[0].unknown == 1
    assert not any("looks like" in line for line in few.notices())


def test_ids_of_two_kinds_with_one_number_are_no_pair(lake, tmp_path):
    found = report(tmp_path / "in", events=f"{EVENTS}a,tt17,{AT}\n", titles=titles("m17", "18"))
    assert (found.meetings[0].unknown, found.meetings[0].near) == (1, None)


IMPRESSION = "page_id,profile_id,row_id,row_position,column_position,title_id,shown_at,artwork_id\n"


@pytest.mark.parametrize(
    ("table", "text", "column"),
    [
        ("impressions", f"{IMPRESSION}x,a,r,1,1,17.0,{AT},c\n", "title_id"),
        ("impressions", f"{IMPRESSION}x,a.0,r,1,1,17,{AT},c\n", None),
        ("impressions", f"{IMPRESSION}x,0007,r,1,1,17,{AT},c\n", "profile_id"),
        ("impressions", f"{IMPRESSION}x,7,r,1,1,17,{AT},c.\n", None),
        ("impressions", f"{IMPRESSION}x,7,r,1,1,17,{AT}, c\n", "artwork_id"),
        ("availability", "title_id,country,from_at\n017,US,9\n", "title_id"),
        ("artwork", "title_id,artwork_id\n17 ,c2\n", "title_id"),
        ("profiles", "profile_id,blocked_titles\n7,18|17.0\n", "blocked_titles"),
    ],
)
def test_each_table_that_names_an_id_is_looked_at(lake, tmp_path, table, text, column):
    files = {
        "events": f"{EVENTS}7,17,{AT}\n",
        "titles": titles("17", "18"),
        "profiles": "profile_id\n7\n",
        "artwork": "title_id,artwork_id\n17,c\n",
    }
    if table == "artwork":
        text += "17,c\n"
    found = report(tmp_path / "in", **files | {table: text})
    alike = [(m.table, m.column) for m in found.meetings if m.alike]
    assert alike == ([(table, column)] if column else [])


def test_two_ids_of_one_log_that_look_like_each_other_are_told(lake, tmp_path):
    events = f"{EVENTS}7,17,{AT}\n7.0,17,{AT}\nA,17,{AT}\na,17,{AT}\n8,17,{AT}\n"
    found = report(tmp_path / "in", events=events, titles=titles("17"))
    assert found.notices()[0] == (
        "events: 2 of its profile_id look like another of them, as '7' and '7.0':"
        " ids are kept as they come, and are two"
    )
    sound = report(tmp_path / "b", events=f"{EVENTS}7,17,{AT}\n8,17,{AT}\n", titles=titles("17"))
    assert sound.twins == () and not any("look" in line for line in sound.notices())
