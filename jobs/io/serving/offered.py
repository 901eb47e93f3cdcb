"""What a search offers a profile before a letter is typed, from its table, as the law is at the moment of reading."""

# Tested by tests/jobs/io/test_search_suggestions.py.

from datetime import UTC, datetime
from typing import Any

from conf.days import end_of
from jobs.io.published import homepage
from jobs.io.published.receipts import newest_receipt
from jobs.io.search_suggestions import TABLE
from jobs.io.serving.page_now import moment_of, reading_moment
from jobs.io.snapshot.catalogue_view import catalogue_view_at, log_end, profile_at
from jobs.io.tables import arrow as arrow_tables


def offered_to(profile_id: str, at: datetime | None = None) -> list[dict[str, Any]]:
    """The list of a profile's newest published page, best first, without what it may not see (any more).

    Empty where there is no list of the pages that serve: after a rollback the lists of other pages
    are passed by.
    """
    receipts = homepage.publication_receipts()
    day = homepage.newest_day(receipts)
    receipt = newest_receipt(receipts, day)
    assert receipt is not None  # it is of a published day
    filters = [("ds", "=", day), ("profile_id", "=", profile_id)]
    rows = arrow_tables.filtered_rows(TABLE, filters).sort_by("list_position").to_pylist()
    rows = [row for row in rows if row["table_version"] == receipt.content_version]
    if not rows:
        return []
    now = datetime.now(UTC)
    known_by = (
        at or now
    )  # as for a page: settings and ages as they are known, windows at the moment
    at = at or reading_moment(moment_of(now), end_of(day), log_end(now))
    view = catalogue_view_at(at, sorted(row["title_id"] for row in rows), known_by)
    profile = profile_at(profile_id, view, known_by)
    codes = view.removal_reasons(profile, at.timestamp())
    seen = set(view.catalogue.title_ids[codes == 0].tolist())
    return [row for row in rows if row["title_id"] in seen]
