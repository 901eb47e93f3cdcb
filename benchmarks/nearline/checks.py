"""What has to hold of every tick: state as offline, exactly once, no rule broken."""

import os
import subprocess
import sys
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.nearline.pages import tick_partition
from benchmarks.page.facts import by_tables
from benchmarks.page.violations import form_violations
from conf.pages import pages
from conf.rows import rows
from conf.settings import ROOT
from conf.ticks import Tick
from jobs.io.snapshot.catalogue_view import catalogue_view_at
from jobs.io.tables import arrow as arrow_tables
from models.catalogue.from_arrow import profiles_from

STATE = (  # columns of a profile that do not count days from the moment they are computed at
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
AGES = ("profile_first_play_age_days", "profile_last_play_age_days")
KILLED_AFTER_S = (2.0, 6.0, 9.0, 12.0)
RUN_COLUMNS = ["started_at", "finished_at", "code_version", "input_versions"]
END_OF_DAY = "2400"  # name of a day's last tick


def state_differences(ds: date) -> dict[str, int]:
    """Number of profiles whose newest overlay differs from the day's offline state, by column.

    Which episode comes next is left out: others may have played a later one since.
    """
    columns = ["profile_id", *STATE]
    offline_rows = _day("profile_features", ds, columns).to_pylist()
    offline = {row["profile_id"]: row for row in offline_rows}
    differences: dict[str, int] = {}
    for overlay in newest_overlays(ds, columns).to_pylist():
        state = offline.get(overlay["profile_id"], {})
        for name in STATE:
            if _comparable(name, overlay[name]) != _comparable(name, state.get(name)):
                differences[name] = differences.get(name, 0) + 1
    return differences


def _comparable(name: str, value: object) -> object:
    """The value without the next episodes of a history."""
    if name != "history" or not isinstance(value, list):
        return value
    return [{key: part for key, part in entry.items() if key != "next_episode"} for entry in value]


def newest_overlays(ds: date, columns: list[str], until: str = END_OF_DAY) -> pa.Table:
    """The newest overlay of each profile on a day, up to the tick of a name."""
    overlays = _day("overlays", ds, [*columns, "tick"])
    is_before = pc.less_equal(overlays["tick"].cast(pa.string()), until)
    overlays = overlays.filter(is_before)
    position = pa.array(range(overlays.num_rows), pa.int64())
    newest_first = [("profile_id", "ascending"), ("tick", "descending")]
    by_profile = overlays.append_column("_position", position).sort_by(newest_first)
    newest = by_profile.group_by("profile_id", use_threads=False).aggregate(
        [("_position", "first")]
    )
    return overlays.take(newest["_position_first"]).drop(["tick"])


def _day(name: str, ds: date, columns: list[str]) -> pa.Table:
    table = arrow_tables.open_table(name)
    assert table is not None
    return pa.table(table.to_pyarrow_table(filters=[("ds", "=", ds)], columns=columns))


def is_same_after_kills(tick: Tick) -> bool:
    """Whether a tick has the same content after its job was killed several times and run again."""
    content = _content(tick)
    command = [sys.executable, "-m", "jobs.compute_overlays", "--until", str(tick)]
    for seconds in KILLED_AFTER_S:
        _run_and_kill(command, seconds)
    subprocess.run(
        command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    return _content(tick) == content


def _run_and_kill(command: list[str], seconds: float) -> None:
    """Run a command, and kill it and its children if it takes longer."""
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ.copy(),
        start_new_session=True,
    )
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, 9)
        process.wait()


def _content(tick: Tick) -> list[object]:
    """What the tick's job wrote, except for what differs between two runs."""
    overlays = tick_partition("overlays", tick).sort_by("profile_id")
    receipt = tick_partition("ticks", tick).drop(RUN_COLUMNS)
    return [overlays.to_pylist(), receipt.to_pylist()]


def violations_at(tick: Tick, built_on: date) -> dict[str, int]:
    """How often each rule is broken by the pages of a tick: of form, given the states behind them,
    and of what may be shown and said, by the judge.
    """
    updates = tick_partition("homepage_updates", tick)
    columns = ["profile_id", *STATE, *AGES]
    overlays = newest_overlays(tick.ds, columns, tick.name)
    base = _day("profile_features", built_on, columns)
    has_overlay = pc.is_in(base["profile_id"], overlays["profile_id"].combine_chunks())
    without_overlay = base.filter(pc.invert(has_overlay))
    states = pa.concat_tables([overlays, without_overlay], promote_options="permissive")
    is_updated = pc.is_in(states["profile_id"], pc.unique(updates["profile_id"]))
    updated_states = states.filter(is_updated).combine_chunks()
    catalogue = catalogue_view_at(tick.as_of).catalogue
    profiles = profiles_from(updated_states, catalogue)
    broken = form_violations(updates, catalogue, profiles, pages(), rows())
    broken.update(by_tables(updates, tick.as_of, f"tick {tick}").offences)
    return dict(broken)
