"""What goes wrong in a night, one thing each, and the words by which a person would know of it."""

# Tested by tests/benchmarks/trust/test_alarms.py.

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa

from benchmarks.trust import damages
from benchmarks.trust.made import rows, write
from conf.days import end_of
from conf.settings import load_settings
from jobs.declare_experiments import decide
from jobs.io.experiments.register import START
from jobs.io.published import ranker_holds, rollbacks
from jobs.io.serving import releases
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables import seals
from jobs.serve_pages import serve_pages

DAILY, WEEKLY, ONLINE = "homepage_daily", "rankers_weekly", "homepage_online"
NEARLINE, UPKEEP = "homepage_nearline", "upkeep_weekly"
SMALL_DISK = " && ".join(
    (
        'T="$FRONTROW_TABLES"',
        'cp -a "$T" "$T.whole"',
        'mount -t tmpfs -o size=$(( $(du -sk "$T" | cut -f1) + 40 ))k tmpfs "$T"',
        'cp -a "$T.whole/." "$T"',
        '{ dd if=/dev/zero of="$T/full" bs=1k 2>/dev/null; true; }',
    )
)
Plant = Callable[[date], None]


def nothing(_: date) -> None:
    """Plant nothing."""


@dataclass(frozen=True)
class Fault:
    """One fault: what is done to a service, which tasks run then, and the words of the line that
    names it.

    `done` says whether the night was built before; `hours` after the morning somebody looks;
    `submit` is a shell's line instead of Spark, `variables` are those of the environment, and
    `before` is done by a shell with mounts of its own.
    """

    name: str
    words: tuple[str, ...]
    plant: Plant = nothing
    dag_id: str = DAILY
    tasks: tuple[str, ...] = ()
    done: bool = True
    hours: float = 0
    submit: str = ""
    variables: tuple[tuple[str, str], ...] = ()
    before: str = ""


def faults(ds: date) -> list[Fault]:
    """All faults of a service whose night builds a day."""
    groups = (_processes, _damages, _unread, _models, _judged, _clocks, _absences, _places, _holds)
    return [fault for group in groups for fault in group(ds)]


def _processes(_: date) -> Iterator[Fault]:
    """A step's process that does not come to its end."""
    killed = ("failed", "build_title_features", "was killed")
    yield Fault("killed at each try", killed, tasks=("build_title_features",), submit="kill -9 $$")
    once = 'test -e "$0.once" || { touch "$0.once"; kill -9 $$; }; exit 0'
    retried = ("retried", "build_similars", "was killed")
    yield Fault("killed once", retried, tasks=("build_similars",), submit=once)
    aborted = ("failed", "assemble_drafts", "134")
    yield Fault("aborted", aborted, tasks=("assemble_drafts",), submit="exit 134")
    wordless = ("failed", "publish_homepage_rows", "exit status 1")
    yield Fault("wordless", wordless, tasks=("publish_homepage_rows",), submit="exit 1")
    gone = (("SPARK_SUBMIT", "/nowhere/spark-submit"),)
    missing = ("failed", "build_examples", "/nowhere/spark-submit")
    yield Fault("no Spark", missing, nothing, WEEKLY, ("build_examples",), variables=gone)
    unknown = (("FRONTROW_SCHEDULE_START", "never"),)
    yield Fault("wrong setting", ("FRONTROW_SCHEDULE_START",), variables=unknown)
    deaf = (("FRONTROW_ALARMS", "http://127.0.0.1:9/"),)
    unheard = ("failed", "build_profile_features", "not sent by http")
    yield Fault(
        "deaf channel", unheard, tasks=("build_profile_features",), submit="exit 2", variables=deaf
    )


def _damages(_: date) -> Iterator[Fault]:
    """A table that is not as it was written, read by a step of the night."""
    read: tuple[tuple[str, str, str, str], ...] = (
        ("events", "entry removed", DAILY, "build_daily_counts"),
        ("daily_counts", "byte flipped", DAILY, "build_title_features"),
        ("profiles", "file removed", DAILY, "build_profile_features"),
        ("title_features", "entry cut", DAILY, "build_similars"),
        ("rankers", "byte flipped", DAILY, "assemble_drafts"),
        ("drafts", "byte flipped", DAILY, "run_audits"),
        ("audits", "entry emptied", DAILY, "publish_homepage_rows"),
        ("homepage_rows", "byte flipped", ONLINE, "serve_pages"),
        ("titles", "file removed", ONLINE, "serve_pages"),
        ("publications", "entry cut", ONLINE, "serve_pages"),
        ("examples", "file removed", WEEKLY, "train_rankers"),
        ("similars", "entry emptied", UPKEEP, "maintain_tables"),
    )
    for table, how, dag_id, job in read:
        words = ("failed", f"{dag_id}.{job}", table)
        yield Fault(f"{table}: {how}", words, partial(damage, table, how), dag_id, (job,))


def _unread(_: date) -> Iterator[Fault]:
    """A table that is not as it was written, and that nobody reads before morning."""
    for table, how in (
        ("quarantine", "entry removed"),
        ("landings", "byte flipped"),
        ("search_suggestions", "file removed"),
        ("contexts", "entry emptied"),
        ("policies", "byte flipped"),
    ):
        if arrow_tables.was_written(table):
            yield Fault(f"{table}: {how}, unread", ("failed", table), partial(damage, table, how))


def damage(table: str, how: str, _: date) -> None:
    """Damage the newest entry of a table's log, or one of its files."""
    folder = seals.folder_of(table)
    assert folder is not None
    entry = max((folder / seals.LOG).glob("*.json"))
    file = folder / min(seals.chain_of(folder).files)
    if how == "entry removed":
        entry.unlink()
    elif how == "entry emptied":
        damages.empty(entry)
    elif how == "entry cut":
        damages.cut(entry)
    elif how == "file removed":
        file.unlink()
    else:
        damages.flip(file, Random(table))


def _models(ds: date) -> Iterator[Fault]:
    """A ranker that is not to be trusted, or a variant that cannot be built."""
    trained = arrow_tables.filtered_rows("rankers").to_pylist()
    serving = next(row for row in trained if row["ranker"] == "top_picks")
    words = ("degraded", "assemble_drafts", serving["ranker_id"])
    cut = serving["model"][: len(serving["model"]) // 2]
    sha = hashlib.sha256(cut.encode()).hexdigest()
    changes = {
        "of another hash": {"model_sha256": "'00'"},
        "cut, with its hash": {"model": f"'{cut}'", "model_sha256": f"'{sha}'"},
        "of other features": {"feature_names": "make_array('unheard_of')"},
        "with other probes": {"probe": "'{}'"},
    }
    for name, change in changes.items():
        yield Fault(
            f"ranker {name}", words, partial(_change_ranker, change), tasks=("assemble_drafts",)
        )
    of_artwork = ("degraded", "assemble_drafts", "artwork", "policy of")
    yield Fault("policy of another hash", of_artwork, _refused_policy, tasks=("assemble_drafts",))
    lost = ("experiments.yaml", "trial")
    yield Fault("experiment gone from its file", lost, _start_trial, tasks=("assemble_drafts",))


def _change_ranker(change: dict[str, str], _: date) -> None:
    table = arrow_tables.open_table("rankers")
    assert table is not None
    table.update(predicate="ranker = 'top_picks'", updates=change)
    seals.seal("rankers")


def _refused_policy(ds: date) -> None:
    """A policy that serves the day, whose text was changed."""
    write("policies", rows("policies", ds, Random(0), 1))


def _start_trial(ds: date) -> None:
    kept = {
        "experiment": {
            "about": "a trial",
            "layer": "page",
            "unit": "profile",
            "start": ds.isoformat(),
            "end": (ds + timedelta(days=20)).isoformat(),
            "metric": "plays",
            "size": 5,
            "kids": "include",
            "new": "include",
            "cells": {"control": {"share": 0.5}, "other": {"share": 0.5}},
        },
        "metrics": {"plays": {"of": "plays", "about": "plays"}},
        "exclusive": True,
        "holdout": None,
    }
    decide("trial", START, ds, kept)


def _judged(ds: date) -> Iterator[Fault]:
    """A day whose pages became wrong before their audit."""
    words = ("failed", "run_audits", str(ds))
    yield Fault("pages that lost their rows", words, _lose_rows, tasks=("run_audits",))
    refused = ("refused", str(ds))
    yield Fault("titles were withdrawn", refused, _withdraw, tasks=("run_audits",))


def _lose_rows(ds: date) -> None:
    """What a writer leaves that drops all rows of a page but its first."""
    table = arrow_tables.open_table("drafts")
    assert table is not None
    table.delete(f"ds = '{ds}' AND row_position > 1")
    seals.seal("drafts")


def _withdraw(ds: date) -> None:
    at = end_of(ds) - timedelta(minutes=1)
    titles = arrow_tables.filtered_rows("titles", columns=["title_id"])["title_id"].to_pylist()
    since = at - timedelta(days=90)
    gone = {"country": "no", "from_at": since, "until_at": at, "known_at": at}
    gone |= {"source": "bench", "landing_id": "bench"}
    _append("availability", [{**gone, "title_id": title} for title in titles])


def _clocks(ds: date) -> Iterator[Fault]:
    """A clock that was ahead once."""
    yield Fault("release of tomorrow", ("clock", "release"), _release_of_tomorrow)
    of_tick = ("clock", "serve_pages")
    yield Fault(
        "tick after tomorrow's release", of_tick, _release_of_tomorrow, ONLINE, ("serve_pages",)
    )
    yield Fault(
        "landing of tomorrow", ("clock", "landing"), partial(_of_tomorrow, "landings", "landed_at")
    )
    published = ("clock", "homepage_rows")
    yield Fault("day of tomorrow", published, partial(_of_tomorrow, "publications", "published_at"))


def _release_of_tomorrow(_: date) -> None:
    root = releases.folder_of(load_settings().home_path)
    (root / releases.CURRENT).unlink()  # else nothing is made of what is served already
    serve_pages(now=datetime.now(UTC) + timedelta(days=1))


def _of_tomorrow(table: str, column: str, _: date) -> None:
    newest = max(arrow_tables.filtered_rows(table).to_pylist(), key=lambda row: row[column])
    _append(table, [{**newest, column: datetime.now(UTC) + timedelta(days=1)}])


def _absences(ds: date) -> Iterator[Fault]:
    """Something that ought to have come and did not."""
    late = ("late", "homepage_rows", str(ds))
    yield Fault("night that never began", late, done=False)
    yield Fault("first night that never began", ("late", "no day was published"), _unpublish)
    yield Fault("no events for a day", ("late", "events"), hours=24)
    yield Fault("ticks that stopped", ("stale", "release"), _older_release, hours=20)
    yield Fault("rankers not trained for weeks", ("stale", "ranker top_picks"), hours=24 * 16)
    stale = ("stale", str(ds - timedelta(days=1)), "events")
    yield Fault("late events", stale, _late_events)
    tick = ("failed", "measure_freshness", "was not done")
    yield Fault("tick that was not done", tick, nothing, NEARLINE, ("measure_freshness",))


def _unpublish(_: date) -> None:
    for name in ("publications", "homepage_rows"):
        folder = seals.folder_of(name)
        assert folder is not None
        folder.rename(folder.with_name(f"{name}.gone"))
        seals.path_of(folder).unlink(missing_ok=True)


def _older_release(_: date) -> None:
    root = releases.folder_of(load_settings().home_path)
    releases.flip(root, releases.kept_releases(root)[-1].release_id)


def _late_events(ds: date) -> None:
    """Events of the night before that came after it was published."""
    day = ds - timedelta(days=1)
    at = end_of(day) - timedelta(hours=2)
    like = arrow_tables.filtered_rows("events", [("ds", "=", day)]).to_pylist()[:3]
    late = [
        {**row, "event_id": f"late-{n}", "event_at": at, "known_at": at}
        for n, row in enumerate(like)
    ]
    _append("events", late)


def _places(_: date) -> Iterator[Fault]:
    """A place without room, or of which a part is gone."""
    full = ("failed", "build_daily_counts", "full")
    job = ("build_daily_counts",)
    yield Fault("disk without room", full, tasks=job, before=SMALL_DISK)
    yield Fault("disk with little room", ("full", "tables", "GB are free"), before=SMALL_DISK)
    yield Fault("release without a store", ("stale", "release"), _lose_store)
    yield Fault("release cut short", ("stale", "release"), _cut_store)


def _lose_store(_: date) -> None:
    _store().unlink()


def _cut_store(_: date) -> None:
    damages.cut(_store())


def _store() -> Path:
    root = releases.folder_of(load_settings().home_path)
    return releases.store_path(root, releases.serving_id(root) or "", "base")


def _holds(ds: date) -> Iterator[Fault]:
    """What was rolled back and waits for somebody."""
    yield Fault("day on hold", ("hold", str(ds)), _hold_day)
    yield Fault("release on hold", ("hold", "release"), _hold_release)
    yield Fault("ranker on hold", ("hold", "ranker top_picks"), _hold_ranker)
    again = ("failed", "publish_homepage_rows", "on hold")
    yield Fault("day on hold, built again", again, _hold_day, tasks=("publish_homepage_rows",))


def _hold_day(ds: date) -> None:
    rollbacks.roll_back_day(ds)


def _hold_release(_: date) -> None:
    root = releases.folder_of(load_settings().home_path)
    releases.hold(root, releases.serving_id(root) or "")


def _hold_ranker(_: date) -> None:
    ranker_holds.roll_back_ranker("top_picks")


def _append(name: str, records: Sequence[dict[str, Any]]) -> None:
    """Add records like those that are there."""
    schema = rows(name, date.min, Random(0), 1).schema
    known = [{field: record.get(field) for field in schema.names} for record in records]
    write(name, pa.Table.from_pylist(known, schema))
