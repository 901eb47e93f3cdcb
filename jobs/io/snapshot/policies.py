"""Which policy chooses the pictures of a day, read from the `policies` table."""

from collections.abc import Iterable
from datetime import date, timedelta

from pyspark.sql import SparkSession

from conf.artwork import artwork
from jobs.io.tables import spark as tables
from models.artwork.package import read
from models.artwork.policy import Policy


def serving_policy(spark: SparkSession, ds: date) -> Policy | None:
    """The policy that chooses the pictures of `ds`; None where there is none yet."""
    days = tables.read(spark, "policies").select("ds").distinct().collect()
    fit = day_of_policy([row["ds"] for row in days], ds)
    if fit is None:
        return None
    record = tables.read_day(spark, "policies", fit).orderBy("policy").collect()[0]
    return read(record["model"], record["model_sha256"])


def day_of_policy(days: Iterable[date], ds: date) -> date | None:
    """Of the days that have one: the newest as the days began for which a choice stands, else the first one since."""
    known = sorted(day for day in set(days) if day <= ds)
    before = [day for day in known if day <= held_from(ds)]
    return before[-1] if before else next(iter(known), None)


def held_from(ds: date) -> date:
    """The first of the days, `hold_days` of them, in which `ds` lies: days are counted off from year 1 on."""
    return ds - timedelta(days=ds.toordinal() % artwork().sticky.hold_days)
