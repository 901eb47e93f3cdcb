"""A stored page as it is right to show it at a moment: settings, availability and the hour may be
others by then.
"""

from datetime import datetime, timedelta

import pyarrow as pa

from conf.days import end_of
from jobs.io.serving.releases import Release
from jobs.io.serving.service import budget
from jobs.io.snapshot.catalogue_view import catalogue_view_at, profile_at, titles_of_rows
from jobs.io.tables.keeper import keeper
from models.page.online.assemble import Assembled, Removed, Visit, assemble


def page_at(
    profile_id: str,
    rows: pa.Table,
    at: datetime,
    device: str | None = None,
    known_by: datetime | None = None,
) -> Assembled:
    """The online step for one page that was read from its table (N-600, N-601).

    Windows are those open at the moment `at`; settings, ages and pictures the newest known then, or
    by a later instant `known_by`.
    """
    view = catalogue_view_at(at, titles_of_rows(rows), known_by)
    profile = profile_at(profile_id, view, known_by or at)
    visit = Visit(at.timestamp(), device)
    return assemble(rows, profile, view, visit, budget())


def sentences(removed: tuple[Removed, ...]) -> list[str]:
    """What was removed, for people: how many titles and why, each title by the first of its reasons."""
    reasons: dict[str, str] = {}
    for title in removed:
        reasons.setdefault(title.title_id, title.reason)
    titles: dict[str, list[str]] = {}
    for title_id, reason in reasons.items():
        titles.setdefault(reason, []).append(title_id)
    lines = []
    for reason, title_ids in titles.items():
        noun = "title" if len(title_ids) == 1 else "titles"
        lines.append(f"Removed since the page was built: {len(title_ids)} {noun} {reason}")
    return lines


def moment_of(now: datetime) -> datetime:
    """The moment that is read at where nobody names another one: for a process that answers many times
    the beginning of the minute, so that what it makes for a moment serves more than one answer.
    """
    return now if keeper() is None else now.replace(second=0, microsecond=0)


def reading_moment(
    now: datetime, newest_page_end: datetime, log_end: datetime | None = None
) -> datetime:
    """The moment a page is read: now, but for a log that has ended the end of the day that its
    newest page is for, or the last that was learned, whichever is later.

    Only windows, the hour and updates go by it: what is known of profiles and titles counts as it
    is known now.
    """
    ends = [newest_page_end + timedelta(days=1), *([log_end] if log_end else [])]
    return min(now, max(ends))


def reading_moment_of(release: Release, now: datetime) -> datetime:
    """The same of a release, which tells how far the log went as it was made."""
    return reading_moment(now, end_of(release.base_ds), release.log_end or release.known_by)
