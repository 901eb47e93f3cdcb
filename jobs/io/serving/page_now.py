"""A stored page as it is right to show it at a moment: settings, availability and the hour may be
others by then.
"""

from datetime import datetime, timedelta

import pyarrow as pa

from jobs.io.serving.service import budget
from jobs.io.snapshot.catalogue_view import catalogue_view_at, profile_at, titles_of_rows
from models.page.online.assemble import Assembled, Removed, Visit, assemble


def right_now(
    profile_id: str, rows: pa.Table, at: datetime, device: str | None = None
) -> Assembled:
    """The online step for one page that was read from its table (N-600, N-601)."""
    view = catalogue_view_at(at, titles_of_rows(rows))
    who = profile_at(profile_id, view, at)
    return assemble(rows, who, view, Visit(at.timestamp(), device), budget())


def sentences(removed: tuple[Removed, ...]) -> list[str]:
    """What was removed, for people: how many titles and why."""
    titles: dict[str, set[str]] = {}
    for one in removed:
        titles.setdefault(one.reason, set()).add(one.title_id)
    return [
        f"Removed since the page was built: {len(names)} {'title' if len(names) == 1 else 'titles'} {reason}"
        for reason, names in titles.items()
    ]


def reading_moment(now: datetime, newest_page_end: datetime) -> datetime:
    """The moment a page is read: now, but for a log that has ended the end of the day that its
    newest page is for.
    """
    return min(now, newest_page_end + timedelta(days=1))
