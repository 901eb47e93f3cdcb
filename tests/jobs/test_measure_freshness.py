"""How old events are when rows know of them, and what a missed objective does."""

import contextlib
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from conf.errors import Rejected, UserMistake
from conf.settings import ROOT
from conf.ticks import tick_of
from jobs.io.serving import releases
from jobs.io.tables import arrow as lake
from jobs.io.tables import arrow_writes
from jobs.measure_freshness import measure_freshness

UNTIL = datetime(2026, 1, 5, 21, 10, tzinfo=UTC)
TICK = tick_of(UNTIL)
OVERLAY = pa.schema(
    [
        ("profile_id", pa.string()),
        (
            "taken",
            pa.list_(
                pa.struct(
                    [
                        ("event_at", pa.timestamp("us", "UTC")),
                        ("known_at", pa.timestamp("us", "UTC")),
                    ]
                )
            ),
        ),
        ("rows", pa.list_(pa.struct([("row_kind", pa.string())]))),
        ("ds", pa.date32()),
        ("tick", pa.string()),
    ]
)


def ago(minutes: float, lag: float = 1) -> dict[str, datetime]:
    """An event so long before the tick's end, learned of `lag` minutes later."""
    at = UNTIL - timedelta(minutes=minutes)
    return {"event_at": at, "known_at": at + timedelta(minutes=lag)}


def done(people: dict[str, tuple[list[dict[str, datetime]], list[str]]], after: timedelta) -> None:
    """A tick with these overlays: what was taken in of each profile, and the kinds of its rows."""
    rows = [
        {
            "profile_id": name,
            "taken": taken,
            "rows": [{"row_kind": kind} for kind in kinds],
            "ds": TICK.ds,
            "tick": TICK.name,
        }
        for name, (taken, kinds) in people.items()
    ]
    write_deltalake(
        lake.deltalake_path("overlays"),
        pa.Table.from_pylist(rows, OVERLAY),
        mode="overwrite",
        partition_by=["ds", "tick"],
    )
    counts = dict.fromkeys(
        ("rows_count", "profiles_count", "events_count", "late_count", "future_count"), 0
    )
    receipt = {
        **counts,
        "unknown_count": 0,
        "as_of": TICK.as_of,
        "since": TICK.since,
        "landings_after": 1,
        "built_on": TICK.ds,
        "input_versions": {},
        "started_at": UNTIL,
        "finished_at": UNTIL + after,
        "code_version": "test",
    }
    arrow_writes.write_tick("ticks", TICK, [receipt])


def freshness() -> dict[str, dict[str, Any]]:
    return {row["row_kind"]: row for row in lake.whole_table("freshness").to_pylist()}


def test_ages_are_told_for_each_kind_of_row_that_knows_of_the_events(lake):
    done(
        {
            "ann": ([ago(9), ago(5)], ["continue_watching", "popular"]),
            "bob": ([ago(1, 0)], ["popular"]),
            "cid": ([], ["my_list"]),
        },
        timedelta(minutes=1),
    )
    said = measure_freshness(TICK)
    found = freshness()
    assert set(found) == {"continue_watching", "popular"} and "2 kinds of row" in said
    told = found["popular"]
    assert (told["events_count"], told["age_p50_s"], told["data_lag_p50_s"]) == (3, 360, 60)
    assert (told["compute_lag_s"], told["objective_s"], told["breached"]) == (60, 129600, False)
    assert told["age_p95_s"] == pytest.approx(600 - 0.1 * 240)


def test_a_missed_objective_is_kept_and_told_apart_from_late_data(lake):
    done(
        {"ann": ([ago(120, 115), ago(120, 115)], ["continue_watching", "popular"])},
        timedelta(minutes=1),
    )
    for _ in range(2):
        with pytest.raises(
            Rejected,
            match="^breach: continue_watching rows knew of 95 of 100 events after 7260 s, 6900",
        ):
            measure_freshness(TICK)
    assert {kind: row["breached"] for kind, row in freshness().items()} == {
        "continue_watching": True,
        "popular": False,
    }


def test_a_breach_ends_the_task_in_red_with_one_line(lake):
    done({"ann": ([ago(120), ago(110)], ["continue_watching"])}, timedelta(minutes=1))
    command = [sys.executable, "-m", "jobs.measure_freshness", "--until", str(TICK)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 65
    assert (
        ended.stderr.startswith("error: breach: continue_watching")
        and ended.stderr.count("\n") == 1
    )


@pytest.mark.parametrize(
    ("late", "prompt", "breached"), [(1, 0, False), (2, 0, True), (3, 40, False), (7, 40, True)]
)
def test_a_few_late_events_may_be_chance(lake, late, prompt, breached):
    """Under 5 of 100 late: P(1 of 1) = .05, P(2 of 2) = .0025, P(3 or more of 43) = .37, P(7 or
    more of 47) = .008.
    """
    done(
        {"ann": ([ago(120)] * late + [ago(9)] * prompt, ["continue_watching"])},
        timedelta(minutes=1),
    )
    with pytest.raises(Rejected) if breached else contextlib.nullcontext():
        measure_freshness(TICK)
    told = freshness()["continue_watching"]
    assert (told["missed_count"], told["events_count"], told["breached"]) == (
        late,
        late + prompt,
        breached,
    )


def test_a_backfill_says_nothing_of_freshness(lake):
    done({"ann": ([ago(9)], ["popular"])}, timedelta(minutes=1))
    measure_freshness(TICK)
    done({"ann": ([ago(9)], ["popular"])}, timedelta(days=2))
    assert "not measured" in measure_freshness(TICK)
    assert freshness() == {}


def test_a_tick_in_which_nothing_happened_has_no_ages(lake):
    done({"ann": ([], ["popular"])}, timedelta(minutes=1))
    assert measure_freshness(TICK).startswith("0 kinds of row")


def test_a_tick_that_was_not_done_is_named_with_the_job_to_run(lake):
    with pytest.raises(
        UserMistake, match="python -m jobs.compute_overlays --until 2026-01-05T21:10Z"
    ):
        measure_freshness(TICK)


def test_settings_count_from_their_landing_to_the_last_look_of_a_reader(
    lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the releases made during the tick."""
    monkeypatch.setenv("FRONTROW_HOME", str(tmp_path / "home"))
    done({"ann": ([], ["popular"])}, timedelta(minutes=1))
    for minutes, wait in ((-1, 30.0), (2, 20.0), (20, 500.0)):
        made_at = UNTIL - timedelta(minutes=minutes)
        name = releases.release_id_at(made_at)
        release = releases.Release(
            release_id=name,
            until=made_at,
            made_at=made_at,
            base_ds=TICK.ds,
            base_version=0,
            layers={},
            waits=(releases.Wait(records=3, seconds=wait),),
        )
        folder = releases.folder_of(tmp_path / "home") / name
        folder.mkdir(parents=True)
        (folder / releases.MANIFEST).write_text(release.model_dump_json())
    measure_freshness(TICK)
    (row,) = freshness().values()
    assert (row["row_kind"], row["events_count"], row["age_p95_s"]) == ("settings", 3, 30.0)
    assert (row["objective_s"], row["breached"]) == (60, False)
