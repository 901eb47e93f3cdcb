"""`python -m jobs.tools.class_archive`: classes Spark loads, checked once and kept, so that every job starts sooner.

A day is seven short jobs, each in a JVM of its own, and a third of the time of such a job is loading and verifying the
same classes (docs/decisions/0005). A JVM that cannot use the archive, being another version, leaves it aside.
"""

import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from conf.settings import ROOT, class_archive, load_settings, spark_conf
from jobs.build_daily_counts import build_daily_counts
from jobs.io import tables
from jobs.io.session import open_session

DAY = date(2000, 1, 1)


def rehearse(spark: SparkSession) -> None:
    """What every job does, with one play: append, read, aggregate, replace a day, hand rows to Python and back."""
    when = F.lit(DAY).cast("timestamp")
    named = {name: F.lit("x") for name in ("event_id", "profile_id", "title_id", "source", "landing_id")}
    play = spark.range(1).select(F.lit("play").alias("kind")).withColumns(named)
    tables.append(spark, "events", play.withColumns({"event_at": when, "known_at": when, "ds": F.lit(DAY)}))
    build_daily_counts(spark, DAY)
    counts = tables.read_day(spark, "daily_counts", DAY).select("title_id")
    spark.createDataFrame(counts.mapInArrow(lambda batches: batches, counts.schema).toArrow()).collect()


def make(target: Path) -> None:
    """Rehearse in a lake that is thrown away, in a JVM that writes down at its end which classes it had loaded."""
    partial = target.with_suffix(".partial")
    with TemporaryDirectory() as home:
        environment = {**os.environ, "FRONTROW_HOME": home, "PYSPARK_PYTHON": sys.executable}
        environment |= {"PYSPARK_DRIVER_PYTHON": sys.executable, "FRONTROW_TABLES": ""}
        options = spark_conf(load_settings())
        options["spark.driver.extraJavaOptions"] += f" -XX:ArchiveClassesAtExit={partial}"
        given = [part for name, value in options.items() for part in ("--conf", f"{name}={value}")]
        submit = str(Path(sys.executable).parent / "spark-submit")
        command = [submit, "--master", "local[1]", *given, str(Path(__file__)), "rehearse"]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False)
    if done.returncode == 0 and partial.exists():
        partial.replace(target)
    partial.unlink(missing_ok=True)


def main() -> int:
    """Make the archive where there is none; jobs run without it too, so failing is no error."""
    if sys.argv[1:] == ["rehearse"]:
        spark = open_session("rehearse")
        rehearse(spark)
        spark.stop()
    elif not (target := class_archive(load_settings())).exists():
        make(target)
    return 0


if __name__ == "__main__":
    sys.exit(main())
