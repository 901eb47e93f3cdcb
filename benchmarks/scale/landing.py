"""What landing costs: the events of a made service as files of the landing contract, landed anew."""

# Tested by tests/benchmarks/scale/test_service.py.

import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.dataset as pa_dataset
import pyarrow.parquet as pq

from benchmarks.scale.night import require_success
from benchmarks.scale.process_tree import measured, places_of
from conf.contracts import contract
from jobs.io.tables import arrow as arrow_tables

ORIGIN = ("event_id", "source", "landing_id", "ds")  # what landing adds
COLUMNS = [name for name in contract("events").columns if name not in ORIGIN]
FORMATS = ("parquet", "csv")


def landing_cost(records: int, kind: str, home: Path, say: Callable[[str], None]) -> float:
    """CPU seconds to land so many sound records of the service in `home` into tables without any."""
    folder = home / f"landing-{kind}-{records}"
    files = folder / "files"
    files.mkdir(parents=True)
    write_events(records, kind, files)
    pa_csv.write_csv(_table("titles").to_table(["title_id", "name"]), files / "titles.csv")
    argv = [sys.executable, "-m", "jobs.ingest_events", "--dataset", "files", "--input", str(files)]
    usage = measured(argv, places_of(folder))
    require_success("ingest_events", usage)
    say(f"landing {records:,} records of {kind}: {usage.cpu_s:.1f} CPU-s")
    return usage.cpu_s


def write_events(records: int, kind: str, folder: Path) -> None:
    """The first records of the service's events as one file of the landing contract."""
    events = _table("events").head(records, columns=COLUMNS)
    if events.num_rows < records:
        raise ValueError(f"the log has {events.num_rows} events, and {records} were to be landed")
    if kind == "parquet":
        pq.write_table(events, folder / "events.parquet")
        return
    texts = []
    for name in COLUMNS:
        column = events[name]
        if pa.types.is_timestamp(column.type):
            column = pc.strftime(column, "%Y-%m-%dT%H:%M:%SZ")
        texts.append(column)
    pa_csv.write_csv(pa.table(texts, COLUMNS), folder / "events.csv")


def _table(name: str) -> pa_dataset.Dataset:
    """The rows of a table of the service, without the columns that its partitions name."""
    table = arrow_tables.open_table(name)
    assert table is not None
    return pa_dataset.dataset(table.file_uris())
