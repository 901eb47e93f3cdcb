"""A landing of which too much is refused stops, and what is refused of settings is said and held."""

from datetime import datetime, timedelta

import pytest

from conf.errors import Reason, Rejected
from jobs.io.landing.refusal import looks_like
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables import spark as tables
from tests import landed

MILLIS = "profile_id,title_id,event_at\n" + "".join(
    f"p{n:02d},t001,{1743294600000 + n}\n" for n in range(30)
)
NO_GENRES = "titles: 20 of 20 have no genre: there are no rows of genres for them"


def test_a_file_that_is_mostly_refused_stops_the_landing_and_says_what_it_looks_like(
    spark, lake, tmp_path
):
    events = MILLIS + "p01,t001,1743294600\n"
    folder = landed.write(tmp_path / "in", events=events, titles=landed.titles())
    with pytest.raises(Rejected) as stopped:
        landed.land(spark, folder, most_refused=0.01)
    text = str(stopped.value)
    assert stopped.value.exit_status == 65 and "\n" not in text
    assert text.startswith("events.csv: 30 of 31 records refused (96.77% of it, more than 1.00%)")
    assert "bad_instant of event_at (30), as in line 2: p00,t001,1743294600000" in text
    assert "these look like milliseconds" in text and "--most-refused" in text
    assert arrow_tables.written_tables() == []
    receipts, _ = landed.land(spark, folder, most_refused=30 / 31)
    assert (receipts["events"].accepted_count, receipts["events"].rejected_count) == (1, 30)


def test_settings_that_are_refused_are_what_the_message_begins_with(spark, lake, tmp_path):
    broken = [
        {"profile_id": f"kid{n}", "country": "US", "maturity_limit": "adult", "kids": "true"}
        for n in (1, 2)
    ]
    folder = landed.service(
        tmp_path / "in", events=MILLIS, profiles=[*landed.profiles(), *broken, *broken[:1]]
    )
    with pytest.raises(Rejected) as stopped:
        landed.land(spark, folder, most_refused=0.01)
    begin = (
        "profiles.csv: 3 of 33 records refused, and they restrict what is shown: 2 profiles would"
    )
    assert str(stopped.value).startswith(begin)
    assert "wrong_type of maturity_limit (3), as in line 32: kid1,US,adult,true" in str(
        stopped.value
    )
    assert arrow_tables.written_tables() == []


def test_one_percent_is_landed_and_more_is_not(spark, lake, tmp_path):
    lines = [
        "title_id,name",
        "",
        *(f"t{n},Film {n}" for n in range(99)),
        " ",
    ]  # empty ones say nothing
    one = landed.write(tmp_path / "one", events=landed.plays(1), titles="\n".join([*lines, "x"]))
    assert landed.land(spark, one, 0.01)[0]["titles"].rejected_count == 3
    two = landed.write(tmp_path / "two", titles="\n".join([*lines, "x", "y"]))
    with pytest.raises(Rejected, match=r"titles.csv: 2 of 101 records refused"):
        landed.land(spark, two, 0.01)


@pytest.mark.parametrize(
    ("table", "field", "reason", "raw", "hint"),
    [
        ("events", "event_at", Reason.BAD_INSTANT, "p,t,1743294600000", "milliseconds"),
        ("events", "event_at", Reason.BAD_INSTANT, "p,t,1743294600000000", "microseconds"),
        ("events", "event_at", Reason.BAD_INSTANT, "p,t,2025-03-30T20:00:00", "without a zone"),
        ("events", "event_at", Reason.BAD_INSTANT, "p,t,1743294600000000000", "nanoseconds"),
        ("events", "event_at", Reason.BAD_INSTANT, "p,t,03/30/2025 14:00", "in another order"),
        ("events", "event_at", Reason.BAD_INSTANT, "p,t,30.3.25", "in another order"),
        ("events", "event_at", Reason.BAD_INSTANT, 'p,t,"Sun, 30 Mar 2025"', "dates in words"),
        ("events", "event_at", Reason.BAD_INSTANT, "p,t,March 3rd 2025", "dates in words"),
        ("titles", "name", Reason.BAD_ENCODING, r"1,Am\xe9lie", "--map: encoding"),
        ("titles", None, Reason.BAD_ENCODING, r"1,Am\xe9lie", "--map: encoding"),
        ("events", "value", Reason.WRONG_TYPE, r"p,t,1743294600,\N", r"\N looks like a missing"),
        ("titles", "year", Reason.WRONG_TYPE, r"t,A,\N", r"\N looks like a missing"),
        ("events", "kind", Reason.OUT_OF_RANGE, "p,t,1743294600,view", "kind is one of play, rat"),
        ("titles", "kind", Reason.OUT_OF_RANGE, "t,A,movie", "kind is one of film, series"),
    ],
)
def test_what_is_plain_is_named(table, field, reason, raw, hint):
    assert hint in looks_like(table, reason, field, raw)


@pytest.mark.parametrize("raw", ["p,t,2025-03-30T20:00:00Z", "p,t,2025-03-30 20:00+01", "p,t,12"])
def test_what_is_not_plain_is_not_guessed(raw):
    assert looks_like("events", Reason.BAD_INSTANT, "event_at", raw) == ""
    assert looks_like("events", Reason.FIELD_COUNT, None, "p,t,1743294600000") == ""
    assert looks_like("events", Reason.WRONG_TYPE, "value", "p,t,03/30/2025,x") == ""


def test_refused_settings_are_held_and_said(spark, lake, tmp_path):
    broken = [
        {"profile_id": "kid1", "country": "US", "maturity_limit": "some", "kids": "true"},
        {"profile_id": "kid2", "country": "US", "maturity_limit": "TV-Y7", "kids": "TRUE"},
        {"profile_id": "p01", "country": "US", "maturity_limit": "", "kids": "maybe"},
    ]
    text = landed.write(tmp_path / "p", profiles=[*landed.profiles(), *broken]) / "profiles.csv"
    lines = text.read_text() + "p20,US\n" + '"p02,US,,false\n' + ",US,7,true\n"
    folder = landed.service(tmp_path / "in", profiles=lines)
    receipts, told = landed.land(spark, folder)
    profiles = receipts["profiles"]
    assert (profiles.accepted_count, profiles.rejected_count, profiles.held_count) == (31, 5, 3)
    assert told == [
        "profiles.csv: 5 of 36 records refused, and they restrict what is shown: 3 profiles are"
        " held to the strictest that is known, until a sound record comes; of 2 the profile_id"
        " cannot be read, and nothing is held",
        NO_GENRES,
    ]
    found = {
        name: landed.newest(spark, "profiles", "profile_id", name)
        for name in ("kid1", "kid2", "p01", "p20")
    }
    settings = {n: (r["held"], r["maturity_limit"], r["kids"]) for n, r in found.items()}
    assert settings == {
        "kid1": (True, 12, True),
        "kid2": (None, 7, True),
        "p01": (True, 12, False),
        "p20": (True, 7, True),
    }
    assert found["kid1"]["known_at"] == datetime(1970, 1, 1)
    assert found["p20"]["country"] == "US" and found["kid1"]["country"] == "US"

    receipts, _ = landed.land(spark, folder)  # again: nothing changes
    assert receipts["profiles"].again and tables.read(spark, "profiles").count() == 34
    sound = "profile_id,maturity_limit,kids\nkid1,,false\n"
    landed.land(spark, landed.write(tmp_path / "later", profiles=sound))
    row = landed.newest(spark, "profiles", "profile_id", "kid1")
    assert (row["held"], row["maturity_limit"], row["country"]) == (None, None, "US")
    assert row["known_at"] == landed.LAST.replace(tzinfo=None)


def test_a_window_that_is_refused_closes_what_it_spoke_of(spark, lake, tmp_path):
    windows = (
        "title_id,country,from_at,until_at\n"
        "t018,US,2025-01-01T00:00:00Z,2025-01-31\n"  # no zone
        "t010,us,2025-01-01T00:00:00Z,\n"
        "t011,Atlantis,2025-01-01T00:00:00Z,\n"
        "t012,US\n"
    )
    folder = landed.service(tmp_path / "in", availability=windows)
    receipts, told = landed.land(spark, folder)
    assert (receipts["availability"].rejected_count, receipts["availability"].held_count) == (3, 3)
    assert told[0].startswith("availability.csv: 3 of 4 records refused, and they restrict")
    rows = {r["title_id"]: r for r in tables.read(spark, "availability").collect()}
    closed = {t: (r["country"], r["held"], r["until_at"]) for t, r in rows.items()}
    start, always = datetime(2025, 1, 1), datetime(1970, 1, 1)
    assert closed == {
        "t018": ("US", True, start),
        "t010": ("US", None, None),
        "t011": ("ZZ", True, always),
        "t012": ("ZZ", True, always),
    }
    mended = windows.replace("2025-01-31", "2025-01-31T00:00:00Z").splitlines()[:2]
    later = landed.write(tmp_path / "later", availability="\n".join(mended))
    landed.land(spark, later)
    row = landed.newest(spark, "availability", "title_id", "t018")
    assert (row["held"], row["until_at"]) == (None, datetime(2025, 1, 31))


def test_a_rating_that_is_refused_leaves_no_lower_age_in_force(spark, lake, tmp_path):
    landed.land(spark, landed.service(tmp_path / "in"))
    later = landed.write(tmp_path / "later", titles="title_id,maturity\nt000,adults\nt001,18+\n")
    receipts, _ = landed.land(spark, later)
    assert (receipts["titles"].accepted_count, receipts["titles"].held_count) == (1, 1)
    for name, held in (("t000", True), ("t001", None)):
        row = landed.newest(spark, "titles", "title_id", name)
        assert (row["maturity"], row["held"], row["name"]) == (18, held, f"Film {int(name[1:])}")


def test_a_version_with_some_columns_changes_only_these(spark, lake, tmp_path):
    landed.land(spark, landed.service(tmp_path / "in"))
    later = landed.write(
        tmp_path / "later",
        profiles="profile_id,country\np10,DE\n",
        titles="title_id,name\nt001,B\n",
    )
    landed.land(spark, later, known_at=landed.LAST + timedelta(hours=1))
    row = landed.newest(spark, "profiles", "profile_id", "p10")
    assert (row["country"], row["maturity_limit"], row["kids"]) == ("DE", 7, True)
    row = landed.newest(spark, "titles", "title_id", "t001")
    assert (row["name"], row["maturity"]) == ("B", 6)
    (later / "profiles.csv").unlink()
    (later / "titles.csv").unlink()
    (later / "profiles.jsonl").write_text(
        '{"profile_id": "p10", "maturity_limit": null}\n{"profile_id": "p20", "country": "GB"}\n'
    )
    landed.land(spark, later)
    row = landed.newest(spark, "profiles", "profile_id", "p10")
    assert (row["country"], row["maturity_limit"], row["kids"]) == ("DE", None, True)
    row = landed.newest(spark, "profiles", "profile_id", "p20")
    assert (row["country"], row["maturity_limit"], row["kids"]) == ("GB", 7, True)


def test_the_clock_bounds_what_is_later_and_far_events_date_nothing(spark, lake, tmp_path):
    wrong = {**landed.plays(1)[0], "event_at": "2037-06-01T20:00:00Z"}
    folder = landed.service(tmp_path / "in", events=[*landed.plays(), wrong])
    receipts, _ = landed.land(spark, folder)
    assert receipts["events"].rejected_count == 1
    child = "profile_id,country,maturity_limit,kids\np01,US,7,true\n"
    landed.land(spark, landed.write(tmp_path / "later", profiles=child))
    row = landed.newest(spark, "profiles", "profile_id", "p01")
    assert row["known_at"] == landed.LAST.replace(tzinfo=None)
    (receipt,) = [r for r in tables.read(spark, "landings").collect() if r["file"] == "events.csv"]
    assert receipt["landed_at"] == landed.NOW.replace(tzinfo=None)

    # a clock that knows no better: the event is landed, said, and dates nothing
    late = landed.write(tmp_path / "late", events=[{**wrong, "event_at": "2037-06-02T20:00:00Z"}])
    grown = landed.write(late, profiles=child.replace("p01,US,7", "p02,US,6"))
    _, told = landed.land(spark, grown, now=datetime.fromisoformat("2040-01-01T00:00:00Z"))
    assert told[0].startswith("events: 1 lie more than 60 days after all others, up to 2037-06-02")
    row = landed.newest(spark, "profiles", "profile_id", "p02")
    assert row["known_at"] == landed.LAST.replace(tzinfo=None)


def test_nothing_undated_is_known_after_the_clock(spark, lake, tmp_path):
    landed.land(spark, landed.service(tmp_path / "in"))
    now = landed.LAST - timedelta(days=10)
    later = landed.write(tmp_path / "later", profiles="profile_id,kids\np01,true\n")
    landed.land(spark, later, now=now)
    row = landed.newest(spark, "profiles", "profile_id", "p01")
    assert row["known_at"] == now.replace(tzinfo=None)


def test_countries_that_no_window_names_are_said(spark, lake, tmp_path):
    windows = "title_id,country,from_at\nt001,US,2025-01-01T00:00:00Z\n"
    _, told = landed.land(spark, landed.service(tmp_path / "in", availability=windows))
    assert told == [
        NO_GENRES,
        "profiles: no window of availability names DE; profiles there are shown only titles without"
        " any window",
    ]
