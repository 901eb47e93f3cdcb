"""What docs/landing.md says is needed is what landing asks for."""

import json
from pathlib import Path

import yaml

from cli.reference.landing import OWN_MAP, landing_page
from conf.landing import file_columns, landed_tables, required_columns
from jobs.ingest_events import files_to_land
from jobs.io.landing.files import Reading
from jobs.io.landing.records import read_records


def test_only_events_and_titles_need_what_the_issue_says():
    assert required_columns("events") == ("profile_id", "title_id", "event_at")
    assert required_columns("titles") == ("title_id", "name")
    assert landed_tables()[:2] == ("events", "titles")
    assert "event_id" not in file_columns("events")


def test_the_map_that_the_page_shows_reads_what_it_speaks_of(lake: Path, tmp_path: Path):
    assert OWN_MAP in landing_page() and yaml.safe_load(OWN_MAP)
    (tmp_path / "map.yaml").write_text(OWN_MAP)
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "playback.tsv").write_text(
        "DateCreated\tUserId\tItemId\tPlayDuration\tClient\n2025-03-01 20:15:03.1234567\tu\t1\t3010\tWeb\n"
    )
    title = {"Id": 1, "Info": {"Title": "Heat"}, "Genres": ["Crime"], "OfficialRating": "R"}
    (folder / "library.json").write_text(json.dumps([title]))
    reading = Reading("", str(tmp_path / "map.yaml"))
    rows = {
        landing.table: batch.to_pylist()
        for landing in files_to_land("files", str(folder), lambda _: None, reading)
        for batch in read_records([*landing.chunks])
    }
    (event,), (film,) = rows["events"], rows["titles"]
    assert event["event_at"] == "2025-03-01T19:15:03.123456Z" and event["watched_seconds"] == "3010"
    assert (film["title_id"], film["name"], film["kind"]) == ("1", "Heat", "film")
