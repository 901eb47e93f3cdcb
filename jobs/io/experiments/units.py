"""The units there are now, and what they did lately: what a plan is made of."""

# Tested by tests/jobs/test_analyse_experiments.py.

from datetime import timedelta

import pyarrow as pa
import pyarrow.compute as pc

from jobs.io.tables import arrow as arrow_tables


def units_now() -> pa.Table:
    """profile_id, account_id, kids and tenure_days of the newest day; no rows without one."""
    columns = ["profile_id", "kids", "profile_first_play_age_days"]
    days = arrow_tables.written_at("profile_features")
    if not days:
        return pa.table({name: pa.array([], pa.string()) for name in columns})
    rows = arrow_tables.filtered_rows("profile_features", [("ds", "=", max(days))], columns)
    accounts = arrow_tables.filtered_rows("profiles", [], ["profile_id", "account_id", "known_at"])
    newest = accounts.sort_by("known_at")
    of_profile = dict(
        zip(newest["profile_id"].to_pylist(), newest["account_id"].to_pylist(), strict=True)
    )
    own = [of_profile.get(name) for name in rows["profile_id"].to_pylist()]
    return rows.rename_columns(["profile_id", "kids", "tenure_days"]).append_column(
        "account_id", pa.array(own, pa.string())
    )


def plays_before(units: pa.Array, measure: str, days: int) -> list[float]:
    """For each distinct unit the titles that its profiles played in the last days of the log.

    Every measure is planned by plays: minutes and discoveries vary at least as much.
    """
    profiles = units_now()
    by_unit = dict.fromkeys(units.to_pylist(), 0.0)
    of_profile = dict(zip(profiles["profile_id"].to_pylist(), units.to_pylist(), strict=True))
    written = arrow_tables.written_at("events")
    if not written:
        return list(by_unit.values())
    first = max(written) - timedelta(days=days)
    events = arrow_tables.filtered_rows(
        "events",
        [("ds", ">", first), ("kind", "=", "play")],
        ["profile_id", "title_id", "event_at"],
    )
    day = pc.floor_temporal(events["event_at"], unit="day")
    played = events.drop_columns(["event_at"]).append_column("day", day)
    keys = ["profile_id"] if measure == "active_days" else ["profile_id", "title_id"]
    distinct = played.group_by([*keys, "day"]).aggregate([])
    counts = distinct.group_by("profile_id").aggregate([([], "count_all")]).to_pylist()
    for row in counts:
        if row["profile_id"] in of_profile:
            by_unit[of_profile[row["profile_id"]]] += row["count_all"]
    return list(by_unit.values())
