"""Profiles erased from a simulated service, which goes on living: what is left of them anywhere."""

# Tested by tests/benchmarks/trust/test_erasure.py.

import base64
import gzip
import json
import sqlite3
import zlib
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from closed_loop import folder as world_folder
from closed_loop.days import SimulatedService
from closed_loop.homes import environment_variables
from closed_loop.loop import clock_of, next_day, simulate_days
from closed_loop.stage import kept_world
from conf.days import end_of
from conf.settings import load_settings
from jobs import direct, ingest_events
from jobs.io.erasure.erase import erase
from jobs.io.published import homepage
from jobs.serve_pages import serve_pages

Say = Callable[[str], None]
MEMBERS, NIGHTS, ERASED = 40, 2, 50
MORNING = timedelta(hours=6, microseconds=1)  # after the last microsecond of a day
STORE_HEAD = 8  # bytes before what a store keeps compressed: a checksum and a length


def figures(say: Say, members: int = MEMBERS, erased: int = ERASED) -> dict[str, object]:
    """How many profiles were erased, and in how many files they stand after it: at once, and after
    another night in which what they had done was delivered late.
    """
    with kept_world(None, members, NIGHTS, say) as life:
        home = Path(load_settings().tables_root.removeprefix("file:")).parent
        with environment_variables(FRONTROW_HOME=str(home)):
            day = next_day(life.settings) - 1
            _serve(life, day)
            with TemporaryDirectory() as late:
                return _erased(life, day, home, Path(late), erased, say)


def _erased(
    life: SimulatedService, day: int, home: Path, late: Path, count: int, say: Say
) -> dict[str, object]:
    ids = _profiles(life, day)[:count]
    _write_late(late, ids)
    before = files_with(home, ids)
    say(f"{len(ids)} profiles stand in {len(before)} files; erasing them")
    at = end_of(world_folder.date_of(life.settings, day)) + MORNING
    done = erase(ids, lambda: serve_pages(at), say)
    after = files_with(home, ids)
    say("late deliveries, and another night")
    accepted = _land(life, late, day + 1)
    simulate_days(life, 1, ("pipeline",), partial(direct.run_dag, life.spark), say)
    _serve(life, day + 1)
    later = files_with(home, ids)
    pages = _profiles(life, day + 1)
    return {
        "erased_profiles": len(ids),
        "erased_rows": sum(done.rows.values()),
        "erased_traces_before": len(before),
        "erased_traces": len(after),
        "erased_traces_after_a_night": len(later),
        "erased_examples": [str(path.relative_to(home)) for path in (*after, *later)][:5],
        "erased_records_accepted_late": accepted,
        "erased_profiles_with_a_page": len(set(pages) & set(ids)),
        "profiles_with_a_page": len(pages),
    }


def _write_late(folder: Path, ids: Sequence[str]) -> None:
    """What clients had sent of some profiles, in files that were never landed."""
    for name in ("events", "profiles"):
        sent = ds.dataset(sorted(world_folder.root().glob(f"sent/*/{name}/*.parquet")))
        rows = sent.to_table(filter=pc.field("profile_id").isin(list(ids)))
        pq.write_table(rows, folder / f"{name}.parquet")


def _land(life: SimulatedService, folder: Path, day: int) -> int:
    """Land a folder at the end of a day; how many records were accepted."""
    found = ingest_events.files_to_land("simulated", str(folder), lambda _: None)
    options = clock_of(life.settings, day)
    receipts = ingest_events.ingest_events(
        life.spark, "simulated", found, options, lambda _: None, lambda _: None
    )
    return sum(receipt.accepted_count for receipt in receipts)


def _serve(life: SimulatedService, day: int) -> None:
    serve_pages(end_of(world_folder.date_of(life.settings, day)) + MORNING)


def _profiles(life: SimulatedService, day: int) -> list[str]:
    """The profiles with a published page."""
    of_day = world_folder.date_of(life.settings, day)
    table, _ = homepage.trusted_table(homepage.publication_receipts(), of_day)
    return homepage.profiles_in(table, of_day)


def files_with(root: Path, ids: Sequence[str]) -> list[Path]:
    """The files under a folder in whose name or content one of the ids stands as a whole word.

    It shares nothing with erasure: Parquet is read by DuckDB, stores by SQLite.
    """
    words = duckdb.connect()
    words.execute("CREATE TABLE ids AS SELECT unnest(?) AS id", [list(ids)])
    found = []
    for path in sorted(path for path in root.rglob("*") if path.is_file()):
        texts = [str(path.relative_to(root)), *_texts(path)]
        if any(_names(words, text) for text in texts):
            found.append(path)
    return found


def _names(words: duckdb.DuckDBPyConnection, text: str) -> bool:
    """Whether a text has one of the ids as a word."""
    query = r"""
        SELECT count(*) FROM (
            SELECT unnest(regexp_extract_all(?, '[A-Za-z0-9_]+(?:-[A-Za-z0-9_]+)*')) AS id
        ) SEMI JOIN ids USING (id)
    """
    (count,) = words.execute(query, [text]).fetchone() or (0,)
    return bool(count)


def _texts(path: Path) -> Iterator[str]:
    """What stands in a file, also compressed."""
    data = path.read_bytes()
    yield data.decode("latin-1")
    if data[:4] == b"PAR1":
        rows = duckdb.execute("SELECT t::VARCHAR FROM read_parquet(?) AS t", [str(path)])
        while part := rows.fetchmany(10_000):
            yield "\n".join(text for (text,) in part)
    elif path.parent.name == "_seals" and path.suffix == ".jsonl":
        for line in data.splitlines():
            commit = json.loads(line.split(b" ", 1)[1])["commit"]
            yield zlib.decompress(base64.b64decode(commit)).decode("latin-1")
    elif data[:2] == b"\x1f\x8b":
        yield gzip.decompress(data).decode("latin-1")
    elif data[:15] == b"SQLite format 3":
        with sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True) as store:
            for name, value in store.execute("SELECT key, value FROM entries"):
                yield bytes(name).decode("latin-1")
                size = int.from_bytes(value[4:STORE_HEAD], "little")
                content = pa.Codec("lz4_raw").decompress(value[STORE_HEAD:], size)
                yield content.to_pybytes().decode("latin-1")
