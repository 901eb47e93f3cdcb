"""A ranker grown by tasks: the same bytes whatever the order of rows, after a lost task too; errors are one line."""

import os
import signal
import threading
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from pyspark import BarrierTaskContext
from pyspark.sql import DataFrame, Row, SparkSession

from benchmarks.scale.training import CUT, made_examples
from conf.errors import Rejected, Retryable, UserMistake
from conf.rankers import ranker_settings
from jobs.training import distributed
from jobs.training.distributed import Batches, Trained, fit_by_tasks
from jobs.training.title_examples import TitleExamples
from models.rankers import distributed as in_task
from models.rankers.queries import fit_on_examples

QUICK = ranker_settings("top_picks").model_copy(update={"trees": 20, "models": 2})


@pytest.fixture(scope="module")
def table() -> pa.Table:
    """Rows of two cuts a week apart; every other play came ten days after its cut, the others after one."""
    newer = made_examples(60, seed=1)
    rows = pa.concat_tables([newer, newer])
    week = pa.array([7 * 86_400_000_000] * len(newer) + [0] * len(newer), pa.duration("us"))
    slow = pa.array(([1.0] * 3 + [10.0] * 4) * len(rows), pa.float32())[: len(rows)]
    played = pc.equal(rows["label"], 1)
    days = pc.if_else(played, slow, pa.scalar(None, pa.float32()))
    for name, column in (("cut_at", pc.subtract(rows["cut_at"], week)), ("played_days", days)):
        rows = rows.set_column(rows.schema.get_field_index(name), name, column)
    return rows


@pytest.fixture(scope="module")
def frame(spark: SparkSession, table: pa.Table) -> DataFrame:
    """The same rows in another order."""
    return spark.createDataFrame(table).orderBy("label", "title_id").persist()


@pytest.fixture(scope="module")
def trained(frame: DataFrame) -> Trained:
    """By two tasks."""
    return fit_by_tasks(frame, QUICK, 2)


def text(trained: Trained) -> str:
    return trained.booster.model_to_string()


def test_the_order_of_rows_changes_no_byte(spark, table, trained):
    assert text(fit_by_tasks(spark.createDataFrame(table), QUICK, 2)) == text(trained)
    assert len(trained.cpu_s) == 2 and trained.booster.num_trees() == QUICK.trees * QUICK.models


def test_one_task_grows_the_trees_of_one_process_of_cuts_before_an_instant_too(frame, table):
    rows = TitleExamples(table)
    for instant, examples in ((None, rows), (CUT, rows.before(CUT))):
        process = fit_on_examples(examples.table, QUICK).model_to_string()
        by_task = text(fit_by_tasks(frame, QUICK, 1, instant))
        assert by_task.split("parameters:")[0] == process.split("parameters:")[0]


def test_a_task_lost_while_it_trains_costs_time_and_no_byte(
    frame, trained, tmp_path: Path, monkeypatch
):
    """The second task kills its own process once; all begin again over other sockets."""
    lost, fit_in_task = tmp_path / "lost", distributed._fit_in_task

    def fit_or_die(*given):
        run = fit_in_task(*given)

        def in_second_task(batches: Batches) -> Batches:
            if BarrierTaskContext.get().partitionId() == 1 and not lost.exists():
                train = in_task.grown_trees

                def train_and_die(*arguments):
                    lost.touch()
                    threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGKILL)).start()
                    return train(*arguments)

                in_task.grown_trees = train_and_die  # of a process that ends here
            yield from run(batches)

        return in_second_task

    monkeypatch.setattr(distributed, "_fit_in_task", fit_or_die)
    assert text(fit_by_tasks(frame, QUICK, 2)) == text(trained)
    assert lost.exists()


def test_rows_of_which_none_is_relevant_are_rejected_at_once(frame):
    with pytest.raises(Rejected, match="no relevant row among .* training rows"):
        fit_by_tasks(frame.where("label = 0"), QUICK, 2)


def test_tasks_that_disagree_give_no_model():
    rows = [Row(models=["a"], refusal=None, cpu_s=1.0), Row(models=["b"], refusal=None, cpu_s=1.0)]
    with pytest.raises(Rejected, match="different trees"):
        distributed._models(rows)


def test_what_fails_in_every_attempt_is_one_line(frame, monkeypatch):
    def broken(*given):
        def run(batches: Batches) -> Batches:
            raise OSError("no port is free")
            yield

        return run

    monkeypatch.setattr(distributed, "_fit_in_task", broken)
    with pytest.raises(Retryable) as caught:
        fit_by_tasks(frame, QUICK, 2)
    assert str(caught.value) == (
        "training by tasks failed in every attempt: OSError: no port is free"
    )


def test_a_cluster_that_adds_workers_as_it_needs_them_is_told(frame, monkeypatch):
    monkeypatch.setattr(distributed, "DYNAMIC", "spark.sql.execution.arrow.pyspark.enabled")
    with pytest.raises(UserMistake, match=r"is on, .* by 2 tasks at once; turn it off"):
        fit_by_tasks(frame, QUICK, 2)
