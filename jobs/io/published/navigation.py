"""The navigation model fitted from what came into view, by device, without Spark."""

# Tested by tests/cli/test_metrics.py.

from datetime import date, timedelta

from conf.days import end_of
from conf.pages import Pages
from experiments.metrics.navigation import going_on
from jobs.io.tables import arrow as arrow_tables

LATE_DAYS = 3  # after a day until its impressions and plays are learned


def fitted_navigation(ds: date, layout: Pages) -> dict[str, dict[str, float]]:
    """Down and right of each device, fitted from the day after `ds`, beside the declared ones.

    Devices without views are left out. A look begins where the first cell of the first row comes
    into view, and ends with a play or a stop.
    """
    if not arrow_tables.was_written("impressions"):
        return {}
    views, plays = _views(ds, layout), _plays(ds, layout)
    by_device = {}
    for name, device in layout.devices.items():
        if name not in views:
            continue
        looks, rows, scrolled, beyond = views[name]
        played, played_beyond = plays.get(name, (0, 0))
        by_device[name] = {
            "looks": float(looks),
            "down": device.down,
            "right": device.right,
            "fitted_down": going_on(rows - looks, max(looks - played, 0)),
            "fitted_right": going_on(beyond - scrolled, max(scrolled - played_beyond, 0)),
        }
    return by_device


def _views(ds: date, layout: Pages) -> dict[str, tuple[int, ...]]:
    """By device: looks, rows in view, rows scrolled sideways, and cells beyond in view.

    Beyond are the cells further right than those that come with a row.
    """
    width = _width(layout)
    rows = arrow_tables.sql(
        "SELECT device,"
        " sum(CASE WHEN column_position = 1 AND row_position = 1 THEN 1 ELSE 0 END) AS looks,"
        " sum(CASE WHEN column_position = 1 THEN 1 ELSE 0 END) AS rows,"
        f" sum(CASE WHEN column_position = {width} + 1 THEN 1 ELSE 0 END) AS scrolled,"
        f" sum(CASE WHEN column_position > {width} THEN 1 ELSE 0 END) AS beyond"
        f" FROM impressions WHERE {_that_day('shown_at', ds)} GROUP BY device"
    ).to_pylist()
    return {
        row["device"]: (row["looks"], row["rows"], row["scrolled"], row["beyond"]) for row in rows
    }


def _plays(ds: date, layout: Pages) -> dict[str, tuple[int, int]]:
    """By device: plays from pages, and those of cells beyond the ones that come with a row."""
    further = f"sum(CASE WHEN column_position > {_width(layout)} THEN 1 ELSE 0 END)"
    rows = arrow_tables.sql(
        f"SELECT device, count(*) AS plays, {further} AS beyond"
        " FROM events WHERE kind = 'play' AND page_id IS NOT NULL"
        f" AND {_that_day('event_at', ds)} GROUP BY device"
    ).to_pylist()
    return {row["device"]: (row["plays"], row["beyond"]) for row in rows}


def _width(layout: Pages) -> str:
    """The number of cells that come into view with a row, as SQL.

    Device names are those of our own configuration, so they are safe to paste.
    """
    cases = " ".join(
        f"WHEN '{name}' THEN {device.screen_columns}" for name, device in layout.devices.items()
    )
    return f"(CASE device {cases} ELSE 1000000 END)"


def _that_day(column: str, ds: date) -> str:
    """Whether an instant is on the day after `ds`, as SQL."""
    first, last = end_of(ds), end_of(ds + timedelta(days=1))
    last_ds = ds + timedelta(days=1 + LATE_DAYS)
    learned = f"ds > DATE '{ds}' AND ds <= DATE '{last_ds}'"
    return f"{learned} AND {column} > TIMESTAMP '{first}' AND {column} <= TIMESTAMP '{last}'"
