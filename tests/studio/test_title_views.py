"""Titles and comparisons in the studio: what they show, and a helpful page for what is not there."""

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.studio.reports.test_titles import service
from tests.studio.test_views import assert_says, opened

__all__ = ["service"]


@pytest.fixture
def studio(service: Path) -> TestClient:
    return opened()


def test_titles_shown_to_nobody_stand_by_rule_and_country(studio: TestClient) -> None:
    text = studio.get("/titles").text
    assert "It is not launched yet." in text and "/title?title=soon" in text
    assert "reason=not_launched&amp;country=NO" in text
    one = studio.get("/titles?reason=not_launched&country=NO").text
    assert "/title?title=soon" in one and "/title?title=grim" not in one
    assert "/title?title=grim" in studio.get("/titles?q=GRIM").text


def test_a_title_is_shown_by_country_kind_and_day_to_come(studio: TestClient) -> None:
    text = studio.get("/title?title=soon").text
    for words in ("By country", "The days to come", "not launched", "open", "By kind of row"):
        assert words in text
    assert "Check maturity of titles" in studio.get("/title?title=grim").text


def test_two_pages_are_laid_side_by_side(studio: TestClient) -> None:
    assert 'name="profile"' in studio.get("/compare").text
    assert "titles stand on both pages" in studio.get("/compare?profile=ann&other=bob").text or (
        "The pages are the same" in studio.get("/compare?profile=ann&other=bob").text
    )


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/title", "the address lacks title="),
        ("/title?title=%3Cscript%3E", "no title has the id"),
        ("/title?title=soon&ds=1999-01-01", "was not in the catalogue"),
        ("/titles?country=XX", "known: BR, NO"),
        ("/titles?reason=luck", "there are shown"),
        ("/titles?ds=1999-01-01", "was not written"),
        ("/compare?profile=ann", "both pages are the same"),
        ("/compare?profile=nobody&other=ann", "no page for profile"),
        ("/compare?profile=ann&device=radio", "radio"),
        ("/compare?profile=ann&set=pages.builder", "has no value"),
        ("/compare?profile=ann&set=pages.nothing%3D1", "pages.nothing"),
    ],
)
def test_what_is_not_there_is_a_page_that_says_so(
    studio: TestClient, path: str, words: str
) -> None:
    assert_says(studio, path, words)


def test_before_anything_was_landed_it_says_what_to_do(lake: Path) -> None:
    assert "no title was landed yet" in opened().get("/titles").text
