"""Runs: the days, what became of each, and the rankers with their verdicts."""
# Tested by tests/studio/test_views.py.

from datetime import UTC, date, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from conf.errors import UserMistake
from conf.settings import load_settings
from jobs.io.published import homepage
from jobs.io.published.receipts import newest_receipt
from jobs.io.published.stale import stale_days
from jobs.io.status import status
from jobs.io.tables import arrow as arrow_tables
from studio.answers import html
from studio.asked import Asked
from studio.reports import history

MOST_DAYS = 60
MEASURED = "pages_as_before"  # the rule of an audit beside which a day's measures stand
DOCS_POLICY = (  # what its texts might hold runs nowhere
    "default-src 'none'; style-src 'unsafe-inline' 'self'; img-src data: 'self';"
    " font-src data: 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
RANKERS = [
    "ds",
    "ranker",
    "ranker_id",
    "trained_from",
    "trained_until",
    "promoted",
    "reason",
    "metrics",
]


def runs(request: Request) -> Response:
    """A calendar and the newest days, pages, rankers and experiments over time, and how soon ticks
    followed events.
    """
    rankers = arrow_tables.filtered_rows("rankers", [], RANKERS).to_pylist()
    rankers.sort(key=lambda row: (row["ds"], row["ranker"]), reverse=True)
    freshness = arrow_tables.filtered_rows("freshness").to_pylist()
    freshness.sort(key=lambda row: (row["ds"], row["tick"]), reverse=True)
    days = _days()
    return html(
        request,
        "runs.html",
        days=days[:MOST_DAYS],
        weeks=history.calendar(days),
        states=history.STATES,
        page_lines=history.page_metrics(_measures()),
        ranker_lines=history.ranker_metrics(rankers),
        experiments=history.experiments(
            arrow_tables.filtered_rows("experiments").to_pylist(),
            arrow_tables.filtered_rows("experiment_results").to_pylist(),
        ),
        rankers=rankers[:MOST_DAYS],
        freshness=freshness[:MOST_DAYS],
        findings=status().findings,
        docs=docs_of,
    )


def data_docs(request: Request) -> Response:
    """A page of the Data Docs of an audit, as Great Expectations wrote it."""
    root = (load_settings().home_path / "reports" / "data_docs").resolve()
    path = (root / request.path_params["path"]).resolve()
    if not path.is_relative_to(root) or not path.is_file():
        raise UserMistake("there are no Data Docs of this name; Run lists those of a day")
    return FileResponse(path, headers={"Content-Security-Policy": DOCS_POLICY})


def docs_of(ds: date) -> str | None:
    """The address of a day's Data Docs; None where there are none in this home."""
    path = load_settings().home_path / "reports" / "data_docs" / str(ds) / "index.html"
    return f"/data_docs/{ds}/index.html" if path.is_file() else None


def run(request: Request) -> Response:
    """One day: its publications and every rule of its audit, those that failed first."""
    asked = Asked(request)
    if asked.ds is None:
        raise UserMistake("the address lacks ds=; begin at the list of runs")
    audits = arrow_tables.filtered_rows("audits", [("ds", "=", asked.ds)]).to_pylist()
    audits.sort(key=lambda row: (-row["drafts_version"], row["passed"], row["rule"]))
    day = next((each for each in _days() if each["ds"] == asked.ds), None)
    if day is None:
        raise UserMistake(f"nothing was built for {asked.ds}; Runs lists the days there are")
    receipts = [each for each in homepage.publication_receipts() if each.ds == asked.ds]
    return html(
        request,
        "run.html",
        day=day,
        audits=audits,
        receipts=receipts[::-1],
        docs=docs_of(asked.ds),
    )


def _measures() -> list[dict[str, Any]]:
    """What audits measured of pages, a row for each day and version of its drafts."""
    columns = ["ds", "drafts_version", "measures"]
    rows: list[dict[str, Any]] = arrow_tables.filtered_rows(
        "audits", [("rule", "=", MEASURED)], columns
    ).to_pylist()
    return rows


def _days() -> list[dict[str, Any]]:
    """Every day that was built, audited or published, newest first, with what became of it."""
    written = arrow_tables.was_written("publications")
    receipts = homepage.publication_receipts() if written else []
    stale = {each.ds: each.reasons for each in stale_days()} if receipts else {}
    built = arrow_tables.written_at("drafts")
    failed = _failed_rules()
    days = sorted({*built, *failed, *(receipt.ds for receipt in receipts)}, reverse=True)
    records: list[dict[str, Any]] = [
        {
            "ds": ds,
            "built_at": datetime.fromtimestamp(built[ds] / 1000, UTC) if ds in built else None,
            "failed": failed.get(ds),
            "receipt": newest_receipt(receipts, ds),
            "stale": stale.get(ds, []),
        }
        for ds in days
    ]
    return [record | {"state": history.state_of(record)} for record in records]


def _failed_rules() -> dict[date, list[str]]:
    """The rules that failed for the newest drafts that were audited, by day; none is a pass."""
    columns = ["ds", "drafts_version", "rule", "passed"]
    newest: dict[date, int] = {}
    failed: dict[date, list[str]] = {}
    audits = arrow_tables.filtered_rows("audits", [], columns).to_pylist()
    for row in sorted(audits, key=lambda row: row["drafts_version"]):
        ds, version = row["ds"], row["drafts_version"]
        if newest.get(ds) != version:
            newest[ds], failed[ds] = version, []
        if not row["passed"]:
            failed[ds].append(row["rule"])
    return failed
