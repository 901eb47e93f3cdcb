"""A ranker of titles grown by the tasks of a Spark barrier stage, each of which has whole queries and one thread."""

import socket
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import NamedTuple

import lightgbm as lgb
import pyarrow as pa
from py4j.protocol import Py4JError
from pyspark import BarrierTaskContext
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import from_arrow_schema

from conf.errors import Rejected, Retryable, UserMistake
from conf.rankers import RankerSettings, ranker_configuration
from models.candidates.features import FEATURES
from models.rankers.distributed import Task, fit_share
from models.rankers.examples import TRAINING_COLUMN
from models.rankers.lambdarank import Queries, merged
from models.rankers.queries import QUERY, example_queries, labels_by

ORDER = [*QUERY, "title_id"]
COLUMNS = [*ORDER, "label", "played_days", "shown_place", "values"]
# what a task returns: the boosters as text, or why there are none; a task without a query has neither
RESULT = pa.schema({"models": pa.list_(pa.string()), "refusal": pa.string(), "cpu_s": pa.float64()})
DYNAMIC = "spark.dynamicAllocation.enabled"
Batches = Iterable[pa.RecordBatch]


class Trained(NamedTuple):
    """A ranker that tasks have grown."""

    booster: lgb.Booster
    cpu_s: tuple[float, ...]  # of each task that had a query, from its first row to its last tree


def fit_by_tasks(
    examples: DataFrame, settings: RankerSettings, tasks: int, before: datetime | None = None
) -> Trained:
    """A ranker of those rows of `examples` that such a ranker learns from; they never pass through this process.

    With `before` it knows of nothing after that instant: cuts before it, labelled by what was played until then. The
    same rows and number of tasks give the same model, byte by byte. Where a task is lost, Spark runs all of them again,
    over new sockets.

    Raises:
        Rejected: no row is relevant, or the tasks have grown different trees.
        Retryable: Spark gave up.
        UserMistake: workers that come and go cannot be waited for.
    """
    if examples.sparkSession.sparkContext.getConf().get(DYNAMIC, "false") == "true":
        raise UserMistake(
            f"{DYNAMIC} is on, and a ranker of so many rows is trained by {tasks} tasks at once; "
            "turn it off for train_rankers, or raise together.from_rows in conf/rankers.yaml"
        )
    rows = examples.where(TRAINING_COLUMN[settings.rows]).select(*COLUMNS)
    if before is not None:
        rows = rows.where(F.col("cut_at") < F.lit(before))
    shares = rows.repartition(tasks, *QUERY).sortWithinPartitions(*ORDER)
    in_task = _fit_in_task(settings.model_copy(update={"threads": 1, "patience": 0}), before)
    # Spark runs a barrier stage again only where another stage follows it
    stage = shares.mapInArrow(in_task, from_arrow_schema(RESULT), barrier=True).repartition(1)
    results = _results(stage)
    models = _models(results)
    boosters = [lgb.Booster(model_str=text) for text in models]
    return Trained(merged(boosters), tuple(result.cpu_s for result in results if result.models))


def _results(stage: DataFrame) -> list[Row]:
    """What each task returned."""
    try:
        results: list[Row] = stage.collect()
    except (Py4JError, PySparkException) as error:
        raise Retryable(f"training by tasks failed in every attempt: {_cause(error)}") from None
    return results


def _models(results: list[Row]) -> list[str]:
    """The text of each booster, on which all tasks agree."""
    for result in results:
        if result.refusal:
            raise Rejected(result.refusal)
    models, *others = (result.models for result in results if result.models)
    if any(other != models for other in others):
        raise Rejected("training by tasks: the tasks have grown different trees; none was kept")
    return list(models)


def _cause(error: Exception) -> str:
    """The last line of a failed task's traceback, which names the error; else the first line of all."""
    lines = [line.strip() for line in str(error).splitlines()]
    named = [
        line
        for line in lines
        if ": " in line and not line.startswith(("at ", ":", "org.", "File "))
    ]
    return (named or lines)[0]


def _fit_in_task(settings: RankerSettings, before: datetime | None) -> Callable[[Batches], Batches]:
    """A function for mapInArrow, from the rows of a task to RESULT."""
    minutes = ranker_configuration().together.minutes

    def run(batches: Batches) -> Batches:
        """The models of all tasks as this one has them, or why there are none."""
        context = BarrierTaskContext.get()
        task = Task(context.allGather, _own_address(context), minutes)
        models: list[str] = []
        refusal, begun = None, time.process_time()
        try:
            queries = _queries(list(batches), settings, before)
            models = fit_share(queries, settings, settings.features(FEATURES), task)
        except Rejected as error:  # running it again would say the same
            refusal = str(error)
        result = {"models": models, "refusal": refusal, "cpu_s": time.process_time() - begun}
        yield pa.RecordBatch.from_pylist([result], RESULT)

    return run


def _queries(
    batches: list[pa.RecordBatch], settings: RankerSettings, before: datetime | None
) -> Queries | None:
    """The queries of a task; None where it has no row."""
    if not any(batch.num_rows for batch in batches):
        return None
    examples = pa.Table.from_batches(batches)
    if before is not None:
        examples = labels_by(examples, before)
    return example_queries(examples, settings)


def _own_address(context: BarrierTaskContext) -> str:
    """The IP address under which the other tasks reach this one's machine."""
    host, _, _ = context.getTaskInfos()[context.partitionId()].address.rpartition(":")
    return socket.gethostbyname(host)
