"""What became of days, pages, rankers and experiments over time, as plain records."""

# Tested by tests/studio/reports/test_history.py.

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from math import isfinite
from typing import Any

from features.audit.segments import ALL

MOST_WEEKS = 26  # of the calendar
WIDTH, HEIGHT = 120, 28  # of a line over time
STATES = {  # of a day, in words for people
    "published": "published and as it would be built now",
    "stale": "published; something came or changed since",
    "on hold": "rolled back, and kept so",
    "withdrawn": "its pages were taken back",
    "refused": "the audit refused it",
    "built": "built and not published",
    "none": "nothing was built",
}
# by name: what is measured for each page, or for each profile
PAGE_METRICS: Mapping[str, tuple[str, str]] = {
    "share of profiles with a page": ("pages", "profiles"),
    "rows of a page": ("rows", "pages"),
    "cells of a page": ("cells", "pages"),
}


def state_of(day: Mapping[str, Any]) -> str:
    """The state of a day of the list of runs: one of STATES."""
    receipt = day["receipt"]
    if receipt and receipt.on_hold:
        return "on hold"
    if day["failed"]:
        return "refused"
    if day["stale"]:
        return "stale"
    if receipt:
        return "published" if receipt.rows_count else "withdrawn"
    return "built"


def calendar(days: Sequence[Mapping[str, Any]]) -> list[list[tuple[date, str]]]:
    """Weeks from Monday to Sunday, oldest first, each day with its state."""
    states = {day["ds"]: day["state"] for day in days}
    if not states:
        return []
    last = max(states)
    last += timedelta(days=6 - last.weekday())
    first = min(states) - timedelta(days=min(states).weekday())
    first = max(first, last - timedelta(days=7 * MOST_WEEKS - 1))
    count = (last - first).days + 1
    every = [first + timedelta(days=index) for index in range(count)]
    marked = [(day, states.get(day, "none")) for day in every]
    return [marked[start : start + 7] for start in range(0, count, 7)]


def page_metrics(audits: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """How pages changed: a line over the days for each of PAGE_METRICS, by each day's last audit."""
    by_day: dict[date, Mapping[str, float]] = {}
    for row in sorted(audits, key=lambda row: row["drafts_version"]):
        if row["measures"]:
            by_day[row["ds"]] = dict(row["measures"])
    lines = []
    for name, (part, whole) in PAGE_METRICS.items():
        ratio = _ratio_of(part, whole)
        lines.append(line(name, [(day, ratio(by_day[day])) for day in sorted(by_day)]))
    return [each for each in lines if each["points"]]


def ranker_metrics(rankers: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """How rankers did on their validation cuts: a line over trainings for each ranker and metric."""
    series: dict[tuple[str, str], list[tuple[date, float | None]]] = {}
    for row in sorted(rankers, key=lambda row: row["ds"]):
        for metric, value in sorted(dict(row["metrics"] or ()).items()):
            series.setdefault((row["ranker"], metric), []).append((row["ds"], value))
    lines = [line(f"{ranker}: {metric}", values) for (ranker, metric), values in series.items()]
    return sorted((each for each in lines if each["points"]), key=lambda each: str(each["name"]))


def experiments(
    decisions: Sequence[Mapping[str, Any]], results: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Each experiment with its newest decision, and the newest result of its declared metric."""
    newest: dict[str, Mapping[str, Any]] = {}
    for row in sorted(decisions, key=lambda row: row["decided_at"]):
        newest[row["experiment"]] = row
    told = []
    for name, decision in sorted(newest.items()):
        own = [row for row in results if row["experiment"] == name and row["role"] == "metric"]
        last = max((row["ds"] for row in own), default=None)
        shown = [row for row in own if row["ds"] == last]
        told.append({"experiment": name, **_decided(decision), "ds": last, "results": shown})
    return told


def line(name: str, values: Sequence[tuple[date, float | None]]) -> dict[str, Any]:
    """Values over time: the first and the last, least and most, and the points of a drawing."""
    known = [(day, value) for day, value in values if value is not None and isfinite(value)]
    numbers = [value for _, value in known]
    if not known:
        return {"name": name, "points": ""}
    low, high = min(numbers), max(numbers)
    step = WIDTH / max(len(known) - 1, 1)
    scale = (HEIGHT - 4) / ((high - low) or 1)
    points = [
        f"{index * step:.1f},{HEIGHT - 2 - (value - low) * scale:.1f}"
        for index, value in enumerate(numbers)
    ]
    ends = {"first": known[0], "last": known[-1], "low": low, "high": high, "count": len(known)}
    return {"name": name, "points": " ".join(points), **ends}


def _decided(decision: Mapping[str, Any]) -> dict[str, Any]:
    return {name: decision[name] for name in ("action", "winner", "decided_at")}


def _ratio_of(part: str, whole: str) -> Callable[[Mapping[str, float]], float | None]:
    """A measure of all profiles over another one; None where there is none of the other."""

    def ratio(measures: Mapping[str, float]) -> float | None:
        """The ratio on a day."""
        count = measures.get(f"{ALL}|{whole}")
        return measures.get(f"{ALL}|{part}", 0.0) / count if count else None

    return ratio
