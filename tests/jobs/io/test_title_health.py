"""How titles stand on a stored day: counted from its pages, explained by its tables."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from deltalake import WriterProperties, write_deltalake

from conf.health import health_reasons
from conf.rows import rows
from jobs.io import title_health
from jobs.io.tables import arrow as arrow_tables
from tests import audited, drafts

NAMES = ["ann", "bob", "eve"]
Health = dict[tuple[str, str, str], dict[str, Any]]  # by title, country and kind of row


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Drafts of three profiles in two files, and what was known of titles and profiles."""
    root = tmp_path_factory.mktemp("lake")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FRONTROW_TABLES", str(root))
        pages = drafts.pages_of(NAMES)
        for names in (NAMES[:2], NAMES[2:]):
            day = [{**row, "ds": drafts.DS} for name in names for row in pages[name]]
            put("drafts", day)
        put("profile_features", drafts.profile_records(NAMES))
        put("title_features", drafts.title_feature_records())
        yield root


def put(name: str, records: list[dict[str, Any]]) -> None:
    """Append to a table; a row group is shorter than a page."""
    table = audited.arrow(name, records)
    path, few = arrow_tables.deltalake_path(name), WriterProperties(max_row_group_size=4)
    write_deltalake(path, table, mode="append", partition_by=["ds"], writer_properties=few)


@pytest.fixture(scope="module")
def health(lake: Path) -> Health:
    title_health.write_title_health(audited.day_of_drafts().tables, drafts.DS, 1)
    records = arrow_tables.filtered_rows("title_health").to_pylist()
    found = {(row["title_id"], row["country"], row["row_kind"]): row for row in records}
    assert len(found) == len(records)
    return found


def reason(health: Health, title: str, country: str = "NO", kind: str = "popular") -> str:
    row = health[title, country, kind]
    assert row["health"] == health_reasons().reasons[row["health_reason"]].state
    return str(row["health_reason"])


def test_every_title_has_a_state_in_every_country_and_kind(health: Health) -> None:
    countries = {country for _, country, _ in health}
    assert countries == {"", "BR", "NO"}
    assert len(health) == len(drafts.TITLES) * len(countries) * len(rows().kinds)
    assert all(row["drafts_version"] == 1 and row["ds"] == drafts.DS for row in health.values())
    assert "unexplained" not in {row["health"] for row in health.values()}


def test_titles_are_counted_once_for_each_profile_and_kind(health: Health) -> None:
    expected: dict[tuple[str, str], set[str]] = {}
    for name, page in drafts.pages_of(NAMES).items():
        for row in page:
            for cell in row["cells"]:
                expected.setdefault((cell["title_id"], row["row_kind"]), set()).add(name)
    assert {
        (title, kind): row["shown_count"]
        for (title, country, kind), row in health.items()
        if country == "NO" and row["shown_count"]
    } == {key: len(names) for key, names in expected.items()}
    assert {row["shown_count"] for (_, country, _), row in health.items() if country != "NO"} == {0}


def test_the_rule_that_keeps_a_title_away_is_named(health: Health) -> None:
    assert reason(health, "t00") == "shown"
    assert reason(health, "soon") == "not_launched"
    assert reason(health, "abroad") == "window_ended"
    assert reason(health, "t01", "") == "no_window"
    assert reason(health, "grim") == "above_age_limits"
    assert reason(health, "thai") == "not_spoken"
    assert reason(health, "t00", "BR") == "no_profiles"
    assert reason(health, "unplayed") == "never_played"
    assert reason(health, "unplayed", kind="genre") == "no_tag"
    assert reason(health, "t00", kind="director") == "no_tag"
    assert reason(health, "t20", kind="my_list") == "not_listed"
    assert reason(health, "t20", kind="coming_back") == "not_back"


def test_profiles_that_a_title_suits_are_counted(health: Health) -> None:
    assert health["t00", "NO", "popular"]["eligible_count"] == len(NAMES)
    assert health["grim", "NO", "popular"]["eligible_count"] == 0
    assert health["thai", "NO", "popular"]["eligible_count"] == 0


def test_title_that_is_shown_against_a_rule_is_unexplained(lake: Path) -> None:
    listed_twice = title_health._listed_twice
    with patch.object(title_health, "_listed_twice", lambda *tables: ~listed_twice(*tables)):
        title_health.write_title_health(audited.day_of_drafts().tables, drafts.DS, 1)
    records = arrow_tables.filtered_rows("title_health").to_pylist()
    title_health.write_title_health(audited.day_of_drafts().tables, drafts.DS, 1)
    by_shown = {row["health_reason"] for row in records if row["shown_count"]}
    assert by_shown == {"contradicted"}


def test_order_that_nobody_explains_is_unexplained(lake: Path) -> None:
    known = health_reasons()
    fewer = known.model_copy(update={"orders": {"popularity": "never_played"}})
    with patch("features.audit.health.health_reasons", lambda: fewer):
        title_health.write_title_health(audited.day_of_drafts().tables, drafts.DS, 1)
    records = arrow_tables.filtered_rows("title_health").to_pylist()
    title_health.write_title_health(audited.day_of_drafts().tables, drafts.DS, 1)
    unexplained = {row["row_kind"] for row in records if row["health"] == "unexplained"}
    assert {"my_list", "top_picks"} <= unexplained and "popular" not in unexplained
