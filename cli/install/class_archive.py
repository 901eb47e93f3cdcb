"""`python -m cli.install.class_archive`: an archive of the classes that every job loads.

With it each job starts sooner.

A day is seven short jobs, each in a JVM of its own, and a third of the time of such a job is
loading and verifying the same classes (docs/decisions/0005-class-archive.md). A JVM of another
version ignores the archive.
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
    """Build a day of a tiny service up to its pages.

    That loads the classes that jobs load and compiles the loops that pages are built with.
    The audit and the publication are left out: they take a third of the time and load few classes
    that others do not.
    """
    identifier = F.col("id")
    number = identifier.cast("string")
    midnight = F.lit(DAY).cast("timestamp")
    origin = {"known_at": midnight, "source": F.lit("x"), "landing_id": F.lit("x")}
    genre = (identifier % 3).cast("string")
    title = {
        "title_id": number,
        "name": number,
        "genres": F.array(F.lit("x"), genre),
        **origin,
    }
    profile_id = identifier % PROFILES
    title_id = identifier * 7 % TITLES
    play = {
        "event_id": number,
        "profile_id": profile_id.cast("string"),
        "kind": F.lit("play"),
        "title_id": title_id.cast("string"),
        "event_at": midnight,
        "ds": F.lit(DAY),
        **origin,
    }
    for table, size, columns in (("titles", TITLES, title), ("events", PROFILES * 5, play)):
        records = spark.range(size).withColumns(columns)
        tables.append(spark, table, records.drop("id"))
    jobs = cadence("homepage_daily").jobs
    for job in jobs[: jobs.index("run_audits")]:
        direct.run_step(spark, job, DAY)


def make(target: Path) -> None:
    """Write the archive: rehearse in a JVM that saves the classes it loaded when it ends.

    The tables of the rehearsal are thrown away; a failed rehearsal leaves no archive.
    """
    partial = target.with_suffix(".partial")
    with TemporaryDirectory() as home:
        environment = {
            **os.environ,
            "FRONTROW_HOME": home,
            "FRONTROW_TABLES": "",
            "PYSPARK_PYTHON": sys.executable,
            "PYSPARK_DRIVER_PYTHON": sys.executable,
        }
        options = spark_conf(load_settings())
        options["spark.driver.extraJavaOptions"] += f" -XX:ArchiveClassesAtExit={partial}"
        arguments: list[str] = []
        for name, value in options.items():
            arguments += ["--conf", f"{name}={value}"]
        submit = str(Path(sys.executable).parent / "spark-submit")
        command = [submit, "--master", "local[1]", *arguments, str(Path(__file__)), "rehearse"]
        result = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, check=False
        )
    if result.returncode == 0 and partial.exists():
        partial.replace(target)
    partial.unlink(missing_ok=True)


def main() -> int:
    """Make the archive where there is none; jobs run without it too, so failing is no error."""
    if sys.argv[1:] == ["rehearse"]:
        spark = open_session("rehearse")
        rehearse(spark)
        spark.stop()
        return 0
    target = class_archive(load_settings())
    if not target.exists():
        make(target)
    return 0


if __name__ == "__main__":
    sys.exit(main())
