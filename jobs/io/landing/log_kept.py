"""What a landing makes of the report of its log: ratings that are plays, and the log's scale of stars."""
# Tested by tests/jobs/io/landing/test_log_report.py.

import os
from collections.abc import Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from conf.landing import landing_settings
from conf.settings import landed_stars, load_settings, stars_file
from jobs.io.landing.files import Landing
from jobs.io.landing.log_report import LogReport, log_report
from jobs.io.landing.options import LandingOptions
from jobs.io.landing.sound_files import SoundFacts
from jobs.io.landing.survey import survey


def report_of(
    landings: Sequence[Landing], options: LandingOptions, events: SoundFacts | None = None
) -> LogReport:
    """The report of files to land; `events` are those that were read already."""
    with survey(landings, options.latest, events) as database:
        return log_report(database)


def least_stars(report: LogReport) -> float:
    """The stars from which on a rating is a play, where ratings are plays."""
    share = landing_settings().plays.least_share
    return share * (report.scale or 0) if share else float("-inf")


def with_ratings_as_plays(rows: DataFrame, report: LogReport) -> DataFrame:
    """Shaped events with plays for ratings."""
    is_play = (F.col("kind") == "rating") & (F.col("value") >= F.lit(least_stars(report)))
    return rows.withColumn("kind", F.when(is_play, F.lit("play")).otherwise(F.col("kind")))


def keep_scale(report: LogReport) -> None:
    """Keep the log's scale of stars beside its tables, where nobody tells another; it never shrinks."""
    settings = load_settings()
    if report.scale is None or os.environ.get("FRONTROW_STARS"):
        return
    scale = max(report.scale, landed_stars(settings) or 0)
    path = stars_file(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{scale:g}\n", encoding="ascii")
