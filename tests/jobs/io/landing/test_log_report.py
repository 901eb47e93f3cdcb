"""What a landing says of a log: whether its ids meet, what counts as a play, and what pages will lack."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from conf.landing import landing_settings, scale_of
from conf.pages import pages
from conf.settings import load_settings
from jobs.ingest_events import files_to_land
from jobs.io.landing import log_kept
from jobs.io.landing.log_report import LogReport, log_report
from jobs.io.landing.survey import Refusals, refusals, survey

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
TITLES = "title_id,name,kind,genres,maturity\n17,Heat,film,Crime,16\n18,Up,film,Family,0\n"
HEADER = "profile_id,title_id,event_at"


def report(folder: Path, sittings: bool = True, **files: str) -> LogReport:
    """The report of files by table; with titles where there are no others."""
    folder.mkdir()
    for name, text in {"titles": TITLES, **files}.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    landings = files_to_land("files", str(folder), lambda _: None)
    with survey(landings, NOW) as database:
        return log_report(database, sittings)


@pytest.mark.parametrize(
    ("events_id", "titles_id"),
    [
        ("17.0", "17"),
        ("17", "0000017"),
        (" 17", "17"),
        ("TT17", "tt17"),
        ("17", "tt17"),
        ("m17", "M17 "),
    ],
)
def test_ids_that_never_meet_are_counted_and_a_near_miss_is_shown(
    lake, tmp_path, events_id, titles_id
):
    events = f"{HEADER}\na,{events_id},881250949\nb,{events_id},881250950\n"
    found = report(tmp_path / "in", events=events, titles=f"title_id,name\n{titles_id},Heat\n")
    (line,) = [line for line in found.notices() if "title_id" in line]
    assert line.startswith("events: 2 of 2 (100.0%) are of a title_id that titles lacks")
    assert f"{events_id!r} looks like {titles_id!r}" in line
    assert found.meetings[0].near == (events_id, titles_id)


def test_ids_that_meet_are_no_notice_and_those_that_are_like_nothing_show_no_pair(lake, tmp_path):
    sound = report(tmp_path / "a", events=f"{HEADER}\na,17,881250949\n")
    assert sound.notices() == [] and sound.meetings[0].unknown == 0
    strange = report(
        tmp_path / "b", events=f"{HEADER}\na,17,9\na,Q,9\n", profiles="profile_id\nz\n"
    )
    assert [(m.table, m.column, m.unknown, m.near) for m in strange.meetings] == [
        ("events", "title_id", 1, None),
        ("events", "profile_id", 2, None),
    ]
    assert len(strange.notices()) == 2


def test_a_log_with_ratings_alone_is_told_so_and_its_ratings_are_plays(lake, tmp_path):
    events = f"{HEADER},kind,value\na,17,881250949,rating,4\nb,18,881250950,rating,2\n"
    found = report(tmp_path / "in", events=events)
    assert found.ratings_are_plays and found.plays == 2
    assert any(
        "has 2 ratings and no plays; each rating is taken as a play" in x for x in found.notices()
    )
    assert len(found.notices()) == 1
    bare = report(tmp_path / "bare", events=events.replace(",2\n", ",\n"))
    assert "events: the log has 2 ratings" in bare.notices()[0]
    assert "1 ratings tell no stars" in bare.notices()[1]
    watched = report(tmp_path / "b", events=f"{events}b,18,881250959,play,\n")
    assert not watched.ratings_are_plays and watched.plays == 1 and watched.notices() == []
    starred = report(tmp_path / "c", events=f"{events}b,18,881250959,play,5\n")
    assert not starred.ratings_are_plays and starred.plays == 1


@pytest.mark.parametrize(("setting", "are_plays"), [("always", True), ("never", False)])
def test_what_counts_as_a_play_is_a_setting(lake, tmp_path, monkeypatch, setting, are_plays):
    plays = landing_settings().plays.model_copy(update={"ratings": setting})
    settings = landing_settings().model_copy(update={"plays": plays})
    monkeypatch.setattr("jobs.io.landing.log_report.landing_settings", lambda: settings)
    events = f"{HEADER},kind,value\na,17,881250949,rating,4\n"
    found = report(tmp_path / "in", events=events)
    assert found.ratings_are_plays is are_plays
    if not are_plays:
        assert any(
            "none is a play, so that there is nothing to build pages of; kinds are rating 1" in x
            for x in found.notices()
        )


@pytest.mark.parametrize(
    ("counts", "scale"),
    [
        ({3.0: 40, 5.0: 30}, 5),
        ({0.5: 40, 4.5: 30}, 5),
        ({4.0: 10, 9.0: 10}, 10),
        ({4.0: 1_000, 99.0: 3}, 5),
        ({62.0: 10}, 100),
        ({1.0: 40, 0.0: 30}, 1),
        ({1.0: 4, 0.0: 3}, 5),
        ({500.0: 4}, 500),
        ({}, None),
    ],
)
def test_a_like_follows_the_scale_of_the_logs_own_ratings(counts, scale):
    assert scale_of(counts) == scale


def test_the_scale_is_kept_beside_the_tables_and_never_shrinks(lake, tmp_path, monkeypatch):
    monkeypatch.delenv("FRONTROW_STARS", raising=False)
    assert load_settings().stars == 5
    ten = f"{HEADER},kind,value\na,17,881250949,rating,9\nb,18,881250950,rating,10\n"
    found = report(tmp_path / "in", events=ten)
    assert any(
        "ratings go up to 10, so that a play is liked from 8 on" in x for x in found.notices()
    )
    log_kept.keep_scale(found)
    assert (load_settings().stars, pages().likes.least_stars) == (10, 8)
    log_kept.keep_scale(report(tmp_path / "b", events=ten.replace(",9", ",3").replace(",10", ",4")))
    assert load_settings().stars == 10
    monkeypatch.setenv("FRONTROW_STARS", "5")
    assert load_settings().stars == 5


def test_episodes_that_nobody_can_order_and_plays_told_again_are_told(lake, tmp_path):
    header = f"{HEADER},episode,watched_seconds"
    lines = [f"a,17,1997-12-04T20:00:00Z,Pilot,{60 * n}" for n in range(1, 6)]
    lines += ["a,17,1997-12-05T20:00:00Z,1x02,60", "a,17,1997-12-05T20:30:00Z,1x02,60"]
    found = report(tmp_path / "in", events="\n".join([header, *lines]))
    assert (found.plays, found.sittings, found.told_again) == (7, 2, 4)
    assert (found.labels, found.unordered, found.unordered_example) == (2, 1, "Pilot")
    assert any(
        "1 of 2 episodes cannot be put in order, such as 'Pilot'" in x for x in found.notices()
    )
    assert any(
        "4 plays tell again of one that began at the same instant" in x for x in found.notices()
    )


def test_the_whole_report_tells_words_span_and_what_pages_will_lack(lake, tmp_path):
    events = f"{HEADER},kind,device,country\na,17,1997-12-04T20:00Z,View,ROKU,usa\na,18,881250949,search,,\n"
    found = report(tmp_path / "in", events=events, titles="title_id,name\n17,Heat\n18,Up\n")
    text = "\n".join(found.lines())
    for said in (
        "events: 2, from 1997-12-04 15:55:49+00 to 1997-12-04 20:00:00+00",
        "kinds: play 1, search 1",
        "devices: tv 1",
        "countries: US 1",
        "plays: 1 in 1 sittings",
        "left out of pages: Continue Watching of films",
        "2 of 2 titles without an age, which counts as 18",
        "titles: 2 of 2 have no genre",
    ):
        assert said in text


def test_records_that_break_a_rule_are_counted_by_field_with_one_of_them(lake, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "titles.csv").write_text(
        "title_id,name,maturity\n1,Heat,PG-13\n2,Up,12+\n3,It,adult\n"
    )
    (folder / "events.csv").write_text(
        f"{HEADER},value\na,1,881250949000,\na,1,881250949,x\na,1,881250949\na,1,8812509490,\n,1,9,\n"
        "a,1,881250949,4\n\n"
    )
    landings = files_to_land("files", str(folder), lambda _: None)
    with survey(landings, NOW) as database:
        events = refusals(database, "events")
        assert refusals(database, "titles") == Refusals(
            "titles", 3, 1, (("maturity", 1, "titles.csv", 4, "3,It,adult"),)
        )
    assert (events.count, events.refused) == (6, 5)
    assert {field: (count, line) for field, count, _, line, _ in events.fields} == {
        "event_at": (2, 2),
        "value": (1, 3),
        "field_count": (1, 4),
        "profile_id": (1, 6),
    }


def test_running_totals_told_at_instants_of_their_own_are_noticed(lake, tmp_path):
    header = f"{HEADER},watched_seconds"
    totals = [f"a,17,{881250949 + 300 * n},{300 * (n + 1)}" for n in range(18)]
    pieces = [f"b,17,{881250949 + 300 * n},300" for n in range(18)]
    found = report(tmp_path / "in", events="\n".join([header, *totals, *pieces]))
    assert (found.sittings, found.totals) == (2, 1)
    assert any("of 1 films and episodes a player tells the time" in x for x in found.notices())
    assert (
        report(tmp_path / "b", sittings=False, events="\n".join([header, *totals])).totals is None
    )


def test_genres_are_counted_and_lists_that_came_as_one_text_are_told(lake, tmp_path):
    titles = (
        'title_id,name,genres\n17,Heat,"Crime, Drama"\n18,Up,"[\'Family\']"\n19,It,Crime|Drama\n'
    )
    found = report(tmp_path / "in", events=f"{HEADER}\na,17,881250949\n", titles=titles)
    assert found.genres == {"Crime, Drama": 1, "['Family']": 1, "Crime": 1, "Drama": 1}
    assert any("look like lists" in line for line in found.notices())
    assert "genres: Crime 1, Crime, Drama 1, Drama 1, ['Family'] 1" in found.lines()
    few = titles + "".join(f"{n},Film,Crime|Drama\n" for n in range(20, 40))
    sound = report(tmp_path / "b", events=f"{HEADER}\na,17,881250949\n", titles=few)
    assert not any("look like lists" in line for line in sound.notices())


def test_events_far_before_all_others_are_told(lake, tmp_path):
    events = f"{HEADER}\na,17,0\n" + "a,17,881250949\n" * 400
    found = report(tmp_path / "in", events=events)
    assert found.before_all == 1
    assert any("1 lie more than 60 days before all others, from 1970" in x for x in found.notices())


def test_a_country_that_no_window_names_is_told_where_there_are_windows(lake, tmp_path):
    files = {
        "events": f"{HEADER}\na,17,881250949\n",
        "profiles": "profile_id,country\na,us\nb,FR\nc,\n",
    }
    windows = "title_id,country,from_at\n17,US,9\n"
    found = report(tmp_path / "in", **files, availability=windows)
    assert found.strange_countries == ("FR",)
    assert any("no window of availability names FR; profiles" in x for x in found.notices())
    assert report(tmp_path / "b", **files).strange_countries == ()
