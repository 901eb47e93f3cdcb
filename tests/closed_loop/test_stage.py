"""Which days can be judged, and what a day of the world begins with; the tables are stand-ins."""

from types import SimpleNamespace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from closed_loop import folder as world_folder
from closed_loop import stage as stage_module
from tests.simulator.small import small_settings


class Frame:
    """A table of two profiles in the place of a Spark data frame, already in order."""

    def drop(self, column: str) -> "Frame":
        return self

    def orderBy(self, column: str) -> "Frame":
        return self

    def toArrow(self) -> pa.Table:
        return pa.table({"profile_id": ["ann", "cy", "dee"], "plays": [1, 3, 4]})


@pytest.mark.parametrize(
    ("next_day", "count", "days"),
    [(5, 2, [4, 5]), (1, 9, [0, 1]), (world_folder.PAST, 3, [0]), (0, 3, [0])],
)
def test_the_newest_days_can_be_judged(monkeypatch, next_day, count, days):
    monkeypatch.setattr(stage_module, "next_day", lambda settings: next_day)
    monkeypatch.setattr(stage_module, "stage", lambda spark, world, settings, day: day)
    life = SimpleNamespace(spark=None, truth=None, settings=None)
    assert list(stage_module.stages(life, count)) == days


def test_a_day_begins_with_the_profiles_that_lived_and_have_features(monkeypatch, tmp_path):
    monkeypatch.setenv("FRONTROW_WORLD", str(tmp_path))
    outcome = pa.table(
        {
            "index": [7, 8, 9],
            "profile_id": ["cy", "bob", "ann"],
            "account_id": ["c", "b", "a"],
            "state": ["", "", ""],
            "events": [0, 0, 0],
        }
    )
    path = world_folder.outcome_path(3)
    path.parent.mkdir(parents=True)
    pq.write_table(outcome, path)
    monkeypatch.setattr(
        stage_module, "tables", SimpleNamespace(read_day=lambda spark, table, ds: Frame())
    )
    monkeypatch.setattr(stage_module, "page_maker", lambda spark, ds: ds)
    settings = small_settings()
    day = stage_module.stage(None, None, settings, 4)
    assert day.maker == world_folder.date_of(settings, 3), "pages are made the day before"
    assert day.states["index"].to_pylist() == [7, 9]
    assert day.features["profile_id"].to_pylist() == ["cy", "ann"], "in the order of the states"
    assert day.states.column_names == ["index", "profile_id", "account_id", "state"]


def test_the_first_models_are_trained_once_and_no_page_is_published(monkeypatch):
    jobs = []
    life = SimpleNamespace(spark=None, settings=small_settings())
    monkeypatch.setattr(
        stage_module.arrow_tables,
        "open_table",
        lambda name: "written" if name == "profile_features" else None,
    )
    monkeypatch.setattr(stage_module.direct, "run_step", lambda spark, job, ds: jobs.append(job))
    stage_module._first_models(life, lambda line: None)
    assert jobs
    assert not set(jobs) & set(stage_module.PUBLISHING)
    assert stage_module.contract("profile_features").written_by not in jobs
