"""Search: titles, people and genres by the beginnings of their names."""

# Tested by tests/studio/test_search.py.

from starlette.requests import Request
from starlette.responses import Response

from jobs.io.serving.offered import offered_to
from studio.answers import html
from studio.asked import Asked
from studio.reports import search as names
from studio.reports.catalogue import known_titles

MOST_TITLES = 12  # of a person or a genre


def search(request: Request) -> Response:
    """What has a word that begins with `q`; with `profile` only what that profile may see now."""
    asked = Asked(request)
    words, profile_id = asked.text("q") or "", asked.text("profile")
    return html(
        request,
        "search.html",
        words=words,
        profile_id=profile_id,
        found=names.search(words, profile_id) if words else [],
        offered=offered_to(profile_id) if profile_id and not words else [],
        titles=known_titles().titles,
        most=MOST_TITLES,
    )
