"""Whether pages that workers write have the content of those that Spark writes, row for row."""

# Tested by tests/benchmarks/scale/test_night.py.

from collections.abc import Callable
from pathlib import Path

from benchmarks.scale.made import session
from benchmarks.scale.night import Stage, measured_job
from benchmarks.scale.plays import Service
from jobs.io.tables import spark as tables

WRITERS = ("spark", "workers")
JOB, TABLE = "assemble_drafts", "drafts"


def by_writer(
    service: Service, home: Path, say: Callable[[str], None]
) -> tuple[bool, dict[str, Stage]]:
    """Build a service's drafts by each writer; whether their hashes are equal, and each one's figures."""
    hashes, stages = set(), {}
    for writer in WRITERS:
        places = {"FRONTROW_WRITER": writer}
        ds = service.ds.isoformat()
        stages[writer] = measured_job(JOB, ds, home, service.members, say, places)
        with session(home) as spark:
            hashes.add(tables.content_hash(tables.read_day(spark, TABLE, service.ds)))
    return len(hashes) == 1, stages
