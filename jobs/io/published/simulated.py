"""Pages of a past day built again from what was stored of it, with changes laid over conf; no Spark.

Profiles, titles, rankers and similars are those of the day: nothing that was learned later is read.
"""
# Tested by tests/cli/test_whatif.py.

from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from conf.changes import Changes, in_force
from conf.days import end_of
from conf.errors import UserMistake
from jobs.io.snapshot.arrow import ArrowSnapshot
from jobs.io.snapshot.page_maker import page_maker_from
from jobs.io.tables import arrow as arrow_tables


def profiles_of_day(ds: date) -> pa.Table:
    """The profiles of a day as they were stored, by profile_id; UserMistake for a day without."""
    rows = arrow_tables.filtered_rows("profile_features", [("ds", "=", ds)]).drop(["ds"])
    if not rows.num_rows:
        raise UserMistake(
            f"no profiles are stored of {ds}; `frontrow tables` shows which days there are"
        )
    return rows.sort_by("profile_id")


def simulated_pages(ds: date, profiles: pa.Table, changes: Changes) -> pa.Table:
    """The pages of these profiles on a day, as records of `drafts`, made with changes of conf."""
    with in_force(changes):
        maker = page_maker_from(ArrowSnapshot(end_of(ds)))
        parts = list(maker(profiles.to_batches()))
    return pa.Table.from_batches(parts)


def share_as_stored(ds: date, page_rows: pa.Table) -> float:
    """The share of pages whose rows have the titles that were stored that night; nan where none were."""
    stored = arrow_tables.filtered_rows("drafts", [("ds", "=", ds)])
    kept, built = _contents(stored), _contents(page_rows)
    both = kept.keys() & built.keys()
    return sum(kept[name] == built[name] for name in both) / len(both) if both else float("nan")


def _contents(page_rows: pa.Table) -> dict[str, list[tuple[int, str, list[str]]]]:
    """Position, row_id and titles of each row by profile."""
    cells = page_rows["cells"].combine_chunks()
    titles = pa.ListArray.from_arrays(cells.offsets, pc.struct_field(cells.values, "title_id"))
    found: dict[str, list[tuple[int, str, list[str]]]] = {}
    columns = (page_rows[name].to_pylist() for name in ("profile_id", "row_position", "row_id"))
    for name, *row in zip(*columns, titles.to_pylist(), strict=True):
        found.setdefault(name, []).append(tuple(row))
    return {name: sorted(rows) for name, rows in found.items()}
