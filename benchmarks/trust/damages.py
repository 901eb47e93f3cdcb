"""Damages of logs and files, over all tables: what readers by Spark and by deltalake make of them."""

# Tested by tests/benchmarks/trust/test_run.py.

import os
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from random import Random

from pyspark.sql import SparkSession

from benchmarks.trust.made import FIRST, own_home, rows, write
from conf.contracts import table_names
from conf.errors import FrontrowError
from jobs.io.session import open_session
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables import repairs, seals
from jobs.io.tables import spark as tables
from jobs.io.tables.row_hash import content_hash_of

Say = Callable[[str], None]
Damage = tuple[str, Path, Callable[[Path], None]]
COMMITS = 3


def figures(say: Say, names: tuple[str, ...] = ()) -> dict[str, object]:
    """How many damages were done and how many reads of them were wrong without a word."""
    outcomes: Counter[str] = Counter()
    by_kind: Counter[str] = Counter()
    silent: list[str] = []
    with own_home():
        spark = open_session("trust")
        try:
            for name in names or tuple(table_names()):
                say(f"damages of {name}")
                _damage_table(spark, name, outcomes, by_kind, silent)
        finally:
            spark.stop()
    return {
        "damages": outcomes["damages"],
        "damages_by_kind": dict(by_kind),
        "damage_readers": ["deltalake", "spark"],
        "damage_tables": len(names or tuple(table_names())),
        "reads_refused_in_one_line": outcomes["refused"],
        "reads_ended_by_another_error": outcomes["loud"],
        "reads_right": outcomes["right"],
        "silent_wrong_reads": len(silent),
        "silent_wrong_examples": silent[:5],
        "damages_repaired": outcomes["repaired"],
        "restored_after_loss_entries": outcomes["entries"],
    }


def _damage_table(
    spark: SparkSession, name: str, outcomes: Counter[str], by_kind: Counter[str], silent: list[str]
) -> None:
    random = Random(name)
    for number in range(COMMITS):
        write(name, rows(name, FIRST + timedelta(days=number), random))
    wanted = _by_deltalake(name)
    if _by_spark(spark, name) != wanted:
        raise AssertionError(f"table {name}: both readers must agree on what is sound")
    for kind, place, damage in list(_damages(name, random)):
        before = place.read_bytes()
        status = place.stat()
        damage(place)
        for reader in ("deltalake", "spark"):
            outcomes["damages"] += 1
            by_kind[kind] += 1
            try:
                found = _by_deltalake(name) if reader == "deltalake" else _by_spark(spark, name)
            except FrontrowError:
                outcomes["refused"] += 1
            except Exception:
                outcomes["loud"] += 1
            else:
                outcomes["right" if found == wanted else "wrong"] += 1
                if found != wanted:
                    silent.append(f"{name}: {kind} of {place.name} by {reader}")
        if kind.startswith("entry"):
            repairs.done(repairs.found([name]))
            is_restored = place.exists() and place.read_bytes() == before
            outcomes["repaired"] += is_restored
            outcomes["entries"] += 1
        place.write_bytes(before)
        os.utime(place, ns=(status.st_atime_ns, status.st_mtime_ns))


def _damages(name: str, random: Random) -> Iterator[Damage]:
    folder = seals.folder_of(name)
    assert folder is not None
    last = folder / seals.LOG / f"{COMMITS - 1:020d}.json"
    middle = folder / seals.LOG / f"{COMMITS - 2:020d}.json"
    yield "entry emptied", last, empty
    yield "entry removed", last, Path.unlink
    yield "entry cut", last, cut
    yield "entry emptied", middle, empty
    yield "entry byte", last, lambda path: flip(path, random)
    files = sorted(folder / path for path in seals.chain_of(folder).files)
    for file in random.sample(files, min(3, len(files))):
        yield "file byte", file, lambda path: flip(path, random)
    yield "file removed", files[0], Path.unlink


def empty(path: Path) -> None:
    """Leave nothing in a file."""
    path.write_bytes(b"")


def cut(path: Path) -> None:
    """Leave the first half of a file."""
    os.truncate(path, path.stat().st_size // 2)


def flip(path: Path, random: Random) -> None:
    """Turn one bit of a file over."""
    data = bytearray(path.read_bytes())
    data[random.randrange(len(data))] ^= 1 << random.randrange(8)
    path.write_bytes(data)


def _by_deltalake(name: str) -> str:
    return str(content_hash_of(arrow_tables.filtered_rows(name)))


def _by_spark(spark: SparkSession, name: str) -> str:
    return str(content_hash_of(tables.read(spark, name).toArrow()))
