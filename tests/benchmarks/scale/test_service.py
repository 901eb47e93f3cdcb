from dataclasses import replace
from datetime import date, timedelta

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

from benchmarks.scale import made
from benchmarks.scale.landing import COLUMNS, write_events
from benchmarks.scale.plays import Service
from benchmarks.scale.rankers import last_sunday, shapes
from benchmarks.scale.service import write_service, write_tick
from conf.days import end_of
from features.daily import complete_counts
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables import spark as tables

SERVICE = Service(members=40, titles=120, days=30, plays_a_day=0.7, ds=date(2026, 3, 30), seed=5)


@pytest.fixture
def service(spark, lake):
    write_service(spark, SERVICE, lambda _: None)
    return SERVICE


def test_a_service_is_written_by_the_contracts_and_its_past_is_believed(spark, service, tmp_path):
    profiles = arrow_tables.whole_table("profiles")
    assert profiles.num_rows == 40
    events = arrow_tables.whole_table("events", ["profile_id", "ds", "kind"])
    assert set(events["profile_id"].to_pylist()) == set(profiles["profile_id"].to_pylist())
    stored = tables.read(spark, "daily_counts")
    past = stored.select("ds").distinct().collect()
    assert len(past) == 29, "all days but the last"
    day_before = end_of(SERVICE.ds - timedelta(days=1))
    counts = complete_counts(tables.read(spark, "events"), stored, day_before)
    assert counts.count() == stored.count(), "no day is counted anew"

    tick = write_tick(spark, service, share=0.1)
    assert str(tick) == "2026-03-31T00:10Z"
    after = arrow_tables.whole_table("events", ["profile_id", "ds"]).to_pylist()
    assert len({event["profile_id"] for event in after if event["ds"] > SERVICE.ds}) == 4

    write_events(300, "parquet", tmp_path)
    write_events(300, "csv", tmp_path)
    assert pq.read_table(tmp_path / "events.parquet").column_names == COLUMNS
    assert pa_csv.read_csv(tmp_path / "events.csv").num_rows == 300
    with pytest.raises(ValueError, match="were to be landed"):
        write_events(10_000, "csv", tmp_path)


def test_rankers_are_of_the_week_before():
    assert last_sunday(date(2026, 3, 30)) == date(2026, 3, 29)
    assert last_sunday(date(2026, 3, 29)) == date(2026, 3, 22)


def test_the_shape_of_a_ranker_is_that_of_its_trees(rankers):
    assert shapes(rankers) == {"pvr": {"trees": 2, "leaves": 15}}


@pytest.fixture
def rankers():
    return pa.table({"ranker": ["pvr"], "model": ["num_leaves=15\nnum_leaves=4\n"]})


def test_a_made_service_is_removed_whatever_happens(monkeypatch, tmp_path, rankers):
    monkeypatch.setattr(made, "write_service", lambda *_: None)
    monkeypatch.setattr(made, "open_session", lambda *_: type("S", (), {"stop": lambda _: None})())
    monkeypatch.setattr(made.rankers, "serve", lambda *_: None)
    monkeypatch.setattr(made.direct, "run_step", lambda *_: "")
    bench = made.Bench(tmp_path, rankers, lambda _: None)
    home = tmp_path / SERVICE.name

    def fail(keep: bool) -> None:
        with made.made(bench, replace(SERVICE), keep) as folder:
            folder.mkdir()
            raise ValueError("a fault")

    for keep in (False, True):
        with pytest.raises(ValueError, match="a fault"):
            fail(keep)
        assert home.exists() == keep


def test_loops_are_compiled_once_for_each_state_of_the_sources(monkeypatch, tmp_path, rankers):
    jobs = []
    monkeypatch.setattr(made.rankers, "serve", lambda *_: None)
    monkeypatch.setattr(made.direct, "run_step", lambda _, job, ds: jobs.append(job))
    (tmp_path / "rankers").mkdir()
    bench = made.Bench(tmp_path, rankers, lambda _: None)
    for _ in range(2):
        made.compile_loops(None, bench, SERVICE.ds)
    assert tuple(jobs) == made.NIGHT
    monkeypatch.setattr(made, "folder_for", lambda _: tmp_path / "compiled-of-other-sources")
    made.compile_loops(None, bench, SERVICE.ds)
    assert len(jobs) == 2 * len(made.NIGHT)
