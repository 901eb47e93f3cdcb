"""examples, resumes -> rankers: each promoted only if it beats what it is to replace on later data."""
# Tested by tests/jobs/test_offline_days.py and tests/jobs/test_train_rankers.py.

from datetime import date
from functools import cache
from typing import Any

from pyspark.sql import SparkSession

from conf.rankers import ASKED_FOR
from jobs.io.code_version import code_version
from jobs.io.published.ranker_holds import kept_back
from jobs.io.step import day_job
from jobs.io.tables import spark as tables
from jobs.training.ranker import Record, all_rankers, ranker_record

INPUTS = ["events", "impressions", "titles", "profiles", "examples", "resumes"]


def train_rankers(spark: SparkSession, ds: date) -> str:
    """Judge on the newest examples, then train on all of them; the verdict is kept with the model.

    A ranker that has nothing to learn from has no record.
    """
    examples_by = cache(lambda source: source(spark, ds))  # rankers of one source read it once
    records = []
    for ranker in all_rankers():
        examples = examples_by(ranker.examples)
        if examples is not None:
            records.append(ranker_record(ranker, examples, ds))
    records = kept_back(records)
    _write(spark, ds, records)
    return "; ".join(_summary(record) for record in records)


def _write(spark: SparkSession, ds: date, records: list[Record]) -> None:
    versions: dict[str, Any] = {
        "input_versions": tables.versions_of(spark, INPUTS),
        "code_version": code_version(),
    }
    schema = tables.schema_of(spark, "rankers")
    rows = []
    for record in records:
        values = record | versions
        rows.append(tuple(values.get(name) for name in schema.names))
    tables.replace_day(spark, "rankers", ds, spark.createDataFrame(rows, schema))


def _summary(record: Record) -> str:
    state = "promoted" if record["promoted"] else "NOT promoted"
    unused = "" if record["ranker"] in ASKED_FOR else " (no page asks for a ranker of this name)"
    return f"{record['ranker_id']} {state}{unused}: {record['reason']}"


if __name__ == "__main__":
    day_job("train_rankers", __doc__, train_rankers)
