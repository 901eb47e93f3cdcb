"""The page in a browser: arrow keys, Enter and Escape, whole words, nothing in the console."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conf.pages import pages
from studio.page.page_html import write_page_file
from tests.studio.page.test_page_html import row

CHROMIUM = Path("/usr/bin/chromium")
LONG = "Extraterrestrials Against Counterrevolutionaries"
# words whose letters stand on more than one line
BROKEN = """() => [...document.querySelectorAll(".name, h1")].flatMap((element) =>
  [...element.firstChild.data.matchAll(/[^\\s-]+/g)].filter((word) => {
    const range = document.createRange();
    range.setStart(element.firstChild, word.index);
    range.setEnd(element.firstChild, word.index + word[0].length);
    return new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size > 1;
  }).map((word) => word[0]))"""

# notes each title of which a script asks whether it is shown
ASKED = """() => {
  window.asked = new Set();
  const own = Element.prototype.checkVisibility;
  Element.prototype.checkVisibility = function (...options) {
    if (this.matches(".cell")) window.asked.add(this.querySelector(".name").textContent);
    return own.apply(this, options);
  };
}"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="/usr/bin/chromium is not installed"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def screen(browser: Any, tmp_path: Path) -> Iterator[Any]:
    """A window with a page of two rows, a console that has to stay silent and no network."""
    rows = [row("Drama", ["a", "b", "c"]), row("Sci-Fi", ["The Terminator", LONG, "f"])]
    write_page_file(tmp_path / "page.html", "ann", rows, pages(), "tv")
    window = browser.new_page(viewport={"width": 1366, "height": 768})
    said: list[str] = []
    window.on("console", lambda message: said.append(message.text))
    window.on("pageerror", lambda error: said.append(str(error)))
    window.goto((tmp_path / "page.html").as_uri())
    yield window
    window.close()
    assert said == []


def _focused(window: Any) -> str:
    name: str = window.evaluate("document.activeElement.querySelector('.name')?.textContent")
    return name


def test_arrow_keys_reach_and_leave_every_title(screen: Any) -> None:
    screen.locator(".hero .open").focus()
    names = []
    for key in [
        "ArrowDown",
        "ArrowRight",
        "ArrowRight",
        "ArrowRight",
        "ArrowDown",
        "ArrowLeft",
        "Home",
    ]:
        screen.keyboard.press(key)
        names.append(_focused(screen))
    assert names == ["a", "b", "c", "c", "f", LONG, "The Terminator"]
    screen.keyboard.press("Shift+Tab")
    assert _focused(screen) == "c", "a row is one tab stop, where it was left"


def test_a_key_draws_no_cover_of_other_rows(screen: Any) -> None:
    screen.locator(".hero .open").focus()
    screen.evaluate(ASKED)
    for key in ("ArrowDown", "ArrowRight"):
        screen.keyboard.press(key)
        assert screen.evaluate("[...window.asked].sort()") == ["a", "b", "c"]


def test_enter_opens_a_title_and_escape_goes_back_to_it(screen: Any) -> None:
    screen.locator(".cell").nth(1).focus()
    screen.keyboard.press("Enter")
    assert screen.locator("dialog h2").inner_text() == "b"
    assert screen.locator("dialog .why").inner_text() == "why b"
    screen.keyboard.press("Escape")
    assert not screen.locator("dialog").is_visible() and _focused(screen) == "b"


@pytest.mark.parametrize("width", [320, 390, 1366, 1920, 3840])
def test_no_word_is_broken_and_nothing_is_wider_than_the_window(screen: Any, width: int) -> None:
    screen.set_viewport_size({"width": width, "height": 800})
    assert screen.evaluate(BROKEN) == []
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert screen.evaluate(overflow) == 0


def test_search_offers_before_a_letter_and_finds_by_letters(screen: Any) -> None:
    assert not screen.locator(".found").is_visible()
    screen.locator("#q").fill("terminator")
    assert screen.locator(".found button").all_inner_texts() == ["The Terminator"]
    screen.keyboard.press("ArrowDown")
    screen.keyboard.press("Enter")
    assert screen.locator("dialog h2").inner_text() == "The Terminator"
