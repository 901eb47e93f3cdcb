"""Which policy chooses the pictures of a day, read from the `policies` table."""

from collections.abc import Sequence
from datetime import date, timedelta

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from conf.artwork import artwork
from jobs.io import tables
from models.artwork.policy import Policy
from models.artwork.record import read


def serving_policy(spark: SparkSession, ds: date) -> Policy | None:
    """The policy that was newest as the days began for which a choice stands, else the first one since; None before."""
    fit = tables.read(spark, "policies").where(F.col("ds") <= F.lit(ds)).select("ds").distinct()
    day = day_of_policy([row["ds"] for row in fit.collect()], ds)
    if day is None:
        return None
    record = tables.read_day(spark, "policies", day).orderBy("policy").collect()[0]
    return read(record["model"], record["model_sha256"])


def day_of_policy(days: Sequence[date], ds: date) -> date | None:
    """Of the days up to `ds` that have a policy, the one whose policy serves; None without any."""
    before = [day for day in days if day <= held_from(ds)]
    return max(before) if before else min(days, default=None)


def held_from(ds: date) -> date:
    """The first of the days, `hold_days` of them, in which `ds` lies: days are counted off from year 1 on."""
    return ds - timedelta(days=ds.toordinal() % artwork().sticky.hold_days)
