"""A day between two nights, told tick by tick: what is learned is in the next overlay, once,
whatever happens.

The tests tell one story on one lake, in order. Its ticks are four hours long.
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from conf.days import end_of
from conf.errors import UserMistake
from conf.pages import SETTINGS
from conf.ticks import Tick, tick_named, tick_of
from jobs import compute_overlays as job
from jobs.build_profile_features import build_profile_features
from jobs.compute_overlays import compute_overlays
from jobs.io.published import ticks
from jobs.io.tables import arrow_writes
from jobs.io.tables import spark as tables
from tests import worlds
from tests.built import copy_of, tables_at
from tests.evenings import (
    DAY,
    HOUR,
    NIGHT,
    TITLES,
    at,
    film,
    land,
    night,
    overlays,
    settings,
    ticks_of,
)

pytestmark = pytest.mark.long

NAMES = ("0400", "0800", "1200", "1600", "2000", "2400")
STATE = (
    *SETTINGS,
    "profile_plays_count_7d",
    "profile_plays_count_30d",
    "profile_plays_count_all",
    "history",
    "my_list",
    "profile_hour_mean_sin",
    "profile_hour_mean_cos",
    "profile_weekend_share",
)
FROM_THE_FUTURE = worlds.event("p5", "t5", at(13), late=timedelta(hours=-6))


@pytest.fixture(scope="module")
def story(
    spark: SparkSession, built: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Any]]:
    """What each tick of the day left."""
    with tables_at(copy_of(built, tmp_path_factory.mktemp("evening") / "tables")), ticks_of(240):
        night(spark)
        yield live(spark)


def live(spark: SparkSession) -> dict[str, Any]:
    """The day itself."""
    day = {name: tick_named(DAY, name) for name in NAMES}
    seen: dict[str, Any] = {"base": base_page(spark, "p3"), "grown_up": base_page(spark, "p4")}
    early = [
        film("ann", "t0", at(1), 1000),
        film("stranger", "t2", at(2), HOUR),
        film("p9", "t99", at(2), HOUR),
        worlds.event("p2", "t4", at(2), kind="list_add"),
    ]
    land(spark, "night owls", early)
    seen["0400"] = run_tick(spark, day["0400"])

    blocked = [settings("p3", at(6), country="NO", blocked_titles=[seen["base"][0]])]
    limited = [settings("p4", at(6), country="NO", maturity_limit=6)]
    morning = [film("ann", "t0", at(5), 2600), FROM_THE_FUTURE, film("p10", "t7", at(7), 900)]
    land(spark, "morning", morning, blocked + limited)
    seen["0800"] = run_tick(spark, day["0800"])

    land(spark, "noon", [film("p6", "t6", at(9), 900)])
    with pytest.MonkeyPatch.context() as crash:
        crash.setattr(ticks, "write_receipt", kill)
        with pytest.raises(KeyboardInterrupt):
            compute_overlays(spark, day["1200"])
    seen["left"], seen["told"] = overlays(spark, day["1200"]), ticks.tick_receipt(day["1200"])
    seen["1200"] = run_tick(spark, day["1200"])

    land(spark, "forgotten box", [film("p7", "t8", at(10), 900), film("p7", "t9", at(15), 900)])
    seen["1600"] = run_tick(spark, day["1600"])
    land(spark, "evening", [film("p8", "t2", at(18), 900), film("ann", "t3", at(23), 600)])
    seen["2400"] = run_tick(spark, day["2400"])  # nobody was there to do 2000

    before = content(spark)
    seen["again"] = [run_tick(spark, day[name])[2] for name in ("0800", "1600", "2400")]
    seen["content"] = (before, content(spark))
    build_profile_features(spark, DAY)
    return seen


def run_tick(spark: SparkSession, tick: Tick) -> tuple[dict[str, Any], dict[str, Any], str]:
    """Run a tick: its overlays, its receipt and its line."""
    line = compute_overlays(spark, tick)
    spark.catalog.clearCache()
    receipt = ticks.tick_receipt(tick)
    assert receipt is not None
    return overlays(spark, tick), receipt, line


def kill(*_: object) -> None:
    """What a process does that is kill at this point."""
    raise KeyboardInterrupt


def content(spark: SparkSession) -> str:
    return tables.content_hash(tables.read(spark, "overlays"))


def base_page(spark: SparkSession, profile: str) -> list[str]:
    """The titles on a profile's published page."""
    rows = (
        tables.read_day(spark, "homepage_rows", NIGHT)
        .where(f"profile_id = '{profile}'")
        .orderBy("row_position")
    )
    return titles_of([row.asDict(recursive=True) for row in rows.collect()])


def titles_of(rows: list[dict[str, Any]], kind: str | None = None) -> list[str]:
    return [
        cell["title_id"] for row in rows for cell in row["cells"] if kind in (None, row["row_kind"])
    ]


def test_only_profiles_with_new_records_have_overlays(story):
    profiles = {name: set(story[name][0]) for name in NAMES if name in story}
    assert profiles == {
        "0400": {"ann", "p2", "p9", "stranger"},
        "0800": {"ann", "p3", "p4", "p10"},
        "1200": {"p6"},
        "1600": {"p5", "p7"},
        "2400": {"ann", "p8"},
    }
    changed = {profile: found["changed"] for profile, found in story["0400"][0].items()}
    assert changed == {"ann": ["plays"], "p2": ["other"], "p9": ["plays"], "stranger": ["plays"]}


def test_state_after_the_days_ticks_is_that_of_the_night_after_them(spark, story):
    newest = {
        profile: found
        for name in NAMES
        if name in story
        for profile, found in story[name][0].items()
    }
    offline = {row["profile_id"]: row.asDict(recursive=True) for row in states(spark).collect()}
    assert len(newest) == 11
    for profile, found in newest.items():
        assert {name: found[name] for name in STATE} == {
            name: offline[profile][name] for name in STATE
        }, profile
    for profile, found in story["2400"][
        0
    ].items():  # the last tick ends with the day, so that ages are the same too
        ours = {name: found[name] for name in offline[profile] if name != "ds"}
        assert ours == {name: value for name, value in offline[profile].items() if name != "ds"}


def states(spark: SparkSession) -> DataFrame:
    return tables.read_day(spark, "profile_features", DAY)


def test_a_film_goes_to_continue_watching_and_leaves_it_when_it_is_finished(story):
    half, whole = (story[name][0]["ann"]["rows"] for name in ("0400", "0800"))
    assert "t0" in titles_of(half, "continue_watching")
    assert "t0" not in titles_of(whole, "continue_watching")
    assert "t3" in titles_of(story["2400"][0]["ann"]["rows"], "continue_watching")


def test_what_was_blocked_or_became_too_grown_up_is_gone(story):
    rows = story["0800"][0]
    blocked = story["base"][0]
    assert rows["p3"]["changed"] == ["settings"] and rows["p3"]["taken"] == []
    assert titles_of(rows["p3"]["rows"]) and blocked not in titles_of(rows["p3"]["rows"])
    grown_up = {f"t{n}" for n in range(TITLES) if n % 3}
    assert grown_up & set(story["grown_up"])
    assert titles_of(rows["p4"]["rows"]) and not grown_up & set(titles_of(rows["p4"]["rows"]))


def test_unknown_titles_are_counted_and_harmless(story):
    found, receipt, _ = story["0400"]
    assert (receipt["events_count"], receipt["unknown_count"]) == (4, 1)
    assert found["p9"]["history"][0]["title_id"] == "t99"
    assert found["p9"]["rows"] and "t99" not in titles_of(found["p9"]["rows"])


def test_what_is_said_to_happen_later_is_counted_and_taken_in_when_it_has(story):
    assert (story["0800"][1]["future_count"], story["0800"][1]["events_count"]) == (1, 2)
    assert [one["event_at"].hour for one in story["1600"][0]["p5"]["taken"]] == [13]


def test_a_profile_without_settings_has_a_page_too(story):
    assert story["0400"][0]["stranger"]["country"] is None and story["0400"][0]["stranger"]["rows"]


def test_a_tick_cut_short_before_its_receipt_is_not_there_and_is_done_again(story):
    assert set(story["left"]) == {"p6"} and story["told"] is None
    assert story["1200"][0] == story["left"] and story["1200"][1]["events_count"] == 1


def test_what_landed_late_is_taken_in_by_the_next_tick(story):
    _, receipt, _ = story["1600"]
    assert (receipt["late_count"], receipt["events_count"]) == (
        1,
        3,
    )  # two of the box, one that was from the future


def test_a_tick_that_was_left_out_leaves_no_gap(story):
    found, receipt, _ = story["2400"]
    assert receipt["since"] == tick_named(DAY, "1600").as_of
    assert [one["event_at"].hour for one in found["p8"]["taken"]] == [18]


def test_ticks_done_again_change_nothing(story):
    before, after = story["content"]
    assert before == after
    assert story["again"] == [story[name][2] for name in ("0800", "1600", "2400")]


def test_rows_are_of_the_tick_and_not_of_the_night(story):
    found, receipt, said = story["2400"]
    assert receipt["as_of"] == end_of(DAY) and receipt["built_on"] == NIGHT
    assert said.startswith("2 profiles, built on 2026-04-30; 2 events")
    pages = {row["page_id"] for one in found.values() for row in one["rows"]}
    assert len(pages) == 2 and not pages & {
        row["page_id"] for row in story["0400"][0]["ann"]["rows"]
    }
    assert all(
        row["row_position"] == place
        for row, place in zip(found["ann"]["rows"], range(1, 99), strict=False)
    )


def test_a_tick_without_new_records_has_a_receipt_and_deletes_its_rows(spark, story):
    tick, nobody = tick_named(DAY, "2000"), {"events_count": 0}
    receipt = story["2400"][1]
    arrow_writes.write_tick("ticks", tick, [{**receipt, "since": tick.as_of, "landings_after": 99}])
    tables.replace_tick(
        spark, "overlays", tick, tables.read(spark, "overlays").where("tick = '2400'")
    )
    found, receipt, _ = run_tick(spark, tick)
    assert found == {} and {name: receipt[name] for name in nobody} == nobody


def test_a_tick_before_the_first_page_is_refused(spark, story):
    with pytest.raises(UserMistake, match="no page was published for a day before 2026-04-29"):
        compute_overlays(spark, tick_of(at(-44)))


def test_more_profiles_than_the_driver_holds_are_done_the_same(spark, story, monkeypatch):
    monkeypatch.setattr(job, "MOST_ON_DRIVER", 0)
    assert run_tick(spark, tick_named(DAY, "2400"))[0] == story["2400"][0]


def test_pictures_are_counted_over_the_day_so_far(spark, story):
    cell = {
        "page_id": "page",
        "row_id": "popular",
        "row_position": 1,
        "column_position": 1,
        "device": "tv",
    }
    more = {"source": "test", "landing_id": "looks", "ds": DAY}
    looks = [
        {
            **cell,
            **more,
            "profile_id": "p8",
            "title_id": title,
            "artwork_id": f"{title}/face",
            "column_position": column,
            "shown_at": when,
            "known_at": known,
        }
        for title, column, when, known in [
            ("t3", 1, at(17), at(17)),
            ("t3", 1, at(19), at(19)),
            ("t4", 2, at(19), at(19)),
            ("t5", 3, at(19), at(25)),
        ]
    ]
    plays = [
        film("p8", "t3", at(18), HOUR, **cell),
        film("p8", "t4", at(18), 60, **cell | {"column_position": 2}),
    ]
    tables.append(spark, "impressions", worlds.frame(spark, "impressions", looks).coalesce(1))
    tables.append(spark, "events", worlds.frame(spark, "events", plays).coalesce(1))
    counted = {}
    for name in ("1600", "2000", "2400"):
        run_tick(spark, tick_named(DAY, name))
        found = (
            tables.read(spark, "picture_counts")
            .where(f"tick = '{name}'")
            .drop("ds", "tick", "as_of")
            .collect()
        )
        counted[name] = {tuple(row) for row in found}
    assert not counted["1600"], "nothing was seen by then"
    assert (
        counted["2000"]
        == counted["2400"]
        == {("t3", "t3/face", 2, 1, 0.5), ("t4", "t4/face", 1, 0, 0.0)}
    )
