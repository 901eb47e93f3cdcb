"""Where a path leads: to a folder that this machine sees, or to another file system."""

# Tested by tests/conf/test_job_size.py and tests/jobs/io/tables/test_worker_writes.py.

import re
from pathlib import Path


def local_folder(path: str) -> str | None:
    """The folder of a path of this machine, with or without `file:`; None for other file systems."""
    if re.match(r"^[a-z][a-z0-9+.-]*://", path) and not path.startswith("file://"):
        return None
    return re.sub(r"^file:/*", "/", path)


def nearest(path: Path) -> Path:
    """The path, or the nearest folder above it that is there."""
    return next(each for each in (path, *path.parents) if each.exists())
