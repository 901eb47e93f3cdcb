"""A forecast builds pages as a night does: of no day ahead it is what was published."""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest

from conf.days import end_of
from conf.errors import UserMistake
from jobs.io.published import homepage
from jobs.io.tables import arrow as arrow_tables
from studio.reports import forecast
from studio.reports.forecast import AGES, likely_pages, maker_ahead
from studio.reports.titles import in_words
from tests import published
from tests.built import DAYS, tables_at

PLACE = ("profile_id", "row_kind", "row_position", "column_position", "title_id")


@pytest.fixture
def tables(built: Path, tmp_path: Path) -> Iterator[Path]:
    shutil.copytree(built, tmp_path / "tables")
    with tables_at(tmp_path / "tables"):
        yield tmp_path / "tables"


def places(ahead: int) -> set[tuple[object, ...]]:
    cells = likely_pages(DAYS[1], ahead, None, end_of(DAYS[1]) + timedelta(days=1)).cells
    return {tuple(cell[name] for name in PLACE) for cell in cells.to_pylist()}


def test_of_no_day_ahead_it_is_what_was_published(tables: Path) -> None:
    rows = arrow_tables.filtered_rows("homepage_rows", [("ds", "=", DAYS[1])]).to_pylist()
    stored = {tuple((row | cell)[name] for name in PLACE) for row in rows for cell in row["cells"]}
    assert stored and places(0) == stored


def test_titles_are_as_many_days_older_as_the_day_is_ahead(tables: Path) -> None:
    known_by = end_of(DAYS[1]) + timedelta(days=1)
    now, later = (
        maker_ahead(DAYS[1], ahead, known_by).moment.catalogue.features for ahead in (0, 3)
    )
    for name in AGES:  # null stays null
        np.testing.assert_array_equal(later[name], now[name] + 3, err_msg=name)
    assert np.isfinite(now["title_first_play_age_days"]).any()


def test_title_whose_window_ends_is_on_no_page_after_it(tables: Path) -> None:
    title_id = homepage.page_records("p1", DAYS[1])[0]["cells"][0]["title_id"]
    countries = set(
        arrow_tables.filtered_rows("profile_features", [("ds", "=", DAYS[1])])[
            "country"
        ].to_pylist()
    )
    until = end_of(DAYS[1]) + timedelta(hours=36)
    window = {
        "title_id": title_id,
        "from_at": published.EARLY,
        "until_at": until,
        "known_at": end_of(DAYS[1]) + timedelta(hours=1),  # after that night, and known now
        "source": "test",
        "landing_id": "test",
    }
    others = [{**window, "title_id": each, "until_at": None} for each in titles() - {title_id}]
    rows = [{**row, "country": country or ""} for row in (window, *others) for country in countries]
    published.write(tables, "availability", rows)
    shown = [{place[-1] for place in places(ahead)} for ahead in (1, 2)]
    assert title_id in shown[0] and title_id not in shown[1]


def titles() -> set[str]:
    return set(arrow_tables.filtered_rows("titles", [], ["title_id"])["title_id"].to_pylist())


def test_a_title_has_its_share_of_pages_and_its_places(
    tables: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    title_id = homepage.page_records("p1", DAYS[1])[0]["cells"][0]["title_id"]
    told = forecast.forecast(title_id, 1)
    assert told["day"] == DAYS[1] + timedelta(days=1) and told["asked"] == 16
    assert 0 <= told["low"] < told["share"] < told["high"] <= 1
    assert told["share"] == told["pages"] / told["asked"]
    assert all(1 <= kind["pages"] <= told["pages"] and kind["row"] >= 1 for kind in told["kinds"])
    assert f"{told['pages']} of 16 pages" in in_words(told)
    monkeypatch.setattr(forecast, "likely_pages", None)
    assert forecast.forecast(title_id, 1) == told, "pages serve every title"
    with pytest.raises(UserMistake, match="was landed after"):
        forecast.forecast("landed today", 1)


def test_a_title_in_two_rows_of_a_page_is_on_one_page(
    tables: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cells = pa.table(
        {
            "profile_id": ["p1", "p1"],
            "row_kind": ["genre", "new"],
            "row_position": [2, 5],
            "column_position": [1, 3],
            "title_id": ["t", "t"],
        }
    )
    likely = SimpleNamespace(title_ids=["t"], cells=cells, profiles=4, day=DAYS[1])
    monkeypatch.setattr(forecast, "_kept", lambda *_: likely)
    told = forecast.forecast("t", 1)
    assert told["pages"] == 1
    assert [kind["pages"] for kind in told["kinds"]] == [1, 1]


def test_no_profile_of_a_country_is_one_line(tables: Path) -> None:
    with pytest.raises(UserMistake, match="no profile of country 'XX'"):
        likely_pages(DAYS[1], 1, "XX", end_of(DAYS[1]))


def test_a_share_of_few_pages_says_little() -> None:
    few, many = forecast._share(0, 10), forecast._share(0, 1000)
    assert few["low"] == many["low"] == 0 and few["high"] > 0.2 > 0.01 > many["high"]
