"""Tables kept open: the same rows as without, newer versions at once, no more memory than allowed."""

import json
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables import keeper, kept
from jobs.io.tables.keeper import Keeper
from jobs.io.tables.local_files import ArrowTable

DAYS = [date(2026, 1, day) for day in (1, 2, 3)]
FILTERS = (
    [("ds", "=", DAYS[1])],
    [("ds", ">", DAYS[0]), ("n", "in", [3, 4])],
    [("n", "=", 9)],
    None,
)


def rows(first: int) -> pa.Table:
    numbers = list(range(first, first + 6))
    return pa.table({"n": numbers, "name": [f"name {n}" for n in numbers], "ds": DAYS * 2})


@pytest.fixture
def path(tmp_path: Path) -> str:
    folder = str(tmp_path / "table")
    write_deltalake(folder, rows(0), partition_by=["ds"])
    return folder


@pytest.mark.parametrize("small", [0, kept.SMALL])
@pytest.mark.parametrize("filters", FILTERS)
def test_rows_are_those_of_a_table_opened_anew(
    path: str, filters: object, small: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "SMALL", small)
    own, tables = ArrowTable(path), Keeper()
    for _ in range(2):
        found = tables.table(path, None).to_pyarrow_table(columns=["n", "ds"], filters=filters)
        wanted = own.to_pyarrow_table(columns=["n", "ds"], filters=filters)
        assert found.sort_by("n").to_pydict() == wanted.sort_by("n").to_pydict()
    whole = [key for key in tables.rows.by_key if isinstance(key[-1], tuple)]
    assert bool(whole) == bool(small)


def test_files_are_read_once_and_of_other_days_never(path: str) -> None:
    table = Keeper().table(path, None)
    gone = {part["ds"]: file for part, file in _files(path)}
    Path(gone["2026-01-03"]).unlink()
    day = [("ds", "=", DAYS[1])]
    assert table.to_pyarrow_table(filters=day).num_rows == 2
    Path(gone["2026-01-02"]).unlink()
    assert table.to_pyarrow_table(filters=day).num_rows == 2, "from memory"


def test_what_was_found_in_files_is_not_read_again(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "SMALL", 0)
    table, filters = Keeper().table(path, None), [("ds", "=", DAYS[1]), ("n", "=", 4)]
    first = table.to_pyarrow_table(filters=filters)
    for _, file in _files(path):
        Path(file).unlink()
    assert table.to_pyarrow_table(filters=filters) is first
    with pytest.raises(FileNotFoundError):
        table.to_pyarrow_table(filters=[("ds", "=", DAYS[1]), ("n", "=", 1)])


def test_a_newer_version_is_seen_at_once_and_an_old_one_stays(path: str) -> None:
    tables = Keeper()
    first = tables.table(path, None)
    assert tables.table(path, None) is first and first.count() == 6
    assert first.to_pyarrow_table().num_rows == 6
    write_deltalake(path, rows(6), mode="append")
    assert tables.table(path, None).to_pyarrow_table().num_rows == 12
    assert tables.table(path, 0).to_pyarrow_table().num_rows == 6
    assert len(tables.table(path, None).history()) == 2
    assert first.to_pyarrow_table().num_rows == 6


def test_another_table_in_its_place_is_another_one(path: str) -> None:
    tables = Keeper()
    assert tables.table(path, None).to_pyarrow_table()["n"].to_pylist() != [100] * 6
    shutil.rmtree(path)
    write_deltalake(path, rows(100), partition_by=["ds"])
    assert min(tables.table(path, None).to_pyarrow_table()["n"].to_pylist()) == 100


def test_entry_that_was_changed_in_place_is_read_again(path: str) -> None:
    """As erasure does it; and rows that were read before are let go of."""
    tables = Keeper()
    tables.table(path, None).to_pyarrow_table()
    entry = Path(path) / "_delta_log" / f"{0:020d}.json"
    kept_lines = entry.read_text().splitlines()[:-1]
    entry.write_text("\n".join(kept_lines) + "\n")
    assert tables.table(path, None).to_pyarrow_table().num_rows == 4
    assert len(tables.rows.by_key) == 1


def test_memory_is_bounded(path: str) -> None:
    one_day = Keeper().table(path, None).to_pyarrow_table(filters=[("ds", "=", DAYS[0])]).nbytes
    tables = Keeper(most_bytes=int(2.5 * one_day))
    for day in DAYS:
        tables.table(path, None).to_pyarrow_table(filters=[("ds", "=", day)])
    assert [key[-1] for key in tables.rows.by_key] == [(("ds", "=", str(day)),) for day in DAYS[1:]]


def test_nobody_moves_a_table_that_others_read(path: str) -> None:
    with pytest.raises(TypeError, match="kept at one version"):
        Keeper().table(path, None).load_as_version(0)


@pytest.fixture
def keeping() -> Iterator[None]:
    keeper.keep()
    yield
    keeper.keep_nothing()


def test_a_process_keeps_only_if_it_asked(
    path: str, keeping: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrow_tables.seals, "check", lambda name, version: None)
    monkeypatch.setattr(arrow_tables, "deltalake_path", lambda name: path)
    assert arrow_tables.open_table("events") is arrow_tables.open_table("events")
    assert arrow_tables.whole_table("events", ["n"]).num_rows == 6
    keeper.keep_nothing()
    assert arrow_tables.open_table("events") is not arrow_tables.open_table("events")


def _files(path: str) -> list[tuple[dict[str, str], str]]:
    table = DeltaTable(path)
    entry = Path(path) / "_delta_log" / f"{table.version():020d}.json"
    actions = map(json.loads, entry.read_text().splitlines())
    added = [action["add"] for action in actions if "add" in action]
    return [(each["partitionValues"], f"{path}/{each['path']}") for each in added]
