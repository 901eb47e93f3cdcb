"""A day is built from the log alone: in any order, again, and with as little as there is."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from conf.contracts import contract
from conf.errors import UserMistake
from conf.schedule import CADENCES
from jobs import (
    build_daily_counts,
    build_examples,
    build_profile_features,
    build_title_features,
    direct,
    publish_homepage_rows,
    train_rankers,
)
from jobs.io.tables import spark as tables
from jobs.training.title_examples import title_examples
from tests import worlds
from tests.built import DAYS, WEEK, copy_of, page_hash, tables_at

BUILT = [
    contract(name)
    for name in ("daily_counts", "title_features", "profile_features", "similars", "drafts")
]


def test_every_day_is_published_whole(spark, built):
    with tables_at(built):
        for day in DAYS:
            pages = tables.read_day(spark, "homepage_rows", day)
            profiles = tables.read_day(spark, "profile_features", day)
            assert pages.select("profile_id").distinct().count() == profiles.count()
        assert {r["ds"] for r in tables.read(spark, "publications").collect()} == set(DAYS)


@pytest.mark.long
def test_days_built_again_in_another_order_and_after_a_late_correction_are_the_same(
    spark, built, tmp_path
):
    with tables_at(built):
        before = [page_hash(spark, day) for day in DAYS]
    with tables_at(copy_of(built, tmp_path / "tables")):
        for day in DAYS:
            for table in [*BUILT, contract("homepage_rows")]:
                tables.forget_day(spark, table.table, day)
        direct.run_dag(spark, "homepage_daily", DAYS[1])
        late = worlds.event("p1", "t3", datetime(2026, 4, 20, tzinfo=UTC), late=timedelta(days=30))
        tables.append(spark, "events", worlds.frame(spark, "events", [late]))
        direct.run_dag(spark, "homepage_daily", DAYS[0])
        assert [page_hash(spark, day) for day in DAYS] == before


def test_publishing_again_makes_no_new_version(spark, built):
    with tables_at(built):
        version = tables.version_of(spark, "homepage_rows")
        publish_homepage_rows.publish_homepage_rows(spark, DAYS[1])
        assert tables.version_of(spark, "homepage_rows") == version


def test_training_again_gives_the_same_ranker_byte_by_byte(spark, built, tmp_path):
    with tables_at(copy_of(built, tmp_path / "tables")):
        before = tables.read_day(spark, "rankers", WEEK).collect()[0]
        train_rankers.train_rankers(spark, WEEK)
        after = tables.read_day(spark, "rankers", WEEK).collect()[0]
        assert (before["model"], before["metrics"]) == (after["model"], after["metrics"])


@pytest.mark.parametrize("job", [build_daily_counts, build_title_features, build_profile_features])
@pytest.mark.parametrize("ds", [date(2025, 12, 31), date(2030, 1, 1)])
def test_a_day_without_events_is_refused_and_nothing_is_written(spark, built, job, ds):
    name = job.__name__.rpartition(".")[2]
    table = name.removeprefix("build_")
    with tables_at(built):
        version = tables.version_of(spark, table)
        with pytest.raises(
            UserMistake,
            match=f"{ds}: no events were learned on that day; the log runs from 2026-01",
        ):
            getattr(job, name)(spark, ds)
        assert tables.version_of(spark, table) == version


def test_examples_without_anything_to_learn_are_refused(spark, built):
    with tables_at(built), pytest.raises(UserMistake, match="no training rows"):
        build_examples.build_examples(spark, date(2026, 1, 2))


def test_examples_are_read_in_the_order_of_queries(spark, built):
    with tables_at(built):
        stored = tables.read_day(spark, "examples", WEEK)
        read = title_examples(spark, WEEK).table
    in_order = stored.orderBy("cut_at", "profile_id", "title_id").toArrow()
    for name in in_order.column_names:
        values, expected = (column[name].combine_chunks() for column in (read, in_order))
        if pa.types.is_list(values.type):
            values, expected = values.flatten(), expected.flatten()
        np.testing.assert_array_equal(np.asarray(values), np.asarray(expected), err_msg=name)


def test_a_ranker_without_examples_is_refused(spark, lake):
    worlds.write_log(spark, worlds.random_events(1, count=20))
    with pytest.raises(UserMistake, match="examples has no rows"):
        train_rankers.train_rankers(spark, date(2026, 4, 26))


def test_the_smallest_service_gets_its_page(spark, lake):
    """One member with one play, one other title without genres, no ranker."""
    at = datetime(2026, 4, 1, 20, tzinfo=UTC)
    titles = [worlds.title(0, genres=None), worlds.title(1, genres=[], year=None)]
    tables.append(spark, "events", worlds.frame(spark, "events", [worlds.event("p", "t0", at)]))
    tables.append(spark, "titles", worlds.frame(spark, "titles", titles))
    said = direct.run_dag(spark, "homepage_daily", at.date())
    assert list(said) == list(CADENCES["homepage_daily"].jobs)
    rows = tables.read_day(spark, "homepage_rows", at.date()).collect()
    assert {row["profile_id"] for row in rows} == {"p"}
    assert {row["ranker_id"] for row in rows} == {"popularity"}
