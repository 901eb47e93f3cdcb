"""The tables of a moment without Spark, as `page_maker` asks for them: for programs that have to answer at once."""

from datetime import date, datetime

import pyarrow as pa

from conf.contracts import columns as described
from conf.contracts import contract
from conf.errors import UserMistake
from jobs.io.snapshot.policies import day_of_policy
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables.dimensions import VERSIONED
from jobs.io.tables.schemas import type_of
from models.artwork.package import read
from models.artwork.policy import Policy
from models.page.build import UNTRAINED
from models.rankers.package import ServingRanker, package_from

FIELDS = ["ranker_id", "model", "model_sha256", "probe", "feature_names", "promoted", "ds"]


class Still:
    """The tables by deltalake. Content is what Spark reads, row for row."""

    def day(
        self,
        name: str,
        ds: date,
        columns: list[str] | None = None,
        only: dict[str, str] | None = None,
    ) -> pa.Table:
        """One day of a table, or its rows with the values of `only`; none is an error that names the job to run."""
        table, wanted = (
            arrow_tables.opened(name),
            [("ds", "=", ds), *((key, "=", text) for key, text in (only or {}).items())],
        )
        found = (
            None
            if table is None
            else pa.table(table.to_pyarrow_table(filters=wanted, columns=columns))
        )
        if found is None or not found.num_rows:
            job = contract(name).written_by
            raise UserMistake(
                f"table {name} has no rows for ds={ds}; run `python -m jobs.{job} --ds {ds}` first"
            )
        return found

    def known(self, as_of: datetime) -> dict[str, pa.Table]:
        """The newest versions at a moment; ties go to the greater landing_id."""
        return {
            name: newest_versions(name, keys, columns, as_of)
            for name, (keys, columns) in VERSIONED.items()
        }

    def ranker(self, name: str, ds: date) -> ServingRanker:
        """The newest promoted ranker of that name trained on nothing after `ds`, and its id."""
        table = arrow_tables.opened("rankers")
        wanted = [("ranker", "=", name), ("ds", "<=", ds)]
        known = (
            []
            if table is None
            else pa.table(table.to_pyarrow_table(filters=wanted, columns=FIELDS)).to_pylist()
        )
        # asked of the table it would find none: no file tells of a least and a greatest boolean
        found = [row for row in known if row["promoted"]]
        if not found:
            return ServingRanker(None, UNTRAINED)
        newest = min(found, key=lambda row: (-row["ds"].toordinal(), row["ranker_id"]))
        return ServingRanker(package_from(newest), newest["ranker_id"])

    def policy(self, ds: date) -> Policy | None:
        """The policy that chooses the pictures of a day; None where there is none yet."""
        table = arrow_tables.opened("policies")
        days = (
            []
            if table is None
            else pa.table(table.to_pyarrow_table(columns=["ds"]))["ds"].to_pylist()
        )
        fit = day_of_policy(days, ds)
        if fit is None:
            return None
        first = (
            self.day("policies", fit, ["policy", "model", "model_sha256"])
            .sort_by("policy")
            .slice(0, 1)
            .to_pylist()
        )
        return read(first[0]["model"], first[0]["model_sha256"])


def newest_versions(
    name: str,
    keys: list[str],
    columns: list[str],
    as_of: datetime,
    only: list[str] | None = None,
    since: datetime | None = None,
) -> pa.Table:
    """The newest version of each key that was known at a moment; ties go to the greater landing_id.

    With `only`, of the keys whose first column is among these; with `since`, of those of which something was learned
    from then on. A table that was never written has none.
    """
    table = arrow_tables.opened(name)
    known = set() if table is None else {field.name for field in table.schema().fields}
    wanted = [
        *dict.fromkeys(
            column for column in [*keys, *columns, "known_at", "landing_id"] if column in known
        )
    ]
    if table is None or (only is not None and not only):
        return _empty(columns)
    asked = [("known_at", "<=", as_of), *([] if only is None else [(keys[0], "in", only)])]
    asked += [] if since is None else [("known_at", ">=", since)]
    log = pa.table(table.to_pyarrow_table(columns=wanted, filters=asked))
    log = log.append_column("_at", pa.array(range(log.num_rows), pa.int64()))
    order = [
        *((key, "ascending") for key in keys),
        ("known_at", "descending"),
        ("landing_id", "descending"),
    ]
    first = log.sort_by(order).group_by(keys, use_threads=False).aggregate([("_at", "first")])
    found = log.take(first["_at_first"])
    return pa.table(
        {
            c: found[c] if c in known else pa.nulls(found.num_rows, type_of(described()[c].type))
            for c in columns
        }
    )


def _empty(columns: list[str]) -> pa.Table:
    return pa.table({column: pa.array([], type_of(described()[column].type)) for column in columns})
