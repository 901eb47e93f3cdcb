"""A visit is answered out of the release alone, as the tables would have it."""

import re
import shutil
from dataclasses import fields
from datetime import timedelta
from inspect import signature
from math import inf
from pathlib import Path
from typing import Any

import pytest

from conf import experiments
from conf.days import end_of
from conf.errors import UserMistake
from conf.pages import pages
from conf.settings import ROOT
from jobs.declare_experiments import decide
from jobs.io.experiments.register import START, declaration
from jobs.io.serving import releases, service
from jobs.io.serving.page_view import page as by_tables
from jobs.io.serving.page_view import served
from jobs.io.serving.reader import OWN
from jobs.io.serving.service import Online, ServedPage
from jobs.serve_pages import serve_pages
from models.page.online.assemble import Visit
from tests import drafts, published
from tests.published import DAY, EARLY, NOW, UNTIL

LATER = UNTIL + timedelta(minutes=10)


@pytest.fixture(autouse=True)
def _time_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reads without a limit of their own have time enough, however busy the machine is."""
    monkeypatch.setattr(service, "budget", lambda: lambda: inf)


@pytest.fixture
def home(root: Path) -> Path:
    """A home with one release in it."""
    serve_pages(UNTIL)
    return root.parent


def visit(
    home: Path, name: str = "bob", at=NOW, device: str | None = "tv", left_ms: float = 1e9
) -> ServedPage:
    online = Online(home)
    page = online.page(name, Visit(at.timestamp(), device), left_ms=lambda: left_ms)
    online.close()
    return page


def titles(page: ServedPage) -> set[str]:
    return {cell["title_id"] for row in page.rows.to_pylist() for cell in row["cells"]}


@pytest.mark.parametrize("name", ["ann", "bob"])
@pytest.mark.parametrize("device", ["tv", "phone"])
def test_page_is_the_one_that_the_tables_tell_of(home: Path, name: str, device: str) -> None:
    release_page = served(home, name, NOW, device)
    table_page = by_tables(name, at=NOW, device=device)
    assert (release_page.level, release_page.removed) == (table_page.level, table_page.removed)
    assert release_page.causes == ()
    for row, expected in zip(release_page.rows, table_page.rows, strict=True):
        for column in row.keys() & expected.keys() - {"cells"}:
            assert row[column] == expected[column]
        assert names_of(row) == names_of(expected)


def names_of(row: dict[str, Any]) -> list[tuple[str, str]]:
    """The titles of a row with their names."""
    return [(cell["title_id"], cell["name"]) for cell in row["cells"]]


KINDS = """\
layers: {page: {exclusive: true}}
metrics: {plays: {of: plays, about: plays}}
experiments:
  kinds:
    {about: a, layer: page, start: 1998-04-22, end: 1998-05-20, metric: plays, size: 5, cells: {
      control: {share: 0.5}, more: {share: 0.5, changes: {rows.kinds.month: {
        title: M, reason: R, texts: {de: {title: M, reason: R}, es: {title: M, reason: R}},
        evidence: popular, order: popularity, window_days: 30, min_length: 1, max_length: 75}}}}}
"""


@pytest.mark.parametrize("is_declared", [True, False])
def test_a_row_of_a_kind_that_a_variant_added_is_shown(
    root: Path, lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_declared: bool
) -> None:
    (tmp_path / "experiments.yaml").write_text(KINDS)
    monkeypatch.setattr(experiments, "FILE", tmp_path / "experiments.yaml")
    if is_declared:
        declared = experiments.load_experiments()
        decide("kinds", START, DAY, declaration(declared, "kinds"))
    named = {"row_id": "month", "row_kind": "month"}
    page = published.page_rows(DAY, "bob")
    changed = [row | named if row["row_kind"] == "popular" else row for row in page]
    version = published.replace_day(lake, DAY, changed)
    published.receipt(lake, "homepage_rows", version, changed)
    serve_pages(UNTIL)
    night = end_of(DAY) + timedelta(hours=1)
    released = visit(root.parent, at=night).rows.to_pylist()
    for shown in (released, by_tables("bob", at=night, device="tv").rows):
        assert ("month" in [row["row_kind"] for row in shown]) == is_declared


def test_no_table_is_read(home: Path, lake: Path) -> None:
    before = visit(home).rows
    shutil.rmtree(lake)
    assert visit(home).rows.equals(before) and before.num_rows


def test_what_settings_forbid_since_the_page_was_made_is_gone(home: Path, lake: Path) -> None:
    assert "t00" in titles(visit(home))
    published.settings(lake, UNTIL + timedelta(minutes=1), "bob", blocked_titles=["t00"])
    serve_pages(LATER)
    page = visit(home, at=LATER)
    assert "t00" not in titles(page) and {one.reason for one in page.removed} == {
        "blocked by the profile"
    }


def test_page_of_which_nothing_may_be_seen_any_more_is_stood_in_for_by_a_lower_level(
    home: Path, lake: Path
) -> None:
    """An adult's profile was given to a child at noon."""
    published.settings(
        lake,
        UNTIL + timedelta(minutes=1),
        "bob",
        kids=True,
        blocked_titles=sorted(titles(visit(home))),
    )
    serve_pages(LATER)
    page = visit(home, at=LATER)
    assert page.level in ("popular", "static") and "base: nothing of it is left" in page.causes


def test_title_whose_window_ended_since_the_release_is_gone(home: Path, lake: Path) -> None:
    row = {
        "title_id": "t02",
        "country": "NO",
        "from_at": EARLY,
        "until_at": NOW + timedelta(hours=1),
        **published.LOGGED,
    }
    published.write(lake, "availability", [row])
    serve_pages(LATER)
    assert "t02" in titles(visit(home, at=LATER))
    assert "t02" not in titles(visit(home, at=NOW + timedelta(hours=2)))


def searched(home: Path, name: str, text: str, at=NOW, **settings: Any) -> set[str]:
    online = Online(home)
    found = online.search(name, text, Visit(at.timestamp()), settings, most=999)
    online.close()
    return {title_id for each in found for title_id in each.title_ids}


def test_search_finds_what_the_law_lets_the_profile_see_and_nothing_else(
    home: Path, lake: Path
) -> None:
    every = set(drafts.TITLES)
    names = {name[:1] for name in every}
    found = {title for letter in names for title in searched(home, "bob", letter)}
    assert titles(visit(home)) <= found < every and "hated" not in found
    child = {t for letter in names for t in searched(home, "bob", letter, kids=True)}
    limit = pages().legality.kids_maturity_limit
    ages = {title_id: facts["maturity"] for title_id, facts in drafts.TITLES.items()}
    assert child and all(ages[t] is not None and ages[t] <= limit for t in child)
    assert "t00" in found
    assert "t00" not in searched(home, "bob", "t", blocked_titles=["t00"])


def test_search_obeys_windows_at_the_visit(home: Path, lake: Path) -> None:
    window = {
        "title_id": "t02",
        "country": "NO",
        "from_at": EARLY,
        "until_at": NOW + timedelta(hours=1),
    }
    published.write(lake, "availability", [window | published.LOGGED])
    serve_pages(LATER)
    assert "t02" in searched(home, "bob", "t0", LATER)
    assert "t02" not in searched(home, "bob", "t0", NOW + timedelta(hours=2))


def test_search_without_a_catalogue_finds_nothing(home: Path, root: Path) -> None:
    releases.store_path(root, releases.serving_id(root) or "", "catalogue").unlink()
    assert searched(home, "bob", "t") == set()


def test_page_leans_to_what_is_begun_at_the_hour(root: Path, lake: Path) -> None:
    """Contexts are in a release: its page of an hour is that of the tables, and not of another."""
    published.write(
        lake,
        "contexts",
        [
            {
                "country": "NO",
                "context": "hour",
                "moment": str(hour),
                "facet": "genre",
                "trait": genre,
                "starts_count": 900.0 if (hour == 21) == (genre == "Comedy") else 100.0,
                "expected_count": 500.0,
                "ds": DAY - timedelta(days=1),
            }
            for hour in range(24)
            for genre in ("Comedy", "Drama")
        ],
    )
    half = sorted(drafts.TITLES)[::2]
    published.write(
        lake,
        "titles",
        [
            {
                "title_id": t,
                "name": t,
                "genres": ["Comedy" if t in half else "Drama"],
                "maturity": f["maturity"],
                **published.LOGGED,
                "known_at": UNTIL - timedelta(hours=1),
            }
            for t, f in drafts.TITLES.items()
        ],
    )
    serve_pages(UNTIL)
    evening, noon = (
        order(served(root.parent, "bob", at, "tv").rows) for at in (NOW, NOW + timedelta(hours=15))
    )
    assert evening == order(by_tables("bob", at=NOW, device="tv").rows) != noon


def order(rows: list[dict[str, Any]]) -> list[tuple[str, list[str]]]:
    """Rows and their titles as they stand."""
    return [(row["row_id"], [cell["title_id"] for cell in row["cells"]]) for row in rows]


def test_no_time_left_is_the_page_of_the_country(home: Path) -> None:
    page = visit(home, left_ms=0)
    assert page.level == "popular" and page.rows.num_rows and page.causes[0] == "budget: used up"
    assert "hated" not in titles(page), "what has to hold is never left out"


def test_time_that_ends_after_the_read_leaves_out_what_can_wait(home: Path) -> None:
    online, remaining_ms = Online(home), iter([1e9] * 2 + [0.0] * 9)
    page = online.page("bob", Visit(NOW.timestamp(), "tv"), left_ms=lambda: next(remaining_ms))
    assert (
        page.level == "base"
        and page.causes
        and all(cause.startswith("no time: ") for cause in page.causes)
    )


WITHOUT = {"fresh": "base", "settings": "popular", "changes": "popular", "catalogue": "static"}


@pytest.mark.parametrize("layer", releases.LAYERS)
def test_any_store_that_is_lost_still_leaves_a_page(home: Path, root: Path, layer: str) -> None:
    releases.store_path(root, releases.serving_id(root) or "", layer).unlink()
    page = visit(home, "ann")
    assert page.rows.num_rows or layer == "static"
    assert page.level == WITHOUT.get(layer, "fresh")


def test_catalogue_that_cannot_be_read_is_looked_for_again(
    home: Path, root: Path, lake: Path
) -> None:
    releases.store_path(root, releases.serving_id(root) or "", "catalogue").unlink()
    online = Online(home)
    assert online.page("bob", Visit(NOW.timestamp())).causes[0] == "catalogue: unreadable"
    published.update(lake, LATER, "bob")
    serve_pages(LATER)
    assert online.reload() and online.page("bob", Visit(LATER.timestamp())).level == "fresh"
    assert not online.reload()


def test_nothing_was_released(tmp_path: Path) -> None:
    page = visit(tmp_path)
    assert (page.level, page.rows.num_rows) == ("static", 0)


def asked(home: Path, name: str, settings: Any = None, **more: Any) -> ServedPage:
    """The page of a profile whose settings the caller knows."""
    online = Online(home)
    page = online.page(name, Visit(NOW.timestamp(), "tv"), settings, **more)
    online.close()
    return page


def test_settings_that_the_caller_knows_hold_at_once(home: Path) -> None:
    assert "t00" in titles(asked(home, "bob"))
    assert "t00" not in titles(asked(home, "bob", {"blocked_titles": ["t00"]}))
    assert titles(asked(home, "bob", {"maturity_limit": 18})) == titles(asked(home, "bob")), (
        "the release knows a lower limit"
    )
    assert not titles(asked(home, "bob", {"maturity_limit": 5}))
    abroad = titles(asked(home, "cid", {"country": "BR"}))
    assert "abroad" in abroad or abroad


@pytest.mark.parametrize(
    "settings",
    [None, {}, {"country": "NO"}, {"country": "BR", "kids": True}, {"maturity_limit": "7+"}],
)
@pytest.mark.parametrize("left_ms", [1e9, 0.0])
def test_profile_that_no_release_knows_has_a_page(
    home: Path, settings: dict[str, Any] | None, left_ms: float
) -> None:
    page = asked(home, "signed up just now", settings, left_ms=lambda: left_ms)
    assert page.rows.num_rows and len(titles(page)) > 10
    assert max(drafts.TITLES[title]["maturity"] for title in titles(page)) <= 12


def test_page_is_made_of_the_reserve_where_every_other_level_is_forbidden(home: Path) -> None:
    """All that stands on the stored pages is blocked, and one more title is left."""
    online = Online(home)
    stored = [
        {cell["title_id"] for row in page.rows.to_pylist() for cell in row["cells"]}
        for page in online.reader.levels("bob", NOW)
    ]
    *levels, reserve = stored
    assert set().union(*levels) <= reserve and {"t00", "t23", "again"} <= reserve
    page = asked(home, "bob", {"blocked_titles": sorted(reserve - {"t23"})})
    assert titles(page) == {"t23"}
    empty = asked(home, "bob", {"blocked_titles": sorted(reserve)})
    assert not empty.rows.num_rows and "static: nothing of it is left" in empty.causes


def test_lost_catalogue_leaves_the_static_page_as_it_may_be_seen_now(
    home: Path, root: Path
) -> None:
    releases.store_path(root, releases.serving_id(root) or "", "catalogue").unlink()
    whole, part = asked(home, "bob"), asked(home, "bob", {"blocked_titles": ["t00"]})
    assert titles(whole) - titles(part) == {"t00"} and part.level == "static"


def test_reader_obeys_a_new_release_without_being_told(
    home: Path, lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    online = Online(home)
    published.settings(lake, UNTIL + timedelta(minutes=1), "bob", blocked_titles=["t00"])
    serve_pages(LATER)
    at = Visit(LATER.timestamp(), "tv")
    assert "t00" in titles(online.page("bob", at))
    now = service.time.monotonic() + 11
    monkeypatch.setattr(service.time, "monotonic", lambda: now)
    assert "t00" not in titles(online.page("bob", at))


def test_picture_above_the_limit_is_replaced_out_of_the_release(home: Path, lake: Path) -> None:
    def pictures() -> set[str]:
        return {
            cell["artwork_id"]
            for row in visit(home, at=LATER).rows.to_pylist()
            for cell in row["cells"]
            if cell["title_id"] == "t02"
        }

    picture = {"title_id": "t02", "artwork_id": "bright", **published.LOGGED}
    published.write(lake, "artwork", [picture, {**picture, "artwork_id": "a grim", "maturity": 18}])
    assert pictures() == {"title-card"}
    published.update(lake, LATER, "bob", picture="a grim")
    serve_pages(LATER)
    assert pictures() == {"bright"}


def test_new_profile_has_a_page_out_of_the_tables_too(root: Path, lake: Path) -> None:
    published.settings(lake, UNTIL, "new", kids=True)
    page = by_tables("new", at=NOW)
    assert page.level == "popular" and len(page.rows) > 0
    with pytest.raises(UserMistake, match="no page for profile 'nobody'"):
        by_tables("nobody", at=NOW)


def test_page_of_which_nothing_is_left_is_that_of_the_country_out_of_the_tables_too(
    root: Path, lake: Path
) -> None:
    rows = [row for row in published.page_rows(DAY, "bob") if row["row_position"] == 1]
    version = published.replace_day(lake, DAY, rows)
    published.receipt(lake, "homepage_rows", version, rows)
    own = {cell["title_id"] for row in rows for cell in row["cells"]}
    published.settings(lake, UNTIL, "bob", blocked_titles=sorted(own))
    page = by_tables("bob", at=NOW)
    left = {cell["title_id"] for row in page.rows for cell in row["cells"]}
    assert page.causes == ("base: nothing of it is left",) and left and not left & own


def test_the_page_of_the_docs_names_what_there_is_and_its_example_runs(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (ROOT / "docs" / "online.md").read_text(encoding="utf-8")
    named = set(re.findall(r"\w+", " ".join(re.findall(r"`([^`\n]+)`", text))))
    methods = {name for name in vars(Online) if not name.startswith("_")}
    asked = {"Online", *methods, *signature(Online.page).parameters} - {"self"}
    fields_ = {field.name for kind in (Visit, ServedPage) for field in fields(kind)}
    levels = {*OWN, "popular", "static"}
    assert not (asked | fields_ | levels) - named
    monkeypatch.chdir(home)
    example = text.partition("```python\n")[2].partition("```")[0]
    example = example.replace('Path("var")', f"Path({str(home)!r})").replace("m0000001-0", "bob")
    exec(compile(example, "docs/online.md", "exec"), {})
    assert capsys.readouterr().out.startswith(("base", "fresh", "static", "popular"))
