"""events, profiles -> profile_features: what was known of each profile at the end of one day."""

# Tested by tests/jobs/test_build_profile_features.py.

from datetime import date, timedelta
from hashlib import sha256

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from conf.days import end_of
from conf.resumes import viewing_settings
from conf.settings import ROOT
from features.continued import continued_features
from features.profile import profile_features
from jobs.io.step import day_job
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables import spark as tables
from jobs.io.tables.events import events_learned_on

# what of the code a stored day hangs on
CODE = ("asof", "continued", "labels", "my_list", "profile", "resume", "sittings", "watch_times")


def build_profile_features(spark: SparkSession, ds: date) -> str:
    """Write the partition of `ds`, from that of the day before where it is of the same log.

    So a night reads what is new of the log, and a late landing, which changes the log of earlier
    days, makes the whole of it be read again. Either way the partition is the same.
    """
    events_learned_on(spark, ds)  # an error where the day was never landed
    version = arrow_tables.newest_version("events")
    events = tables.read(spark, "events", version if version >= 0 else None)
    profiles, before = tables.read(spark, "profiles"), ds - timedelta(days=1)
    stored = _day_of_same_log(spark, before, version)
    if stored is None:
        features, how = profile_features(events, profiles, end_of(ds)), "the whole log"
    else:
        features = continued_features(events, profiles, stored, end_of(before), end_of(ds))
        how = f"{before}"
    note = _note(ds, version)
    count = tables.replace_day(spark, "profile_features", ds, features, note)
    return f"{count} profiles, from {how}"


def _day_of_same_log(spark: SparkSession, ds: date, version: int) -> DataFrame | None:
    """The partition of a day if it was made of the log as it is now, else None."""
    table = arrow_tables.open_table("profile_features")
    if version < 0 or table is None or not arrow_tables.has_day("profile_features", ds):
        return None
    notes = [commit.get("userMetadata") or "" for commit in table.history()]
    newest = next((note for note in notes if note.startswith(f"{ds} ")), None)
    if newest != _note(ds, version):
        return None
    return tables.read(spark, "profile_features").where(F.col("ds") == F.lit(ds))


def _note(ds: date, version: int) -> str:
    """What a day was made of: the files of the log until its end, the code and its settings."""
    files = arrow_tables.files_until("events", ds, version)
    code = [(ROOT / "features" / f"{name}.py").read_bytes() for name in CODE]
    made_of = sha256(b"".join([*code, repr(viewing_settings()).encode(), *map(str.encode, files)]))
    return f"{ds} {made_of.hexdigest()}"


if __name__ == "__main__":
    day_job("build_profile_features", __doc__, build_profile_features)
