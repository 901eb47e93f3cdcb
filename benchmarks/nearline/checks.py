"""What has to hold of ticks, whatever happened: state as offline, once and only once, no rule broken."""

import os
import subprocess
import sys
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.nearline.pages import partition
from benchmarks.page.violations import violations
from conf.pages import pages
from conf.rows import rows
from conf.settings import ROOT
from conf.ticks import Tick
from jobs.io.snapshot.catalogue_view import shelf_at
from jobs.io.tables import arrow as arrow_tables
from models.catalogue.from_arrow import profiles_from

STATE = (  # of what is known of a profile, all that does not count days from the moment it is asked for
    "country",
    "languages",
    "maturity_limit",
    "kids",
    "blocked_titles",
    "profile_plays_count_7d",
    "profile_plays_count_30d",
    "profile_plays_count_all",
    "profile_hour_mean_sin",
    "profile_hour_mean_cos",
    "profile_weekend_share",
    "history",
    "my_list",
)
KILLED_AFTER_S = (2.0, 6.0, 9.0, 12.0)


def replay_differs(ds: date) -> dict[str, int]:
    """Of how many profiles each column differs between the newest overlay of a day and the day's offline state.

    Which episode comes next is left out: others may have played a later one since.
    """
    columns = ["profile_id", *STATE]
    offline = {row["profile_id"]: row for row in _day("profile_features", ds, columns).to_pylist()}
    found: dict[str, int] = {}
    for row in newest_overlays(ds, columns).to_pylist():
        known = offline.get(row["profile_id"], {})
        for name in STATE:
            if _plain(name, row[name]) != _plain(name, known.get(name)):
                found[name] = found.get(name, 0) + 1
    return found


def _plain(name: str, value: object) -> object:
    if name == "history" and isinstance(value, list):
        return [
            {key: part for key, part in entry.items() if key != "next_episode"} for entry in value
        ]
    return value


def newest_overlays(ds: date, columns: list[str], until: str = "2400") -> pa.Table:
    """The newest overlay of each profile on a day, up to a tick."""
    known = _day("overlays", ds, [*columns, "tick"])
    known = known.filter(pc.less_equal(known["tick"].cast(pa.string()), until))
    at = pa.array(range(known.num_rows), pa.int64())
    order = known.append_column("_at", at).sort_by(
        [("profile_id", "ascending"), ("tick", "descending")]
    )
    first = order.group_by("profile_id", use_threads=False).aggregate([("_at", "first")])
    return known.take(first["_at_first"]).drop(["tick"])


def _day(name: str, ds: date, columns: list[str]) -> pa.Table:
    table = arrow_tables.opened(name)
    assert table is not None
    return pa.table(table.to_pyarrow_table(filters=[("ds", "=", ds)], columns=columns))


def once_after_kills(tick: Tick) -> bool:
    """Kill the tick's job at several moments and let it run to its end: whether all is as it was before."""
    before = _content(tick)
    command = [sys.executable, "-m", "jobs.compute_overlays", "--until", str(tick)]
    for seconds in KILLED_AFTER_S:
        job = subprocess.Popen(
            command,
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=os.environ.copy(),
            start_new_session=True,
        )
        try:
            job.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(job.pid, 9)
            job.wait()
    subprocess.run(
        command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    return _content(tick) == before


def _content(tick: Tick) -> list[object]:
    told = ("started_at", "finished_at", "code_version", "input_versions")
    overlays, receipt = partition("overlays", tick), partition("ticks", tick).drop(list(told))
    return [overlays.sort_by("profile_id").to_pylist(), receipt.to_pylist()]


def broken_rules(tick: Tick, built_on: date) -> dict[str, int]:
    """How often each rule is broken by the pages published at a tick, from the state that each was made of."""
    updates = partition("homepage_updates", tick)
    states = ["profile_id", *STATE, "profile_first_play_age_days", "profile_last_play_age_days"]
    known = newest_overlays(tick.ds, states, tick.name)
    base = _day("profile_features", built_on, states)
    rest = base.filter(
        pc.invert(pc.is_in(base["profile_id"], known["profile_id"].combine_chunks()))
    )
    everybody = pa.concat_tables([known, rest], promote_options="permissive")
    due = everybody.filter(pc.is_in(everybody["profile_id"], pc.unique(updates["profile_id"])))
    catalogue = shelf_at(tick.as_of).catalogue
    return violations(
        updates, catalogue, profiles_from(due.combine_chunks(), catalogue), pages(), rows()
    )
