"""What each unit of an experiment did, on its days and on the days before: one row for each unit."""

# Tested by tests/jobs/test_analyse_experiments.py.

from datetime import date, timedelta

import duckdb
import pyarrow as pa

from conf.contracts import contract
from conf.errors import UserMistake
from conf.experiments import MEASURES
from features import watch_times
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables.schemas import arrow_schema

BEFORE_DAYS = 28  # whose figures are taken out of the difference
QUALITY_S = 600  # seconds of a title on a day, from which on a play counts as one of quality
TABLES = ("assignments", "events", "impressions")
# A title counts as played once a day. A unit's days begin the day after its first page; who was
# assigned stays in its cell, whatever page it saw.
SQL = """
WITH members AS (
    SELECT profile_id, unit_id, cell, CAST(min(ds) + INTERVAL 1 DAY AS TIMESTAMP) AS since
    FROM assignments WHERE experiment = $experiment AND ds < $until GROUP BY ALL
), pieces AS (
    SELECT profile_id, title_id, episode, kind, event_at, max(watched_seconds) AS watched_seconds
    FROM events WHERE kind = 'play' GROUP BY ALL
), told AS (
    SELECT *, {before} FROM pieces
), adding AS (
    SELECT profile_id, title_id, event_at, {added} AS seconds FROM told
), days AS (
    SELECT profile_id, title_id, CAST(event_at AS DATE) AS day, min(event_at) AS at,
        coalesce(sum(seconds), 0) AS seconds,
        row_number() OVER (PARTITION BY profile_id, title_id ORDER BY min(event_at)) AS nth
    FROM adding GROUP BY profile_id, title_id, CAST(event_at AS DATE)
), seen AS (
    SELECT page_id, profile_id, title_id, min(shown_at) AS at FROM impressions GROUP BY ALL
), plays AS (
    SELECT members.unit_id, members.cell, days.*, days.at >= since AS inside,
        exists(FROM seen WHERE seen.profile_id = days.profile_id AND seen.title_id = days.title_id
            AND seen.at <= days.at AND seen.at > days.at - INTERVAL 1 DAY) AS was_seen
    FROM members JOIN days USING (profile_id)
    WHERE day <= $until AND days.at >= since - $before * INTERVAL 1 DAY
), pages AS (
    SELECT unit_id, seen.at >= since AS inside, count(DISTINCT page_id) AS pages
    FROM members JOIN seen USING (profile_id)
    WHERE CAST(seen.at AS DATE) <= $until AND seen.at >= since - $before * INTERVAL 1 DAY
    GROUP BY ALL
), sums AS (
    SELECT unit_id, inside, count(*) AS plays, sum(seconds) / 60.0 AS minutes,
        count(*) FILTER (nth = 1 AND was_seen) AS discoveries,
        count(*) FILTER (seconds >= $quality) AS quality_plays,
        count(DISTINCT day) AS active_days, count(*) FILTER (was_seen) AS seen_plays
    FROM plays GROUP BY ALL
), units AS (SELECT unit_id, min(cell) AS cell FROM members GROUP BY ALL)
SELECT units.unit_id AS account_id, units.cell, {columns}
FROM units
LEFT JOIN sums ON sums.unit_id = units.unit_id AND sums.inside
LEFT JOIN sums AS sums_before
    ON sums_before.unit_id = units.unit_id AND NOT sums_before.inside
LEFT JOIN pages ON pages.unit_id = units.unit_id AND pages.inside
LEFT JOIN pages AS pages_before
    ON pages_before.unit_id = units.unit_id AND NOT pages_before.inside
ORDER BY ALL
"""


def measured_units(experiment: str, until: date) -> pa.Table:
    """Each unit (`account_id`), its `cell`, MEASURES of its days until a day and, as NAME_before, of
    the BEFORE_DAYS before them.
    """
    columns = []
    for name in MEASURES:
        source = "pages" if name == "pages" else "sums"
        columns += [
            f"coalesce({source}.{name}, 0)::DOUBLE AS {name}",
            f"coalesce({source}_before.{name}, 0)::DOUBLE AS {name}_before",
        ]
    first = _first_day(experiment)
    with duckdb.connect(config={"threads": 2, "autoinstall_known_extensions": False}) as database:
        database.execute("SET TimeZone = 'UTC'")
        for name in TABLES:
            database.register(name, _rows_since(name, first - timedelta(days=BEFORE_DAYS + 1)))
        given = {
            "experiment": experiment,
            "until": until,
            "before": BEFORE_DAYS,
            "quality": QUALITY_S,
        }
        before = [f"{sql} AS {name}" for name, sql in watch_times.before("epoch(event_at)").items()]
        parts = {"columns": columns, "before": before, "added": [watch_times.added()]}
        query = SQL.format(**{name: ", ".join(sql) for name, sql in parts.items()})
        units: pa.Table = database.sql(query, params=given).to_arrow_table()
    if not units.num_rows:
        raise UserMistake(
            f"{experiment} has nobody in it before {until}; its pages are built by the night"
        )
    return units


def _first_day(experiment: str) -> date:
    rows = arrow_tables.filtered_rows("assignments", [("experiment", "=", experiment)], ["ds"])
    days = rows["ds"].to_pylist()
    if not days:
        raise UserMistake(f"{experiment} has no assignments yet; the next night makes them")
    return min(days)


def _rows_since(name: str, first: date) -> pa.Table:
    """The rows of a table that are needed; of a discovery all earlier plays are, so of events all."""
    wanted = {
        "assignments": ["ds", "profile_id", "unit_id", "experiment", "cell"],
        "events": ["profile_id", "title_id", "episode", "event_at", "kind", "watched_seconds"],
        "impressions": ["page_id", "profile_id", "title_id", "shown_at"],
    }[name]
    if not arrow_tables.was_written(name):
        return pa.schema([arrow_schema(name).field(column) for column in wanted]).empty_table()
    filters = [("ds", ">=", first)] if name == "impressions" else []
    assert set(wanted) <= set(contract(name).columns)
    return arrow_tables.filtered_rows(name, filters, wanted)
