"""What the judge has to know, read from the tables without Spark: titles, windows, settings, plays."""
# Tested by tests/jobs/test_judge_impressions.py.

from collections.abc import Collection

import pyarrow as pa
import pyarrow.dataset as ds

from jobs.io.tables import arrow as arrow_tables
from judge.tables import KNOWN

OF_PROFILES = ("profiles", "events")
CATALOGUE = ("titles", "availability", "artwork")


def known_tables(
    profile_ids: Collection[str] | None = None, names: Collection[str] = KNOWN
) -> dict[str, pa.Table]:
    """The tables that pages are judged by, of these names and as far as they were written; of
    settings and events those of some profiles, or of all.
    """
    tables = {}
    for name in names:
        table = arrow_tables.open_table(name)
        if table is None:
            continue
        columns = [column for column in KNOWN[name] if column in table.schema().to_arrow().names]
        of_profiles = None
        if name in OF_PROFILES and profile_ids is not None:
            of_profiles = ds.field("profile_id").isin(list(profile_ids))
        stored = table.to_pyarrow_dataset()
        tables[name] = stored.to_table(columns=columns, filter=of_profiles)
    return tables
