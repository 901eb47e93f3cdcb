"""What can be repaired of a table that is not as it was sealed, and what a person has to do.

An entry of the log comes back from its seal, byte by byte. A file comes back from another one with
the same sha256: publication copies those of drafts. Where there is none, the rows that were written
with it are taken out in one commit: of a table built by day the day, of a log the files of the same
commit. Then that day is built again, or those files are landed again, which adds what is missing.
"""

# Tested by tests/cli/test_doctor.py.

import json
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable
from deltalake.transaction import AddAction, RemoveAction

from conf.contracts import contract, table_names
from jobs.io.published.receipts import UPKEEP_NOTE
from jobs.io.tables import seals
from jobs.io.tables.local_files import forget_checksum
from jobs.io.tables.seals import LOG, Chain, Fault


class Repair(NamedTuple):
    """What was done, or is to be done, about a fault."""

    fault: Fault
    does: str  # what the repair does
    then: str  # what a person does after it, "" for nothing
    is_done: bool = False


def found(names: Sequence[str] = ()) -> list[Repair]:
    """Every fault of these tables, by default of all, with its repair. Every file is read."""
    repairs = []
    for name in names or table_names():
        for fault in seals.faults(name, read_all=True):
            repairs.append(_planned(fault))
    return repairs


def done(repairs: Sequence[Repair]) -> list[Repair]:
    """Repair what can be; each repair as it ended."""
    outcomes = []
    order = {"seals": 0, "entry": 1, "checkpoint": 2, "file": 3}  # files by a log that is whole
    for repair in sorted(repairs, key=lambda each: (order[each.fault.kind], each.fault)):
        fault = repair.fault
        folder = seals.folder_of(fault.table)
        assert folder is not None  # it has seals
        if fault.kind != "file" or _is_there_still(folder, fault):
            _REPAIRS[fault.kind](folder, fault)
        outcomes.append(repair._replace(is_done=True))
    for name in sorted({each.fault.table for each in repairs if each.fault.kind == "checkpoint"}):
        _seal_checkpoint(name)
    return outcomes


def _is_there_still(folder: Path, fault: Fault) -> bool:
    """Whether a damaged file is one of the table: not gone with another of its commit."""
    return fault.path in seals.chain_of(folder).files


def _seal_checkpoint(name: str) -> None:
    """Begin the seals anew, now that a checkpoint has other bytes: only of a table whose files are
    all as they were sealed, or a damaged one would be sealed as sound.
    """
    if all(fault.kind == "checkpoint" for fault in seals.faults(name, read_all=True)):
        seals.begin_anew(name)


def _planned(fault: Fault) -> Repair:
    if fault.kind == "seals":
        return Repair(fault, "the seals are begun anew from the table as it stands", "")
    if fault.kind == "entry":
        return Repair(fault, "the entry is written again from its seal", "")
    if fault.kind == "checkpoint":
        return Repair(fault, "a checkpoint is made of the entries again", "")
    if _twin(fault) is not None:
        return Repair(fault, "the file is copied from one with the same sha256", "")
    return Repair(fault, _taken_out(fault), _to_do(fault))


def _taken_out(fault: Fault) -> str:
    if _is_built_by_day(fault.table):
        return f"its partition {Path(fault.path).parent} is taken out"
    return f"what version {fault.version} added is taken out"


def _to_do(fault: Fault) -> str:
    table = contract(fault.table)
    if table.landing or table.written_by == "ingest_events":
        return "land the same files again: what is missing is added, nothing twice"
    partition = Path(fault.path).parts[0]
    return f"run `python -m jobs.{table.written_by}` again for {partition}"


def _is_built_by_day(name: str) -> bool:
    table = contract(name)
    return "ds" in table.partition and not table.landing and name != "publications"


def _seals_anew(folder: Path, fault: Fault) -> None:
    seals.begin_anew(fault.table)


def _entry_again(folder: Path, fault: Fault) -> None:
    place = folder / fault.path
    forget_checksum(place)
    place.write_bytes(seals.chain_of(folder).entry(fault.version))


def _checkpoint_again(folder: Path, fault: Fault) -> None:
    """Make it of the entries, where all of them are there; else it stays, and is told again."""
    chain = seals.chain_of(folder)
    if 0 not in chain.entries or chain.broken:
        return
    (folder / fault.path).unlink(missing_ok=True)
    forget_checksum(folder / fault.path)
    (folder / LOG / "_last_checkpoint").unlink(missing_ok=True)
    for version in range(chain.version + 1):
        place = folder / LOG / f"{version:020d}.json"
        if not place.exists():
            place.write_bytes(chain.entry(version))
    DeltaTable(str(folder)).create_checkpoint()


def _file_again(folder: Path, fault: Fault) -> None:
    twin = _twin(fault)
    if twin is not None:
        place = folder / fault.path
        forget_checksum(place)
        shutil.copyfile(twin, place)
        return
    chain = seals.chain_of(folder)
    partition = Path(fault.path).parent
    by_day = _is_built_by_day(fault.table)
    lost = {
        path
        for path, (version, _) in chain.files.items()
        if (Path(path).parent == partition if by_day else version == fault.version)
    }
    _take_out(folder, chain, lost)
    seals.seal(fault.table)


def _take_out(folder: Path, chain: Chain, lost: set[str]) -> None:
    table = DeltaTable(str(folder))
    live = {
        record["path"]: record
        for record in pa.table(table.get_add_actions(flatten=False)).to_pylist()
    }
    partition = {path: _partition_values(chain, path) for path in lost}
    removals: list[AddAction | RemoveAction] = [
        RemoveAction(
            path=path,
            deletion_timestamp=time.time_ns() // 1_000_000,
            data_change=True,
            partition_values=partition[path],
            size=live[path]["size_bytes"],
        )
        for path in sorted(lost & live.keys())
    ]
    table.create_write_transaction(
        removals,
        mode="append",
        schema=table.schema(),
        commit_properties=CommitProperties({"userMetadata": UPKEEP_NOTE}),
    )


def _partition_values(chain: Chain, path: str) -> dict[str, str | None]:
    """The partition of a file, as its entry of the log has it."""
    version = chain.files[path][0]
    for action in map(json.loads, chain.entry(version).splitlines()):
        if "add" in action and unquote(action["add"]["path"]) == path:
            values: dict[str, str | None] = action["add"]["partitionValues"]
            return values
    raise KeyError(path)  # the entry that added it is in its seal


def _twin(fault: Fault) -> Path | None:
    """A file of any table with the bytes that this one had."""
    folder = seals.folder_of(fault.table)
    assert folder is not None
    sha256 = seals.chain_of(folder).files[fault.path][1].sha256
    for path in sorted(seals.path_of(folder).parent.glob("*.jsonl")):
        other = folder.parent / path.stem
        chain = seals.chain_of(other)
        removed = {name: sealed for name, (_, _, sealed) in chain.removed.items()}
        sealed = removed | {name: known for name, (_, known) in chain.files.items()}
        for name, known in sealed.items():
            place = other / name
            if known.sha256 == sha256 and place.is_file() and seals.sha256_of(place) == sha256:
                return place
    return None


_REPAIRS = {
    "seals": _seals_anew,
    "entry": _entry_again,
    "checkpoint": _checkpoint_again,
    "file": _file_again,
}
