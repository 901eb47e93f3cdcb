"""Files that are sound throughout land as they would by Spark, and all others do land by Spark."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from features.sources.files import layout
from jobs import ingest_events as job
from jobs.io.landing import files, sound_files
from jobs.io.landing.options import LandingOptions
from jobs.io.tables import spark as tables
from jobs.io.tables.spark import content_hash

OPTIONS = LandingOptions(None, datetime(2026, 11, 27, 12, tzinfo=UTC), 1.0)
TITLES = "title_id,name\n1,Heat\n2,Up\n"
EVENTS = (
    "profile_id,title_id,event_at,known_at,kind,value,watched_seconds,colour,country\n"
    "a,1,881250949,,,,,,NL\n"
    'b,2,1997-12-04T15:55:49Z,1997-12-06T00:00:00Z,"rating",4,,,uk\n'
    "b,2,1997-12-04T16:55:49+01:00,1997-12-05T00:00:00Z,rating,4.0,,blue,GB\n"
    "a,1,881250949,,play,,,,nl\r\n"
    '"a",2,881250949,881250949,play,,120.0,,\n'
    "d,1,1997-12-04T15:55Z,NULL,View,\\N,,,USA\n"
)
LATER = "profile_id,title_id,event_at,country\na,1,881250949,NL\na,2,881350949,\nc,2,881350950,\n"
IMPRESSIONS = (
    "page_id,profile_id,row_id,row_position,column_position,title_id,shown_at,propensity,experiment_cells\n"
    "g,a,r,1,1,1,881250949,0.04716981132075472,x:1|y:2\n"
    "g,a,r,1,1,1,881250949,0.04716981132075472,x:1|y:2\n"
    "g,a,r,1,2,2,881250949,1e-05,\n"
)
BROKEN = (  # after each a sound line, so that every reader finds its way back
    "a,1,soon,,,,,,",
    "a,1",
    "a,1,881250949,,,,,,,",
    "",
    "   ",
    'a"b"c,1,881250949,,,,,,',
    "a\x1b,1,881250949,,,,,,",
    " ,1,881250949,,,,,,",
    "caf\xe9,1,881250949,,,,,,",
    "a,1,881250949,,,2.5e3,,,",
    "a,1,881250949,,,NaN,,,",
    "a,1,881250949,,,1e999,,,",
    "a,1, 881250949 ,,PLAY,,,,nl",
    "a,1,1997-12-04T15:55,,,,,,",
    "a,1,881250949,,,,,,Mars",
    '"a",2,"881250949,1"',
    '"a ""x""",2,881250949,,,,,,',
    "a" * 100_001 + ",2,881250949,,,,,,",
    "a,2,881250949,,,,,,\r\r",
    "a,2,8812509490,,,,,,",
)
NO_LINES = [  # where a line is no record: the whole file goes the way of all others
    'profile_id,title_id,event_at\na,"1,881250949\n',
    'profile_id,title_id,event_at\n"a\nb",1,881250949\n',
    "profile_id,title_id,event_at,x\na,1,881250949," + "y" * 10_001 + "\n",
]


def write(folder: Path, **texts: str) -> Path:
    folder.mkdir(parents=True)
    for name, text in {"titles": TITLES, **texts}.items():
        (folder / f"{name}.csv").write_bytes(text.encode("latin-1"))
    return folder


def land(spark, *folders: Path, how: str = "") -> list:
    """Land folders one after the other: the receipts, and what the tables have."""
    receipts = []
    for folder in folders:
        reading = files.Reading("", how)
        landings = job.files_to_land("files", str(folder), lambda _: None, reading)
        quiet = lambda _: None  # noqa: E731
        receipts += job.ingest_events(spark, "files", landings, OPTIONS, quiet, quiet)
    names = ("events", "impressions", "titles", "quarantine")
    return [*receipts, *(content_hash(tables.read(spark, name)) for name in names)]


@pytest.mark.long
def test_both_ways_give_the_same_receipts_and_tables(spark, lake, tmp_path, monkeypatch):
    first = write(tmp_path / "first", events=EVENTS, impressions=IMPRESSIONS)
    second = write(tmp_path / "second", events=LATER, impressions=IMPRESSIONS + "g,a,r,1,3,2,9,,\n")
    appends = []
    append = sound_files.SoundFacts.append
    monkeypatch.setattr(
        sound_files.SoundFacts,
        "append",
        lambda self, *words: (appends.append(self.table), append(self, *words)),
    )
    quick = land(spark, first, second)
    assert appends == ["events", "impressions"] * 2
    monkeypatch.setenv("FRONTROW_TABLES", str(tmp_path / "other"))
    monkeypatch.setattr(sound_files, "sound_facts", lambda *_: None)
    assert land(spark, first, second) == quick
    counts = [
        (r.accepted_count, r.duplicate_count)
        for r in quick
        if hasattr(r, "file") and r.target_table != "titles"
    ]
    assert counts == [(4, 2), (2, 1), (2, 1), (1, 3)]


@pytest.mark.long
def test_ratings_that_are_the_whole_log_are_plays_both_ways_and_again(
    spark, lake, tmp_path, monkeypatch
):
    ratings = "user,item,stars,at\n" + "".join(
        f"p{n},{n % 2 + 1},{n % 5 + 1},{n}\n" for n in range(9)
    )
    names = "names: {user: profile_id, item: title_id, stars: value, at: event_at}"
    how = tmp_path / "how.yaml"
    how.write_text(
        f"tables:\n  events: [{{file: ratings.csv, {names}, constants: {{kind: rating}}}}]\n"
        "  titles: [{file: titles.csv}]\n"
    )
    first, second = write(tmp_path / "first"), write(tmp_path / "second")
    (first / "ratings.csv").write_text(ratings)
    (second / "ratings.csv").write_text(ratings + "p9,1,4,9\n")
    quick = land(spark, first, second, how=str(how))
    kinds = {
        row["kind"] for row in tables.read(spark, "events").select("kind").distinct().collect()
    }
    assert kinds == {"play"}
    monkeypatch.setenv("FRONTROW_TABLES", str(tmp_path / "other"))
    monkeypatch.setattr(sound_files, "sound_facts", lambda *_: None)
    assert land(spark, first, second, how=str(how)) == quick
    events = [r for r in quick if getattr(r, "target_table", "") == "events"]
    assert [(r.accepted_count, r.duplicate_count) for r in events] == [(9, 0), (1, 9)]


def test_broken_lines_are_quarantined_alike_and_the_rest_lands_alike(
    spark, lake, tmp_path, monkeypatch
):
    header, *lines = EVENTS.replace("\r", "").splitlines()
    mixed = [line for broken in BROKEN for line in (broken, lines[0], lines[-1])]
    folder = write(tmp_path / "mixed", events="\n".join([header, *mixed]))
    landings = [x for x in files.landings(files.in_folder(folder), layout) if x.table == "events"]
    with sound_files.database() as database:
        facts = sound_files.sound_facts(landings, database, OPTIONS.latest)
    assert set(facts.odd["line"].to_pylist()) == {2 + 3 * n for n in range(len(BROKEN))}
    quick = land(spark, folder)
    monkeypatch.setenv("FRONTROW_TABLES", str(tmp_path / "other"))
    monkeypatch.setattr(sound_files, "sound_facts", lambda *_: None)
    assert land(spark, folder) == quick
    receipt = next(receipt for receipt in quick if receipt.file == "events.csv")
    assert receipt.rejected_count > 10 and receipt.accepted_count > 4 and receipt.empty_count == 2


@pytest.mark.parametrize("text", NO_LINES)
def test_a_file_whose_lines_are_no_records_goes_the_way_of_all_others(lake, tmp_path, text):
    assert odd_lines(write(tmp_path / "files", events=text)) is None


def test_a_file_with_too_many_odd_lines_goes_the_way_of_all_others(lake, tmp_path, monkeypatch):
    folder = write(tmp_path / "files", events="profile_id,title_id,event_at\na,1,soon\na,1,9\n")
    assert odd_lines(folder) == [2]
    monkeypatch.setattr(sound_files, "MOST_ODD", 0)
    assert odd_lines(folder) is None


def odd_lines(folder: Path) -> list[int] | None:
    """The lines of a folder's events that the quick way leaves to Spark; None where it takes none."""
    landings = [x for x in files.landings(files.in_folder(folder), layout) if x.table == "events"]
    with sound_files.database() as database:
        facts = sound_files.sound_facts(landings, database, OPTIONS.latest)
    return None if facts is None else facts.odd["line"].to_pylist()


def test_the_summary_says_what_days_were_learned_and_since_when_all_this_happened(lake, tmp_path):
    folder = write(tmp_path / "files", events=EVENTS)
    landings = [x for x in files.landings(files.in_folder(folder), layout) if x.table == "events"]
    with sound_files.database() as database:
        facts = sound_files.sound_facts(landings, database, OPTIONS.latest)
        summary = facts.summary()
    assert summary.happened_from == date(1997, 12, 4)
    assert summary.days == {date(1997, 12, 4): 4, date(1997, 12, 5): 1, date(1997, 12, 6): 1}
    assert summary.newest[date(1997, 12, 6)] == datetime(1997, 12, 6, tzinfo=UTC)
