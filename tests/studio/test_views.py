"""Every view on a small built lake: what it shows, and a helpful page for what is not there."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from markupsafe import escape
from starlette.testclient import TestClient

from conf.contracts import table_names
from conf.pages import pages
from jobs.io.published import homepage
from jobs.io.serving import page_view
from studio.app import studio_app
from studio.reading import beginning_with
from studio.reports.trace import built_again
from studio.views import compare
from tests.built import DAYS, tables_at

TOKEN = "a-long-token"
PREVIEWED = tuple(
    f"{what}_{how}" for what in ("rows", "titles") for how in ("left", "new", "moved")
)


def opened() -> TestClient:
    """A browser that has opened the printed link."""
    client = TestClient(studio_app(TOKEN, 8400), base_url="http://127.0.0.1:8400")
    client.get("/static/studio.css", params={"token": TOKEN})
    return client


def assert_says(studio: TestClient, path: str, words: str) -> None:
    """What is not there is a page that says so."""
    answer = studio.get(path)
    assert answer.status_code == 404 and words in answer.text
    assert "<script>" not in answer.text and "Traceback" not in answer.text


@pytest.fixture
def studio(built: Path) -> Iterator[TestClient]:
    with tables_at(built):
        yield opened()


def test_pages_of_any_profile_are_found_and_shown(studio: TestClient) -> None:
    assert "/homepage?profile=p1&amp;ds=" in studio.get("/?q=p1").text
    assert "No profile begins so" in studio.get("/", params={"q": "<b>"}).text
    shown = studio.get("/homepage?profile=p1")
    assert shown.status_code == 200 and "<iframe" in shown.text
    page = studio.get("/page?profile=p1")
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'") and "frame-ancestors 'self'" in policy


def test_why_tells_the_row_the_title_and_the_versions(studio: TestClient) -> None:
    row = homepage.page_records("p1")[0]
    parameters = {"profile": "p1", "row": row["row_id"], "title": row["cells"][0]["title_id"]}
    text = studio.get("/why", params=parameters).text
    for words in (
        "Position 1",
        "Picture",
        "with probability",
        "Titles that may be shown",
        "Ranker",
    ):
        assert words in text
    assert "subject=" not in text and "count=" not in text


def test_row_that_the_page_lacks_is_named_as_members_would_read_it(studio: TestClient) -> None:
    rows = homepage.page_records("p1")
    page = built_again(rows).page
    absent = next(row_id for row_id in page.row_ids if not page.position(row_id))
    text = studio.get("/why", params={"profile": "p1", "row": absent}).text
    assert f"“{escape(page.row_titles[page.row_ids.index(absent)])}”" in text


def test_what_was_removed_is_said_once_by_the_page_in_the_frame(
    studio: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = "Removed since the page was built: 1 title blocked by the profile"
    monkeypatch.setattr(page_view, "sentences", lambda removed: [note])
    said = [studio.get(f"/{path}?profile=p1").text.count(note) for path in ("homepage", "page")]
    assert said == [0, 1]


def test_changed_settings_are_previewed_for_several_profiles(studio: TestClient) -> None:
    asked = {"profile": "p1", "also": "p2, p3", "set": "pages.builder=template"}
    text = studio.get("/compare", params=asked).text
    assert "of 3 pages stay as they are" in text
    for each in ("p1", "p2", "p3"):
        assert f"profile={each}&amp;set=pages.builder" in text
    asked["set"] = f"pages.builder={pages().builder}"
    assert "3 of 3 pages stay as they are" in studio.get("/compare", params=asked).text


def test_a_preview_has_each_number_in_its_column(
    studio: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = {name: number for number, name in enumerate(PREVIEWED, 11)}
    found = [{"profile_id": "p1", "is_same": False, **counts}]
    monkeypatch.setattr(compare, "previews", lambda sides, changes: found)
    text = studio.get("/compare?profile=p1&also=p2&set=pages.builder%3Dtemplate").text
    assert "".join(f"<td>{number}</td>" for number in range(11, 17)) in text


def test_runs_and_tables_show_each_day_rule_and_column(studio: TestClient) -> None:
    runs = studio.get("/runs").text
    assert all(f"/run?ds={day}" in runs for day in DAYS)
    assert "keys_unique" in studio.get(f"/run?ds={DAYS[1]}").text
    assert all(f"name={name}" in studio.get("/tables").text for name in table_names())
    assert "row_position" in studio.get("/table?name=homepage_rows").text


def test_tables_of_one_job_are_shown_alone(studio: TestClient) -> None:
    text = studio.get("/tables?job=run_audits").text
    assert "name=audits" in text and "name=title_health" in text and "name=titles" not in text


def test_runs_show_a_calendar_and_lines_over_time(studio: TestClient) -> None:
    runs = studio.get("/runs").text
    for words in ("Calendar", "share of profiles with a page", "Rankers over time", "Experiments"):
        assert words in runs
    assert runs.count("<polyline") > 3


def test_data_docs_of_a_day_are_shown_and_run_nothing(
    studio: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FRONTROW_HOME", str(tmp_path))
    docs = tmp_path / "reports" / "data_docs" / str(DAYS[1])
    docs.mkdir(parents=True)
    (docs / "index.html").write_text("<script>1</script>Data Docs here")
    (tmp_path / "secret").write_text("not for the browser")
    address = f"/data_docs/{DAYS[1]}/index.html"
    assert address in studio.get("/runs").text and address in studio.get(f"/run?ds={DAYS[1]}").text
    shown = studio.get(address)
    assert (
        "Data Docs here" in shown.text and "script" not in shown.headers["content-security-policy"]
    )
    for path in ("/data_docs/%2e%2e/%2e%2e/secret", "/data_docs/2026-04-30", "/data_docs/x"):
        answer = studio.get(path)
        assert answer.status_code == 404 and "not for the browser" not in answer.text


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/homepage?profile=nobody", "no page for profile"),
        ("/homepage", "the address lacks profile="),
        ("/homepage?profile=p1&ds=never", "not a day of the calendar"),
        ("/homepage?profile=p1&version=99", "did not publish"),
        ("/homepage?profile=p1&device=radio", "radio"),
        ("/?page=-1", "is not a number from 1"),
        ("/why?profile=p1&row=mystery", "was considered"),
        ("/forecast?title=x&ahead=8", "is not a number from 1"),
        ("/forecast", "the address lacks title="),
        ("/run?ds=1999-01-01", "nothing was built"),
        ("/table?name=%3Cscript%3E", "unknown table"),
        ("/compare?profile=p1&also=p2", "with settings changed"),
        ("/compare?profile=p1&set=pages.builder%3Dtemplate&also=" + "p2," * 8, "at most 7"),
        ("/compare?profile=p1&set=pages.builder%3Dtemplate&also=nobody", "nobody"),
        ("/tables?job=%3Cb%3E", "writes a table"),
        ("/homepage?profile=" + "x" * 2000, "longer than"),
        ("/nowhere", "there is no page"),
    ],
)
def test_what_is_not_there_is_a_page_that_says_so(
    studio: TestClient, path: str, words: str
) -> None:
    assert_says(studio, path, words)


def test_before_anything_was_built_every_view_says_what_to_do(lake: Path) -> None:
    client = opened()
    assert "make demo" in client.get("/").text
    assert "No day was built yet" in client.get("/runs").text
    assert "Nothing is in it" in client.get("/table?name=titles").text


def test_prefix_finds_what_begins_so_and_nothing_else() -> None:
    texts = sorted(["a", "a\U0001f600", "ab", "b", "ä"])
    assert beginning_with(texts, "a") == ["a", "ab", "a\U0001f600"]
    assert beginning_with(texts, "c") == []
