"""Which profiles are asked about an earlier cutoff, picked before anything is computed of them."""

from datetime import datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from features.asof import known_records
from features.labels import plays


def fixed_sample(profiles: DataFrame, most: int, draw: str) -> DataFrame:
    """At most so many of the profiles, the same whatever the order of rows.

    Another `draw`, such as the cutoff that they are asked about, gives other profiles.
    """
    return profiles.orderBy(F.xxhash64("profile_id", F.lit(draw)), "profile_id").limit(most)


def with_history(profiles: DataFrame, events: DataFrame, as_of: datetime) -> DataFrame:
    """Those of the profiles of which a play was known at `as_of`."""
    players = known_records(events, as_of).where(plays()).select("profile_id").distinct()
    return profiles.join(players, "profile_id", "left_semi")
