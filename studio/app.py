"""The studio: a web application that shows pages, their reasons, titles, runs and tables.

It only reads. Every view is a function from a request to an answer, run in a thread.
"""
# Tested by tests/studio/test_views.py.

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from conf.errors import UserMistake
from studio.access import Access
from studio.answers import FOLDER, fault_page, refusal, safe
from studio.views import compare, home, homepage, runs, search, tables, titles, why

VIEWS = {
    "/": home.home,
    "/homepage": homepage.homepage,
    "/page": homepage.page,
    "/why": why.why,
    "/search": search.search,
    "/titles": titles.titles,
    "/title": titles.title,
    "/forecast": titles.forecast,
    "/compare": compare.compare,
    "/runs": runs.runs,
    "/run": runs.run,
    "/data_docs/{path:path}": runs.data_docs,
    "/tables": tables.tables,
    "/table": tables.table,
}


def studio_app(token: str, port: int) -> Starlette:
    """The application for one token, answering at one port of this machine."""
    routes = [Route(path, safe(view), methods=["GET"]) for path, view in VIEWS.items()]
    return Starlette(
        routes=[*routes, Mount("/static", StaticFiles(directory=FOLDER / "static"))],
        middleware=[Middleware(Access, token=token, port=port, refusal=refusal)],
        exception_handlers={404: _no_such_page},
    )


def _no_such_page(request: Request, _: Exception) -> Response:
    return fault_page(request, UserMistake(f"there is no page {request.url.path}"))
