"""Files of one table copied into another as they are, byte by byte. No Arrow and no numba here:
the workers that do it start in a moment.
"""

# Tested by tests/jobs/test_publish_homepage_rows.py.

import hashlib
import uuid
from pathlib import Path
from typing import NamedTuple

CHUNK = 4 << 20


class Copy(NamedTuple):
    """A copied file, or why there is none."""

    path: str  # relative to its table
    modified_ms: int = 0
    refusal: str = ""


def copied(source: Path, target: Path, path: str, checksum: str) -> Copy:
    """Copy a file under a new name, unless its bytes are not those of the sha256."""
    new_path = f"{path.rpartition('/')[0]}/part-{uuid.uuid4()}.zstd.parquet"
    place = target / new_path
    place.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    try:
        with (source / path).open("rb") as old, place.open("xb") as new:
            while chunk := old.read(CHUNK):
                digest.update(chunk)
                new.write(chunk)
    except FileNotFoundError:
        return Copy(path, refusal=f"{path} is gone")
    if digest.hexdigest() != checksum:
        place.unlink()
        return Copy(path, refusal=f"the bytes of {path} are not those that were written")
    return Copy(new_path, place.stat().st_mtime_ns // 1_000_000)
