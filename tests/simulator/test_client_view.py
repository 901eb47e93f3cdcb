from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from conf.landing import file_columns, required_columns
from simulator.client_view import (
    artwork_table,
    availability_table,
    day_instants,
    profiles_table,
    titles_table,
)
from simulator.members import members
from simulator.truth import NEVER
from tests.simulator.small import small_settings, small_world

WORLD, SETTINGS = small_world(), small_settings()
MEMBERS = members(WORLD, SETTINGS, 0, 300)
TABLES = {
    "titles": titles_table(WORLD, SETTINGS),
    "availability": availability_table(WORLD, SETTINGS),
    "artwork": artwork_table(WORLD, SETTINGS),
    "profiles": profiles_table(WORLD, SETTINGS, MEMBERS),
}


@pytest.mark.parametrize("name", TABLES)
def test_only_columns_of_the_landing_contract_are_sent(name: str) -> None:
    assert set(TABLES[name].column_names) <= set(file_columns(name))
    assert set(required_columns(name)) <= set(TABLES[name].column_names)
    assert all(TABLES[name][column].null_count == 0 for column in required_columns(name))


def test_no_number_of_the_truth_is_sent_by_another_name() -> None:
    hidden = [
        WORLD.titles.quality,
        WORLD.titles.attraction,
        WORLD.titles.half_life,
        MEMBERS.strictness,
    ]
    hidden += [MEMBERS.sessions, MEMBERS.patience, MEMBERS.shared, WORLD.titles.artwork_represents]
    for table in TABLES.values():
        for column in table.columns:
            if not pa.types.is_floating(column.type):
                continue
            values = column.to_numpy()
            assert not any(
                len(values) == len(truth) and np.allclose(values, truth, atol=1e-3)
                for truth in hidden
            )


def test_when_members_cancel_is_not_known() -> None:
    instants = [
        column for column in TABLES["profiles"].columns if pa.types.is_timestamp(column.type)
    ]
    cancel_instants = day_instants(SETTINGS, MEMBERS.cancel_day)
    assert instants and not any(
        pc.sum(pc.equal(column, cancel_instants)).as_py() for column in instants
    )


def test_days_become_instants_and_never_becomes_null() -> None:
    days = np.array([0, -1, 59, NEVER], np.int32)
    january = datetime(2026, 1, 5, tzinfo=UTC)
    assert SETTINGS.first_day == january.date()
    assert day_instants(SETTINGS, days).to_pylist() == [
        january,
        datetime(2026, 1, 4, tzinfo=UTC),
        datetime(2026, 3, 5, tzinfo=UTC),
        None,
    ]


def test_windows_are_those_of_the_truth() -> None:
    row_of_title = {title: row for row, title in enumerate(WORLD.title_ids)}
    countries = list(SETTINGS.countries)
    windows = TABLES["availability"].to_pylist()
    assert len(windows) == (WORLD.titles.opens < NEVER).sum()
    for row in windows:
        pair = row_of_title[row["title_id"]], countries.index(row["country"])
        opens, closes = WORLD.titles.opens[pair], WORLD.titles.closes[pair]
        assert [row["from_at"], row["until_at"]] == day_instants(
            SETTINGS, np.array([opens, closes], np.int32)
        ).to_pylist()


def test_every_title_has_a_window_since_none_would_mean_everywhere() -> None:
    assert set(TABLES["availability"]["title_id"].to_pylist()) == set(WORLD.title_ids)
    windows = TABLES["availability"].to_pylist()
    assert all(row["until_at"] is None or row["from_at"] < row["until_at"] for row in windows)


def test_titles_say_what_they_are() -> None:
    first = TABLES["titles"].to_pylist()[1]
    titles = WORLD.titles
    assert first["title_id"] == "t1" and first["name"] == "Title 1" and first["year"] == 1981
    assert first["kind"] == ("series" if titles.series[1] else "film")
    assert first["genres"] == ["Animation", "Children's"]
    assert (
        first["duration_seconds"] == titles.seconds[1] and first["maturity"] == titles.maturity[1]
    )
    assert first["languages"] == [
        name for name, spoken in zip(SETTINGS.languages, titles.spoken[1], strict=True) if spoken
    ]


def test_artworks_belong_to_their_titles() -> None:
    artworks = TABLES["artwork"]
    assert artworks["artwork_id"].to_pylist() == list(WORLD.artwork_ids)
    assert all(
        artwork.startswith(f"{title}-")
        for title, artwork in zip(*artworks.select([0, 1]).to_pydict().values(), strict=True)
    )
    assert len(set(WORLD.artwork_ids)) == len(WORLD.artwork_ids)


def test_profiles_are_known_when_they_are_made_and_grown_ups_without_a_setting_have_none() -> None:
    profiles = TABLES["profiles"]
    assert profiles["known_at"].equals(profiles["created_at"])
    limits = profiles["maturity_limit"].to_pylist()
    assert [limit if limit is not None else 21 for limit in limits] == MEMBERS.limit.tolist()
    assert (
        max(limit for limit, kids in zip(limits, profiles["kids"].to_pylist(), strict=True) if kids)
        <= 12
    )
