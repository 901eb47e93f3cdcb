"""Every view in a real browser: axe, console, width, who is asked, and the keyboard alone."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import uvicorn
from starlette.responses import HTMLResponse

from benchmarks.studio import browser as look_at
from benchmarks.studio.browser import CHROMIUM, Found, keyboard_reach, look, window
from jobs.io.published import homepage
from jobs.io.tables import arrow as arrow_tables
from studio import answers
from studio.app import studio_app
from studio.views import why
from studio.warm import warm_up
from tests.built import DAYS, tables_at

TOKEN = "a-long-token"
DOT = "data:image/gif;base64,R0lGODlhAQABAAAAACw="
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
]


@pytest.fixture(scope="module")
def studio(built: Path) -> Iterator[str]:
    """The address of a studio on the built lake."""
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    config = uvicorn.Config(studio_app(TOKEN, port), log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    with tables_at(built):
        warm_up()  # as a studio does before it is asked: loops are compiled
        thread.start()
        yield f"http://127.0.0.1:{port}"
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with look_at.browser() as started:
        yield started


def link(studio: str) -> str:
    return f"{studio}/?token={TOKEN}"


def views() -> list[str]:
    row = homepage.page_records("p1")[0]
    title = row["cells"][0]["title_id"]
    cell = f"row={quote(row['row_id'])}&title={quote(title)}"
    return [
        *("/", "/homepage?profile=p1", "/page?profile=p1", "/why?profile=p1"),
        *(f"/why?profile=p1&{cell}", "/titles", "/titles?q=a", f"/title?title={quote(title)}"),
        f"/title?title={quote(title)}&profile=p1",
        f"/forecast?title={quote(title)}&ahead=2",
        *("/search", "/search?q=t", "/tables?job=run_audits"),
        *("/compare", "/compare?profile=p1&device=tv&other_device=phone"),
        f"/compare?profile=p1&ds={DAYS[1]}&other_ds={DAYS[0]}",
        *("/runs", f"/run?ds={DAYS[1]}", "/tables", "/table?name=title_health", "/nowhere"),
    ]


@pytest.mark.parametrize("scheme", look_at.SCHEMES)
def test_a_browser_finds_no_fault_in_any_view(studio: str, chromium: Any, scheme: str) -> None:
    found = look(chromium, studio, link(studio), views(), schemes=[scheme])
    expected = [each for each in found.console if "404" in each]  # of /nowhere
    assert len(expected) == 1
    assert sorted(set(found.everything) - set(expected)) == []


def test_faults_of_a_page_are_seen(studio: str, chromium: Any) -> None:
    found = Found()
    with window(chromium, studio, link(studio), found) as page:
        page.goto(f"{studio}/tables")
        page.evaluate("console.error('out of order')")
        page.evaluate("new Image().src = 'http://127.0.0.2:9/picture'")
        page.wait_for_timeout(100)
    assert any("out of order" in each for each in found.console)
    assert any("127.0.0.2" in each for each in [*found.requests, *found.console])


def test_what_axe_objects_to_and_what_is_too_wide_is_found(chromium: Any) -> None:
    view = f"<html lang=en><title>A</title><main><h1>A</h1><img src='{DOT}' width=900></main>"
    found = look(chromium, "data:text/html,", "data:text/html,A", [view], [320, 1366], ["light"])
    assert [each.partition(": ")[2][:9] for each in found.violations] == ["image-alt"] * 2
    assert len(found.too_wide) == 1 and found.console == []


def test_a_view_that_fails_is_told_with_what_its_page_says(
    studio: str, chromium: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> list[Any]:
        raise RuntimeError("the cat sat on it")

    monkeypatch.setattr(arrow_tables, "summaries", broken)
    found = look(chromium, studio, link(studio), ["/tables"], [1366], ["light"])
    assert any("/tables" in each and "the cat sat on it" in each for each in found.console)


def test_arrow_keys_reach_every_title_and_leave_it(studio: str, chromium: Any) -> None:
    found = Found()
    with window(chromium, studio, link(studio), found) as page:
        page.goto(f"{studio}/page?profile=p1")
        reached, total = keyboard_reach(page)
        assert reached == total > 0
        page.reload()
        page.evaluate("document.querySelectorAll('.row')[1].querySelectorAll('.cell')[1].remove()")
        page.evaluate("document.querySelectorAll('.cell')[1].className = 'cell'")
        page.evaluate(
            "document.querySelectorAll('.row')[0].addEventListener('keydown', (event) => event.stopPropagation())"
        )
        reached, total = keyboard_reach(page)
        assert reached < total, "a row that swallows keys is noticed"
    assert found.everything == []


def test_enter_opens_reasons_beside_the_page_and_escape_closes_them(
    studio: str, chromium: Any
) -> None:
    found = Found()
    with window(chromium, studio, link(studio), found) as page:
        page.goto(f"{studio}/homepage?profile=p1")
        page.frame_locator("#page").locator(".cell").first.press("Enter")
        page.wait_for_selector("#panel h3", timeout=120_000)
        page.keyboard.press("Escape")
        page.wait_for_selector("#panel", state="hidden")
    assert found.everything == []


def test_reasons_that_are_open_beside_a_page_are_looked_at(
    studio: str, chromium: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def found(*widths: int) -> Found:
        at = "/homepage?profile=p1"
        return look_at.look_at_panel(chromium, studio, link(studio), at, widths, ["light"])

    assert found(*look_at.WIDTHS).everything == []

    def with_a_picture(*args: Any, **values: Any) -> HTMLResponse:
        return HTMLResponse(answers.html(*args, **values).body + f"<img src='{DOT}'>".encode())

    monkeypatch.setattr(why, "html", with_a_picture)
    (fault,) = found(390).violations
    assert fault.startswith("the reasons beside /homepage?profile=p1 at 390, light: image-alt")
