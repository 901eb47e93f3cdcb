"""docs/landing.md says what the contracts say."""

from conf.landing import file_columns, landed_tables, required_columns
from jobs.tools.landing_page import PAGE, page


def test_the_landing_page_is_current():
    assert PAGE.read_text(encoding="utf-8") == page(), "run `python -m jobs.tools.landing_page`"


def test_only_events_and_titles_need_what_the_issue_says():
    assert required_columns("events") == ("profile_id", "title_id", "event_at")
    assert required_columns("titles") == ("title_id", "name")
    assert landed_tables()[:2] == ("events", "titles")
    assert "event_id" not in file_columns("events")
