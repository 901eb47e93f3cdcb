"""A forecast held against what the next day's audit wrote, beside the guess that all stays as it is."""

# Tested by tests/benchmarks/studio/test_forecasts.py.

from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from conf.days import end_of
from jobs.io.tables import arrow as arrow_tables
from studio.reports.forecast import likely_pages

Shares = dict[tuple[str, str], float]  # of profiles, by title and kind of row
MOST_ASKED = 400
OFTEN = 0.05  # of profiles: a title that comes to so many was to be foreseen
FORESEEN = 0.01  # of the pages built


def forecast_judged() -> dict[str, object]:
    """How far forecasts of one day ahead were off, in shares of profiles, over titles and kinds of row;
    empty where no two days in a row were audited.
    """
    days = sorted(arrow_tables.written_at("title_health"))
    nights = [ds for ds in days if ds + timedelta(days=1) in days]
    if not nights:
        return {}
    ds = nights[-1]
    forecast, before, after = _forecast(ds), shares_of(ds), shares_of(ds + timedelta(days=1))
    return {"forecast_of": str(ds + timedelta(days=1)), **judged(forecast, before, after)}


def judged(forecast: Shares, before: Shares, after: Shares) -> dict[str, object]:
    """The mean errors, and how many of the titles that came to a kind of row were foreseen there."""
    keys = sorted(forecast.keys() | before.keys() | after.keys())
    likely, was, came = (_of(shares, keys) for shares in (forecast, before, after))
    new = (was == 0) & (came >= OFTEN)
    return {
        "forecast_error": float(np.abs(likely - came).mean()),
        "as_before_error": float(np.abs(was - came).mean()),
        "came_new": int(new.sum()),
        "came_new_foreseen": int((new & (likely >= FORESEEN)).sum()),
    }


def shares_of(ds: date) -> Shares:
    """The shares of a day that its audit wrote, without those that are 0."""
    columns = ["title_id", "row_kind", "shown_count"]
    rows = arrow_tables.filtered_rows("title_health", [("ds", "=", ds)], columns)
    counts = rows.group_by(columns[:2]).aggregate([("shown_count", "sum")])
    profiles = arrow_tables.filtered_rows("profile_features", [("ds", "=", ds)], ["profile_id"])
    return {
        (str(row["title_id"]), str(row["row_kind"])): row["shown_count_sum"] / profiles.num_rows
        for row in counts.to_pylist()
        if row["shown_count_sum"]
    }


def _forecast(ds: date) -> Shares:
    """The same of the day after, by what was known at the end of `ds`."""
    likely = likely_pages(ds, 1, None, end_of(ds), MOST_ASKED)
    keys = ["title_id", "row_kind"]
    counts = likely.cells.group_by(keys).aggregate([("profile_id", "count_distinct")])
    return {
        (row["title_id"], row["row_kind"]): row["profile_id_count_distinct"] / likely.profiles
        for row in counts.to_pylist()
    }


def _of(shares: Shares, keys: list[tuple[str, str]]) -> NDArray[np.float64]:
    return np.array([shares.get(key, 0.0) for key in keys])
