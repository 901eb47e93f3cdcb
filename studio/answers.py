"""Answers of the studio: templates that escape every text, and a page for what went wrong."""
# Tested by tests/studio/test_views.py.

from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from conf.errors import Rejected, Retryable, UserMistake
from conf.pages import pages
from conf.plain_text import readable
from jobs.io.faults import known_error, told

FOLDER = Path(__file__).parent
STATUS = {UserMistake: 404, Rejected: 409, Retryable: 503}
NAV = (
    ("/", "Pages"),
    ("/search", "Search"),
    ("/titles", "Titles"),
    ("/compare", "Compare"),
    ("/runs", "Runs"),
    ("/tables", "Tables"),
)
View = Callable[[Request], Response]


def address(path: str, **parameters: Any) -> str:
    """An address of the studio; parameters that are None or empty are left out.

    >>> address("/why", profile="a&b", ds=None)
    '/why?profile=a%26b'
    """
    named = {name: str(value) for name, value in parameters.items() if value not in (None, "")}
    return f"{path}?{urlencode(named)}" if named else path


def _size(count: int) -> str:
    """A number of bytes for people."""
    amount = float(count)
    for unit in ("B", "KB", "MB", "GB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} TB"


def _moment(at: datetime | date | None) -> str:
    """An instant to the minute, in UTC; a day as it is."""
    if isinstance(at, datetime):
        return f"{at:%Y-%m-%d %H:%M} UTC"
    return readable(at)


TEMPLATES = Environment(
    loader=FileSystemLoader(FOLDER / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
TEMPLATES.filters |= {"readable": readable, "size": _size, "moment": _moment}
TEMPLATES.globals |= {"address": address, "nav": NAV}


def html(request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """A template with its values as an answer."""
    text = TEMPLATES.get_template(template).render(
        path=request.url.path, devices=list(pages().devices), **values
    )
    return HTMLResponse(text, status)


def refusal(request: Request, why: str, status: int) -> Response:
    """The page of somebody who may not look."""
    return html(request, "refused.html", status, why=why)


def safe(view: View) -> View:
    """The view, with a helpful page for whatever goes wrong in it; never a stack trace."""

    def answer(request: Request) -> Response:
        """Answer a request."""
        try:
            return view(request)
        except Exception as fault:
            return fault_page(request, fault)

    return answer


def fault_page(request: Request, fault: Exception) -> Response:
    """What a person needs to know of a fault."""
    error = known_error(fault)
    status = 500 if error is None else STATUS.get(type(error), 500)
    sentence = told(fault) if error is None else str(error)
    values: Mapping[str, Any] = {"sentence": sentence, "is_known": error is not None}
    template = "fault_part.html" if request.query_params.get("part") else "fault.html"
    return html(request, template, status, **values)
