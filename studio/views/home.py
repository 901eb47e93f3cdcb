"""Home: whose page to look at, and how the service stands."""
# Tested by tests/studio/test_views.py.

from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from jobs.io.snapshot.catalogue_view import settings_at
from jobs.io.status import status
from studio import reading
from studio.answers import html
from studio.asked import Asked

ON_A_PAGE = 60


def home(request: Request) -> Response:
    """A picker of the profiles that have a page, by the beginning of their ids."""
    asked = Asked(request)
    days = reading.days()
    day = asked.ds or next(iter(days), None)
    prefix = asked.text("q") or ""
    profile_ids = reading.profiles_of(day) if day else []
    matching = reading.beginning_with(profile_ids, prefix) if prefix else profile_ids
    page_count = max(1, -(-len(matching) // ON_A_PAGE))
    number = min(asked.number("page", 1), page_count)
    shown = matching[(number - 1) * ON_A_PAGE : number * ON_A_PAGE]
    settings = settings_at(datetime.now(UTC), shown)
    return html(
        request,
        "home.html",
        days=days,
        day=day,
        prefix=prefix,
        profiles=[(profile_id, settings.get(profile_id, {})) for profile_id in shown],
        found_count=len(matching),
        all_count=len(profile_ids),
        number=number,
        page_count=page_count,
        findings=status().findings if not prefix and number == 1 else [],
    )
