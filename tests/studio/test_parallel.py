"""A studio that has read nothing yet, asked by many at the same moment: each gets its page."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode

import pytest

from jobs.io.published import homepage
from jobs.io.snapshot import catalogue_view
from jobs.io.tables import keeper
from studio import reading
from studio.reports import catalogue, ranker_rows, search, titles, trace
from tests.built import DAYS, tables_at
from tests.studio.test_views import opened

CACHES = (
    *(reading._profiles, catalogue._known_titles, titles._health_of_day, search._online),
    *(ranker_rows._page_maker, ranker_rows._serving, search._known_names, homepage._kept_receipts),
)
AT_ONCE = 12


@pytest.fixture
def cold(built: Path) -> Iterator[None]:
    """A process that keeps tables, and has kept none."""
    for cache in CACHES:
        cache.cache_clear()
    trace._kept.clear()
    catalogue_view._views.clear()
    with tables_at(built):
        keeper.keep()
        yield
        keeper.keep_nothing()


def test_every_view_answers_many_at_once(cold: None) -> None:
    row = homepage.page_records("p1")[0]
    title = row["cells"][0]["title_id"]
    cell = urlencode({"row": row["row_id"], "title": title})
    views = [
        *("/", "/titles", "/tables", "/runs", f"/run?ds={DAYS[1]}", "/search?q=a"),
        *("/table?name=title_health", f"/title?title={title}", f"/forecast?title={title}"),
        *(f"/{view}?profile=p{n}" for view in ("homepage", "page", "why") for n in (1, 2, 3)),
        *(f"/why?profile=p{n}&row=top_picks" for n in (1, 2, 3, 4)),
        *(f"/why?profile=p1&{cell}", "/compare?profile=p1&other=p2"),
        "/compare?profile=p1&set=pages.builder%3Dtemplate",
    ]

    def answer(path: str) -> tuple[str, int, str]:
        found = opened().get(path)
        return path, found.status_code, found.text

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(answer, 2 * views))
    assert [each for each in answers if each[1] != 200] == []
