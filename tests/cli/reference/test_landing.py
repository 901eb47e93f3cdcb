"""What docs/landing.md says is needed is what landing asks for."""

from conf.landing import file_columns, landed_tables, required_columns


def test_only_events_and_titles_need_what_the_issue_says():
    assert required_columns("events") == ("profile_id", "title_id", "event_at")
    assert required_columns("titles") == ("title_id", "name")
    assert landed_tables()[:2] == ("events", "titles")
    assert "event_id" not in file_columns("events")
