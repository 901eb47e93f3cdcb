"""Homepage: a profile's page as its members see it, with a way from every cell to its reasons."""
# Tested by tests/studio/test_views.py.

import re
from datetime import date

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from conf.errors import UserMistake
from conf.pages import pages
from jobs.io.serving import page_view
from studio import reading
from studio.answers import html
from studio.asked import Asked
from studio.page.page_html import page_html

POLICY = re.compile(r'http-equiv="Content-Security-Policy" content="([^"]+)"')


def homepage(request: Request) -> Response:
    """The page in a frame, with a choice of day, device, moment and published version."""
    asked = Asked(request)
    profile_id = asked.required("profile")
    view = view_of(asked, described=False)  # the frame asks for its page itself
    day: date = view.rows[0]["ds"]
    cells = [[row["row_id"], [cell["title_id"] for cell in row["cells"]]] for row in view.rows]
    return html(
        request,
        "homepage.html",
        profile_id=profile_id,
        day=day,
        days=reading.days(),
        publications=reading.publications_of(day),
        asked=asked,
        view=view,
        cells=cells,
    )


def page(request: Request) -> Response:
    """The page alone, which tells the browser itself to load nothing."""
    asked = Asked(request)
    view = view_of(asked)
    text = page_html(
        asked.required("profile"), view.rows, pages(), asked.device, page_view.notes_of(view)
    )
    policy = POLICY.search(text)
    assert policy is not None
    closed = f"{policy[1]}; frame-ancestors 'self'".replace("&#39;", "'")
    return HTMLResponse(text, headers={"Content-Security-Policy": closed})


def view_of(asked: Asked, described: bool = True) -> page_view.PageView:
    """The page that is asked for; a UserMistake where nothing of it may be shown any more."""
    profile_id = asked.required("profile")
    view = page_view.page(profile_id, asked.ds, asked.at, None, asked.version, described)
    if not view.rows:
        raise UserMistake(
            f"no title of this page may be shown to profile {profile_id!r} any more; choose an"
            " earlier moment to see it as it was"
        )
    return view
