"""Runs: the days, what became of each, and the rankers with their verdicts."""
# Tested by tests/studio/test_views.py.

from datetime import UTC, date, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from conf.errors import UserMistake
from jobs.io.published import homepage
from jobs.io.published.receipts import newest_receipt
from jobs.io.published.stale import stale_days
from jobs.io.status import status
from jobs.io.tables import arrow as arrow_tables
from studio.answers import html
from studio.asked import Asked

MOST_DAYS = 60
RANKERS = ["ds", "ranker", "ranker_id", "trained_from", "trained_until", "promoted", "reason"]


def runs(request: Request) -> Response:
    """The newest days, newest first, then rankers, then how soon ticks followed events."""
    rankers = arrow_tables.filtered_rows("rankers", [], RANKERS).to_pylist()
    rankers.sort(key=lambda row: (row["ds"], row["ranker"]), reverse=True)
    freshness = arrow_tables.filtered_rows("freshness").to_pylist()
    freshness.sort(key=lambda row: (row["ds"], row["tick"]), reverse=True)
    return html(
        request,
        "runs.html",
        days=_days()[:MOST_DAYS],
        rankers=rankers[:MOST_DAYS],
        freshness=freshness[:MOST_DAYS],
        findings=status().findings,
    )


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
    return html(request, "run.html", day=day, audits=audits, receipts=receipts[::-1])


def _days() -> list[dict[str, Any]]:
    """Every day that was built, audited or published, newest first, with what became of it."""
    written = arrow_tables.was_written("publications")
    receipts = homepage.publication_receipts() if written else []
    stale = {each.ds: each.reasons for each in stale_days()} if receipts else {}
    built = arrow_tables.written_at("drafts")
    failed = _failed_rules()
    days = sorted({*built, *failed, *(receipt.ds for receipt in receipts)}, reverse=True)
    return [
        {
            "ds": ds,
            "built_at": datetime.fromtimestamp(built[ds] / 1000, UTC) if ds in built else None,
            "failed": failed.get(ds),
            "receipt": newest_receipt(receipts, ds),
            "stale": stale.get(ds, []),
        }
        for ds in days
    ]


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
