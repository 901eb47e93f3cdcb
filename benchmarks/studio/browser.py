"""The studio in a real browser: what axe and the console find, who is asked, what arrow keys reach."""

# Tested by tests/studio/test_browser.py.

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
WIDTHS = (320, 390, 1366, 1920, 3840)
SCHEMES = ("light", "dark")
PATIENCE_MS = 120_000
FAULT = 500  # the status of an answer that is the studio's own fault
# of the title that has the focus: row and column, and how many of each there are; null elsewhere
PLACE = """() => {
  const cell = document.activeElement.closest(".cell");
  if (!cell) return null;
  const rows = [...document.querySelectorAll(".row")].filter((row) => row.checkVisibility());
  return [rows.indexOf(cell.closest(".row")), [...cell.closest("ul").querySelectorAll(".cell")].indexOf(cell)];
}"""
CELLS = """() => [...document.querySelectorAll(".row .cell")].filter((cell) => cell.checkVisibility()).length"""


@dataclass
class Found:
    """What a browser found, each with the view it was found on."""

    violations: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)  # that left this machine
    too_wide: list[str] = field(default_factory=list)

    @property
    def everything(self) -> list[str]:
        """All faults."""
        return [*self.violations, *self.console, *self.requests, *self.too_wide]


@contextmanager
def browser() -> Iterator[Any]:
    """The machine's Chromium, without a window."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            yield started
        finally:
            started.close()


@contextmanager
def window(started: Any, base: str, link: str, found: Found, **options: Any) -> Iterator["Page"]:
    """A window that has opened the printed link, and notes what goes wrong in it."""
    context = started.new_context(**options)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.on("console", lambda said: _note_error(found, said))
    page.on("pageerror", lambda error: found.console.append(f"{page.url}: {error}"))
    page.on("request", lambda asked: _note_request(found, asked.url, base))
    page.goto(link, timeout=PATIENCE_MS)
    try:
        yield page
    finally:
        context.close()


def look(
    started: Any,
    base: str,
    link: str,
    views: Sequence[str],
    widths: Sequence[int] = WIDTHS,
    schemes: Sequence[str] = SCHEMES,
) -> Found:
    """What is wrong with views, light and dark, on screens of several widths."""
    found = Found()
    for scheme in schemes:
        with window(started, base, link, found, color_scheme=scheme) as page:
            for view in views:
                answer = page.goto(base + view, timeout=PATIENCE_MS)
                if answer is not None and answer.status >= FAULT:
                    found.console.append(f"{view}: {page.inner_text('main')}")
                _note_faults(found, page, view, scheme, widths)
    return found


def look_at_panel(
    started: Any,
    base: str,
    link: str,
    homepage: str,
    widths: Sequence[int] = WIDTHS,
    schemes: Sequence[str] = SCHEMES,
) -> Found:
    """What is wrong with a homepage beside which the reasons of its first title are open."""
    found = Found()
    for scheme in schemes:
        with window(started, base, link, found, color_scheme=scheme) as page:
            page.goto(base + homepage, timeout=PATIENCE_MS)
            page.frame_locator("#page").locator(".cell").first.press("Enter")
            page.wait_for_selector("#panel h3")
            _note_faults(found, page, f"the reasons beside {homepage}", scheme, widths)
    return found


def keyboard_reach(page: "Page") -> tuple[int, int]:
    """How many titles of a homepage arrow keys reach and leave again, and how many there are."""
    page.locator(".hero .open").focus()
    reached: set[tuple[int, int]] = set()
    left: set[tuple[int, int]] = set()
    row = _pressed(page, "ArrowDown")
    while row is not None:
        page.keyboard.press("Home")
        last = place = _place(page)
        while place is not None and place not in reached:
            reached.add(place)
            last, place = place, _pressed(page, "ArrowRight")
            if place != last:
                left.add(last)
        below = _pressed(page, "ArrowDown")
        if last is not None and (below != last or _pressed(page, "ArrowUp") != last):
            left.add(last)
        row = None if below == last else below
    return len(reached & left), int(page.evaluate(CELLS))  # last: it draws every cover


def _note_faults(found: Found, page: "Page", view: str, scheme: str, widths: Sequence[int]) -> None:
    """Keep what axe objects to and what is too wide, on screens of several widths."""
    from axe_playwright_python.sync_playwright import Axe

    for width in widths:
        page.set_viewport_size({"width": width, "height": 800})
        where = f"{view} at {width}, {scheme}"
        faults = Axe().run(page).response["violations"]
        found.violations += [f"{where}: {_told(each)}" for each in faults]
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.too_wide.append(f"{where} is wider than the screen")


def _pressed(page: "Page", key: str) -> tuple[int, int] | None:
    """Where the focus is after a key."""
    page.keyboard.press(key)
    return _place(page)


def _place(page: "Page") -> tuple[int, int] | None:
    place = page.evaluate(PLACE)
    return None if place is None else (int(place[0]), int(place[1]))


def _note_error(found: Found, said: Any) -> None:
    """Keep an error of the console with the address that it is about."""
    if said.type == "error":
        found.console.append(f"{said.location.get('url', '')}: {said.text}")


def _note_request(found: Found, url: str, base: str) -> None:
    if not url.startswith((base, "data:")):
        found.requests.append(url)


def _told(violation: dict[str, Any]) -> str:
    """The rule and the first element that breaks it."""
    nodes = violation.get("nodes") or [{}]
    return f"{violation['id']}: {nodes[0].get('html', '')[:120]}"
