"""`python -m cli.install.class_archive`: what every job loads and compiles, done once, so that each starts sooner.

A day is seven short jobs, each in a JVM of its own, and a third of the time of such a job is
loading and verifying the same classes (docs/decisions/0005-class-archive.md). A JVM that cannot use
the archive, being another version, leaves it aside.
"""

import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from conf.schedule import cadence
from conf.settings import ROOT, class_archive, load_settings, spark_conf
from jobs import direct
from jobs.io.session import open_session
from jobs.io.tables import spark as tables

DAY = date(2000, 1, 1)
PROFILES, TITLES = 12, 20


def rehearse(spark: SparkSession) -> None:
    """A tiny service's day up to its pages: the classes that jobs load, and the loops that pages are built with.

    The audit and the publication are left out: they take a third of the time and load few classes
    that others do not.
    """
    number, midnight = F.col("id").cast("string"), F.lit(DAY).cast("timestamp")
    landed = {"known_at": midnight, "source": F.lit("x"), "landing_id": F.lit("x")}
    title = {
        "title_id": number,
        "name": number,
        "genres": F.array(F.lit("x"), (F.col("id") % 3).cast("string")),
    }
    play = {
        "event_id": number,
        "profile_id": (F.col("id") % PROFILES).cast("string"),
        "kind": F.lit("play"),
    }
    play |= {
        "title_id": (F.col("id") * 7 % TITLES).cast("string"),
        "event_at": midnight,
        "ds": F.lit(DAY),
    }
    for table, size, columns in (("titles", TITLES, title), ("events", PROFILES * 5, play)):
        tables.append(spark, table, spark.range(size).withColumns(columns | landed).drop("id"))
    jobs = cadence("homepage_daily").jobs
    for job in jobs[: jobs.index("run_audits")]:
        direct.run_step(spark, job, DAY)


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
