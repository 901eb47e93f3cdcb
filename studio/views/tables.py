"""Tables: what each holds, by its contract, and what is in it."""
# Tested by tests/studio/test_views.py.

import pyarrow as pa
import pyarrow.compute as pc
from starlette.requests import Request
from starlette.responses import Response

from conf.contracts import columns, contract
from conf.errors import UserMistake
from jobs.io.tables import arrow as arrow_tables
from studio.answers import html
from studio.asked import Asked

SAMPLE_ROWS = 5
LONGEST = 160  # characters of a value in a sample


def tables(request: Request) -> Response:
    """Every table with its rows, version and days; with `job` those that a job writes."""
    job, summaries = Asked(request).text("job"), arrow_tables.summaries()
    if job:
        summaries = [each for each in summaries if contract(each.name).written_by == job]
        if not summaries:
            raise UserMistake(f"no job {job!r} writes a table; Tables lists what there is")
    return html(request, "tables.html", summaries=summaries, job=job)


def table(request: Request) -> Response:
    """One table: columns with units and meanings, rules, size, a sample and the query for it."""
    name = Asked(request).required("name")
    described = contract(name)
    summary = next(each for each in arrow_tables.summaries() if each.name == name)
    query = f"SELECT * FROM {name}"
    if summary.last_ds:
        query += f" WHERE ds = DATE '{summary.last_ds}'"
    query += f" LIMIT {SAMPLE_ROWS}"
    delta = arrow_tables.open_table(name)
    size, sample = 0, None
    if delta is not None:
        size = pc.sum(pa.table(delta.get_add_actions(flatten=True))["size_bytes"]).as_py() or 0
        sample = arrow_tables.sql(query)
    return html(
        request,
        "table.html",
        contract=described,
        columns={column: columns()[column] for column in described.columns},
        summary=summary,
        size=size,
        query=query,
        sample_names=[] if sample is None else sample.column_names,
        sample=[] if sample is None else [list(row.values()) for row in sample.to_pylist()],
        longest=LONGEST,
    )
