"""Why: how a row got its position, and how a title got into it."""
# Tested by tests/studio/test_views.py.

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from conf.errors import UserMistake
from conf.rankers import PVR
from jobs.io.published import homepage
from jobs.io.published.receipts import newest_receipt
from jobs.io.serving.page_view import with_titles
from studio.answers import html
from studio.asked import Asked
from studio.reports.evidence_words import evidence_words
from studio.reports.row import row_report
from studio.reports.score import score_report
from studio.reports.trace import built_again, cell_trace

MOST_RIVALS = 12
MOST_FEATURES = 14


def why(request: Request) -> Response:
    """The page's rows to choose from; with `row` that row, with `title` a title of it as well."""
    asked = Asked(request)
    profile_id = asked.required("profile")
    rows = homepage.page_records(profile_id, asked.ds)
    day, row_id, title_id = rows[0]["ds"], asked.text("row"), asked.text("title")
    values: dict[str, Any] = {"profile_id": profile_id, "day": day, "rows": rows, "row": None}
    if row_id is None:
        with_titles(rows)
        return html(request, "why_rows.html", **values)
    row = next((row for row in rows if row["row_id"] == row_id), None)
    with_titles([row] if row else [])
    cells = row["cells"] if row else []
    cell = next((cell for cell in cells if cell["title_id"] == title_id), None)
    if title_id is not None and cell is None:
        raise UserMistake(f"title {title_id!r} is not in row {row_id!r} of the page of {day}")
    report = row_report(rows, row_id)
    values |= {"row": row, "row_id": row_id, "cell": cell, "report": report}
    values |= {"rivals": report["candidates"][:MOST_RIVALS], "score": None, "unscored": ""}
    values |= {"trace": None, "evidence": ""}
    if row and cell:
        values |= _score(profile_id, cell["title_id"], day)
        built = built_again(rows)
        values["trace"] = cell_trace(built, row, cell)
        values["evidence"] = evidence_words(cell, built.catalogue)
    values["receipt"] = newest_receipt(homepage.publication_receipts(), day)
    template = "why_part.html" if asked.text("part") else "why.html"
    return html(request, template, **values)


def _score(profile_id: str, title_id: str, day: Any) -> dict[str, Any]:
    """What each feature adds to the title's score, the most first, or why it has no score."""
    try:
        score = score_report(profile_id, title_id, None, day)
    except UserMistake:
        try:
            score = score_report(profile_id, title_id, PVR, day)
        except UserMistake as error:
            return {"unscored": str(error)}
    score["features"] = score["features"][:MOST_FEATURES]
    most = max((abs(feature["adds"]) for feature in score["features"]), default=0) or 1
    return {"score": score, "most": most}
