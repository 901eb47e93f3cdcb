"""What a landing notices about records that it takes."""
# Tested by tests/jobs/test_ingest_events.py.

from collections.abc import Mapping

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from conf.landing import FAR_DAYS
from features.sources.versions import NEW
from jobs.io.landing.summary import Newest
from jobs.io.tables import arrow as arrow_tables

MOST_NAMES = 10


def far_events(newest: Newest) -> list[str]:
    """Events that lie far after all others, as those of a clock that is wrong do."""
    if not newest.far_count or newest.moment is None:
        return []
    return [
        f"events: {newest.far_count:,} lie more than {FAR_DAYS} days after all others, up to"
        f" {newest.far_last}; changes without a date are taken as learned at"
        f" {newest.moment:%Y-%m-%dT%H:%M:%SZ}, the newest of the others"
    ]


def strange_countries(verdicts: Mapping[str, DataFrame]) -> list[str]:
    """Countries of new profiles that no window names, where there are windows: only titles without
    windows are shown there.
    """
    if "profiles" not in verdicts:
        return []
    window_countries = _countries(verdicts.get("availability"), "availability")
    if not window_countries:
        return []
    strange = sorted(_countries(verdicts["profiles"], None) - window_countries)
    if not strange:
        return []
    names = ", ".join(strange[:MOST_NAMES]) + (" ..." if len(strange) > MOST_NAMES else "")
    return [
        f"profiles: no window of availability names {names}; profiles there are shown only titles"
        " without any window"
    ]


def _countries(landed_now: DataFrame | None, table: str | None) -> set[str]:
    countries: set[str] = set()
    if landed_now is not None:
        named = landed_now.where(F.col("country").isNotNull() & (F.col("fate") == NEW))
        countries |= {row["country"] for row in named.select("country").distinct().collect()}
    if table and arrow_tables.was_written(table):
        countries |= set(
            arrow_tables.sql(f"SELECT DISTINCT country FROM {table}")["country"].to_pylist()
        )
    return countries
