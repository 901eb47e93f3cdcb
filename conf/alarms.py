"""Kinds of alarm, deadlines of the DAGs, and from when on something is late, stale or full."""
# Tested by tests/jobs/io/test_alarms.py.

from functools import cache
from typing import Literal

from pydantic import model_validator

from conf.schedule import CADENCES
from conf.settings import ROOT, Frozen, load_yaml

Kind = Literal["failed", "retried", "late", "degraded", "refused", "stale", "hold", "clock", "full"]


class AlarmKind(Frozen):
    """What an alarm of a kind says, and whether it is sent further than to the log."""

    about: str
    sent: bool = True


class AlarmSettings(Frozen):
    """`conf/alarms.yaml`: every kind, a deadline for each DAG in minutes, and bounds of `frontrow
    status`.
    """

    kinds: dict[Kind, AlarmKind]
    deadlines: dict[str, int]
    release_minutes: int
    ranker_days: int
    ahead_seconds: int
    least_free_gb: float
    heard_hours: int
    ended_days: int

    @model_validator(mode="after")
    def _every_dag_has_a_deadline(self) -> "AlarmSettings":
        if set(self.deadlines) != set(CADENCES):
            raise ValueError(f"deadlines are for the DAGs {', '.join(CADENCES)}")
        return self


@cache
def alarm_settings() -> AlarmSettings:
    """The settings of alarms."""
    return load_yaml(AlarmSettings, ROOT / "conf" / "alarms.yaml")
