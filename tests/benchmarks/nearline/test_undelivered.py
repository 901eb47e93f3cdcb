"""Records that are on their way arrive once, when they are known."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.nearline.undelivered import Undelivered

MIDNIGHT = datetime(2026, 1, 5, tzinfo=UTC)


def records(*hours):
    known_at = [MIDNIGHT + timedelta(hours=hour) for hour in hours]
    columns = {"event_id": [f"e{hour}" for hour in hours], "known_at": known_at}
    return pa.table(columns).cast(
        pa.schema({"event_id": pa.string(), "known_at": pa.timestamp("us", "UTC")})
    )


def arrivals(undelivered, folder: Path, since, until):
    since, until = (MIDNIGHT + timedelta(hours=hour) for hour in (since, until))
    folder.mkdir()
    undelivered._write(folder, since, until)
    path = folder / "events" / "part.parquet"
    return pq.read_table(path)["event_id"].to_pylist() if path.exists() else []


def test_records_arrive_in_the_window_in_which_they_are_known(tmp_path):
    undelivered = Undelivered(SimpleNamespace())
    undelivered.waiting["events"].append(records(1, 5, 9))
    assert arrivals(undelivered, tmp_path / "a", 0, 4) == ["e1"]
    assert arrivals(undelivered, tmp_path / "b", 4, 8) == ["e5"]
    undelivered.waiting["events"].append(records(7))
    assert arrivals(undelivered, tmp_path / "c", 8, 12) == ["e9"]  # e7 was known before
    assert arrivals(undelivered, tmp_path / "d", 12, 16) == []
