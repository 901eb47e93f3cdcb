"""Nights with one fault each, and nights without: what a person hears of them.

The judge shares nothing with the alarms: it knows what was planted, and looks for those words in a
line of the channel or of `frontrow status`.
"""

# Tested by tests/benchmarks/trust/test_alarms.py.

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from benchmarks.trust import service
from benchmarks.trust.made import own_home
from benchmarks.trust.night_faults import DAILY, ONLINE, Fault, faults
from benchmarks.trust.nights import Airflow, heard, may_mount, morning, told
from closed_loop.homes import environment_variables
from conf.days import start_of

Say = Callable[[str], None]
CLEAN_EVERY = 15  # faulted nights between two clean ones
HOURS = (0, 5, 15, 22)  # of the day after a clean night, when somebody looks
AFTER = timedelta(minutes=30)  # a tick of the day after, which serves the night's pages


@dataclass
class Heard:
    """What came of the nights: the faults that nobody would know of, and lines about nothing."""

    nights: int = 0
    clean: int = 0
    missed: list[str] = field(default_factory=list)
    false: list[str] = field(default_factory=list)


def figures(say: Say, names: Sequence[str] = ()) -> dict[str, object]:
    """How many faults nobody would have heard of, and how many lines came of nights without one."""
    heard_of = Heard()
    with own_home() as home:
        say("a small service")
        with service.at(home / "before"):
            ds = service.make(home / "before", say)
        airflow = Airflow(home / "airflow").made()
        say("a night without a fault")
        _first_night(home, airflow, ds, heard_of)
        with service.at(home / "after"):
            wanted = [fault for fault in faults(ds) if not names or fault.name in names]
        planted = possible(wanted)
        for fault in planted:
            heard_of.nights += 1
            say(f"{heard_of.nights} of {len(planted)}: {fault.name}")
            lines = faulted_night(home, airflow, ds, fault)
            if not is_named(fault, lines):
                heard_of.missed.append(fault.name)
                say(f"nobody is told: {lines}")
            if heard_of.nights % CLEAN_EVERY == 0:
                say("a night without a fault")
                _clean_night(home, airflow, ds, heard_of)
    return {
        "alarm_nights": heard_of.nights,
        "alarm_nights_left_out": [fault.name for fault in wanted if fault not in planted],
        "alarms_missed": len(heard_of.missed),
        "alarms_missed_of": heard_of.missed,
        "clean_nights": heard_of.clean,
        "false_alarms": len(heard_of.false),
        "false_alarms_of": heard_of.false[:5],
    }


def possible(wanted: Sequence[Fault]) -> list[Fault]:
    """The faults that this user may plant."""
    return [fault for fault in wanted if not fault.before or may_mount()]


def is_named(fault: Fault, lines: Sequence[str]) -> bool:
    """Whether one line has all the words that a person needs."""
    return any(all(word in line for word in fault.words) for line in lines)


def faulted_night(home: Path, airflow: Airflow, ds: date, fault: Fault) -> list[str]:
    """The lines that a person can read after a night with a fault."""
    with _copy(home, "after" if fault.done else "before") as night:
        fault.plant(ds)
        own = dict(fault.variables)
        if fault.submit:
            own["SPARK_SUBMIT"] = str(_script(night / "submit", fault.submit))
        if fault.tasks:
            end = _end(ds) if fault.dag_id == DAILY else _end(ds) + AFTER
            airflow.run(fault.dag_id, end, fault.tasks, own, fault.before)
        if fault.before:
            return [*heard(night, datetime.now(UTC)), *airflow.status(own, fault.before)]
        with environment_variables(**own):
            looks = max(datetime.now(UTC), morning(ds)) + timedelta(hours=fault.hours)
            return heard(night, looks)


def _first_night(home: Path, airflow: Airflow, ds: date, heard_of: Heard) -> None:
    """Build the night as a whole and serve it, which faulted nights then begin with."""
    service.copy(home / "before", home / "after")
    with service.at(home / "after"):
        airflow.run(DAILY, _end(ds))
        airflow.run(ONLINE, _end(ds) + AFTER, ("serve_pages",))
        _listen(home / "after", ds, heard_of)


def _clean_night(home: Path, airflow: Airflow, ds: date, heard_of: Heard) -> None:
    """Audit, publish and serve the night again."""
    with _copy(home, "after") as night:
        airflow.run(DAILY, _end(ds), ("run_audits", "publish_homepage_rows"))
        airflow.run(ONLINE, _end(ds) + AFTER, ("serve_pages",))
        _listen(night, ds, heard_of)


def _listen(night: Path, ds: date, heard_of: Heard) -> None:
    """Whatever is said after a clean night, at any hour until the next one is due, is false."""
    heard_of.clean += 1
    now = datetime.now(UTC)
    instants = [max(now, morning(ds) + timedelta(hours=hours)) for hours in HOURS]
    lines = [*heard(night, instants[0]), *(line for at in instants for line in told(at))]
    heard_of.false += sorted(set(lines))


def _end(ds: date) -> datetime:
    return start_of(ds + timedelta(days=1))


def _script(path: Path, line: str) -> Path:
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(0o700)
    return path


@contextmanager
def _copy(home: Path, state: str) -> Iterator[Path]:
    """A copy of the service in one of its states, removed afterwards."""
    night = home / "night"
    service.copy(home / state, night)
    try:
        with service.at(night):
            yield night
    finally:
        shutil.rmtree(night)
