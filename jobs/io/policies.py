"""Which policy chooses the pictures of a day, read from the `policies` table."""

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
    days = sorted(row["ds"] for row in fit.collect())
    if not days:
        return None
    before = [day for day in days if day <= held_from(ds)]
    chosen = tables.read_day(spark, "policies", before[-1] if before else days[0])
    record = chosen.orderBy("policy").collect()[0]
    return read(record["model"], record["model_sha256"])


def held_from(ds: date) -> date:
    """The first of the days, `hold_days` of them, in which `ds` lies: days are counted off from year 1 on."""
    return ds - timedelta(days=ds.toordinal() % artwork().sticky.hold_days)
