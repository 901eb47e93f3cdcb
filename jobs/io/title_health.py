"""The table `title_health` of a day, written beside the audit of its drafts."""

# Tested by tests/jobs/io/test_title_health.py.

from collections.abc import Mapping
from datetime import date

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from conf.rows import rows
from features.audit.health import READER, countries_in, title_health
from jobs.io.shown_titles import shown_titles
from jobs.io.tables import arrow_writes
from jobs.io.tables.arrow import filtered_rows
from jobs.io.tables.ranges import table_day
from models.catalogue.names import repeated_names

YEARS = ["title_id", "title_year_age", "title_plays_count_all"]


def write_title_health(tables: Mapping[str, pa.Table], ds: date, version: int) -> None:
    """Write the day's partition, for the drafts of a version; `tables` are those of its AuditedDay."""
    of_day = [("ds", "=", ds)]
    people = filtered_rows("profile_features", of_day, ["profile_id", *READER])
    known = tables["known"].sort_by("title_no")
    shown = shown_titles(
        table_day("drafts", ds, version),
        people,
        known["title_id"].cast(pa.string()).combine_chunks(),
        countries_in(tables),
        list(rows().kinds),
    )
    listed_twice = _listed_twice(known, filtered_rows("title_features", of_day, YEARS))
    health = title_health(tables, people, shown, listed_twice)
    versions = pa.repeat(pa.scalar(version, pa.int64()), health.num_rows)
    arrow_writes.replace_day_rows(
        "title_health", ds, health.append_column("drafts_version", versions)
    )


def _listed_twice(known: pa.Table, features: pa.Table) -> NDArray[np.bool_]:
    """The titles (t,) that another one of the same name and year stands for."""
    both = known.select(["title_no", "title_id", "name"]).join(features, "title_id")
    both = both.sort_by("title_no")
    years = both["title_year_age"].to_numpy().astype(np.float32)
    plays = both["title_plays_count_all"].fill_null(0).to_numpy().astype(np.float32)
    return repeated_names(both["name"].to_pylist(), years, plays)
