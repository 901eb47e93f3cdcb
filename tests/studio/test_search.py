"""The search of the studio: all names for editors, for a profile what it may see, from the release."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from conf.settings import load_settings
from jobs.io.serving import releases
from jobs.serve_pages import serve_pages
from studio.reports.search import search
from tests import published
from tests.published import UNTIL
from tests.studio.test_views import assert_says, opened

HOSTILE = "<b>Hostile</b> name"


@pytest.fixture
def studio(root: Path, lake: Path) -> TestClient:
    row = {
        "title_id": "odd",
        "name": HOSTILE,
        "maturity": 0,
        "cast": ["Ann Actor"],
        "genres": ["War"],
    }
    published.write(lake, "titles", [row | published.LOGGED])
    return opened()


def test_names_are_found_before_there_is_a_release_and_in_it(
    studio: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        assert [each.kind for each in search("actor")] == ["person"]
        text = studio.get("/search?q=hos").text
        assert "&lt;b&gt;Hostile&lt;/b&gt; name" in text and "<b>Hostile" not in text
        assert "/title?title=odd" in studio.get("/search?q=ACT").text
        serve_pages(UNTIL)
    monkeypatch.setattr("studio.reports.search.name_index", None)
    assert [each.name for each in search("war")] == ["War"], "of the release"


def test_a_profile_finds_only_what_it_may_see(studio: TestClient, lake: Path) -> None:
    serve_pages(UNTIL)
    assert "t00" in {each.title_ids[0] for each in search("t0", "bob")}
    published.settings(lake, UNTIL, "bob", blocked_titles=["t00"])
    serve_pages(UNTIL + timedelta(minutes=10))
    seen = {title for each in search("t", "bob") for title in each.title_ids}
    assert "t00" not in seen and seen < {title for each in search("t") for title in each.title_ids}
    assert "Only what this profile may see now" in studio.get("/search?q=t&profile=bob").text


def test_a_release_that_is_named_and_gone_is_one_line(studio: TestClient, root: Path) -> None:
    serve_pages(UNTIL)
    folder = releases.folder_of(load_settings().home_path)
    serving = releases.serving_id(folder)
    shutil.rmtree(folder / str(serving))
    (folder / releases.CURRENT).write_text("another-that-never-was")
    assert_says(studio, "/search?q=t&profile=bob", "cannot be read")


def test_without_a_release_it_says_what_to_do(studio: TestClient) -> None:
    assert_says(studio, "/search?q=t&profile=bob", "jobs.serve_pages")
