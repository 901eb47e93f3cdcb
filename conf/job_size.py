"""How large the jobs of a service are, and what Spark is given for it.

A job is large on a cluster, and on one machine where the log is: then Java's second compiler, more
memory and shuffles in many parts pay. In small ones they cost more than they save.
"""

import os
import re
from pathlib import Path
from typing import NamedTuple

from conf.places import local_folder

LARGE_LOG = 100 << 20  # bytes of the table `events`: some three million plays
PART = 32 << 20  # bytes of log to each part of a shuffle
LEAST_PARTS, MOST_PARTS = 64, 20_000  # of a shuffle on a cluster; adaptive plans join small ones
UNSEEN_PARTS = 1_000  # where the log is on a file system that cannot be looked into from here
LOCAL = re.compile(r"local(?:\[(\d+|\*)(?:,\d+)?\])?")


class JobSize(NamedTuple):
    """What Spark is given: which section of `conf/spark.yaml`, and two numbers beside it."""

    section: str  # small or large
    shuffle_parts: int
    driver_memory: str


def job_size(master: str, tables_root: str, driver_memory: str = "") -> JobSize:
    """The size of a service's jobs, by its Spark master and the size of its log."""
    cores = cores_of(master)
    log = log_bytes(tables_root)
    if cores and (log or 0) < LARGE_LOG:
        # a part of some hundred rows costs more to start than to do
        return JobSize("small", max(2, min(4, cores)), driver_memory or "2g")
    least = 4 * cores if cores else LEAST_PARTS
    parts = UNSEEN_PARTS if log is None else log // PART
    return JobSize("large", min(MOST_PARTS, max(least, parts)), driver_memory or _memory(cores))


def cores_of(master: str) -> int | None:
    """How many cores a local master uses; None for a cluster.

    >>> cores_of("local[2]"), cores_of("local[3,2]"), cores_of("local"), cores_of("yarn")
    (2, 3, 1, None)
    """
    local = LOCAL.fullmatch(master)
    if local is None:
        return None
    number = local.group(1) or "1"
    return (os.cpu_count() or 1) if number == "*" else int(number)


def log_bytes(tables_root: str) -> int | None:
    """The size of the table `events`; None where it is on another file system."""
    folder = local_folder(tables_root)
    if folder is None:
        return None
    return sum(file.stat().st_size for file in Path(folder, "events").glob("**/*.parquet"))


def _memory(cores: int | None) -> str:
    """A quarter of this machine where it does all of the work, from 2 to 16 GB; else 4 GB."""
    if cores is None:
        return "4g"
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return f"{min(16, max(2, machine >> 32))}g"
