"""Who may ask: the token of the link, this machine's names, and what every answer says to browsers."""

import pytest
from starlette.testclient import TestClient

from studio.access import POLICY
from studio.app import studio_app

TOKEN, PORT = "a-long-token", 8400
BASE = f"http://127.0.0.1:{PORT}"


def client(**more: str) -> TestClient:
    return TestClient(studio_app(TOKEN, PORT), base_url=BASE, follow_redirects=False, **more)


@pytest.mark.parametrize(
    "path", ["/", "/tables", "/?token=wrong", "/tables?token=", "/static/studio.js"]
)
def test_without_the_token_nothing_is_shown_but_how_to_get_in(path: str) -> None:
    answer = client().get(path)
    assert answer.status_code == 403
    assert "frontrow studio" in answer.text and TOKEN not in answer.text


def test_link_opens_the_studio_and_leaves_the_token_out_of_the_address() -> None:
    browser = client()
    opened = browser.get(f"/tables?token={TOKEN}&x=1")
    assert opened.status_code == 303 and opened.headers["location"] == f"{BASE}/tables?x=1"
    cookie = opened.headers["set-cookie"]
    assert "HttpOnly" in cookie and "samesite=strict" in cookie.lower()
    assert browser.get("/static/studio.js").status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "localhost.evil:8400", ""]
)
def test_another_name_of_this_machine_is_refused(host: str) -> None:
    browser = client()
    browser.get(f"/?token={TOKEN}")
    assert browser.get("/static/studio.js", headers={"host": host}).status_code == 403


def test_every_answer_tells_the_browser_to_load_nothing_from_elsewhere() -> None:
    browser = client()
    answers = [browser.get("/"), browser.get(f"/?token={TOKEN}"), browser.get("/nowhere")]
    for answer in answers:
        assert answer.headers["content-security-policy"] == POLICY
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert "unsafe" not in POLICY and "http" not in POLICY and "'none'" in POLICY


def test_what_would_change_something_is_not_allowed() -> None:
    browser = client()
    browser.get(f"/?token={TOKEN}")
    assert browser.post("/tables").status_code == 405
