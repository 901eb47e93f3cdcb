"""`frontrow doctor` finds, explains and repairs what was lost or changed in a table."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from deltalake import DeltaTable

from cli.doctor import doctor
from conf.errors import Rejected, UserMistake
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables import seals
from tests import published
from tests.published import DAY, EARLY, EVE


@pytest.fixture
def sealed(lake: Path) -> Path:
    """Two tables: one built by day, and a log of two landings."""
    for ds in (EVE, DAY):
        published.write(lake, "homepage_rows", published.page_rows(ds))
        seals.seal("homepage_rows")
    for name in ("ann", "bob"):
        published.settings(lake, EARLY, name)
        seals.seal("profiles")
    return lake


def said(*words: str) -> tuple[str, bool]:
    """What doctor says, and whether it finds everything as it should be."""
    outcome = CliRunner().invoke(doctor, words)
    error = outcome.exception
    assert error is None or (isinstance(error, Rejected) and "\n" not in str(error))
    return outcome.output, error is None


def rows(name: str) -> int:
    table = arrow_tables.open_table(name)
    assert table is not None
    return int(table.count())


def last_file(folder: Path) -> Path:
    chain = seals.chain_of(folder)
    path = max(chain.files, key=lambda path: chain.files[path][0])
    return folder / path


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def test_sound_tables_are_said_to_be_so(sealed: Path) -> None:
    assert said() == ("every entry and file is as it was sealed\n", True)
    assert json.loads(said("--json")[0]) == {"faults": [], "left": 0}


@pytest.mark.parametrize("damage", ["remove", "empty", "flip"])
def test_lost_entry_comes_back_byte_by_byte(sealed: Path, damage: str) -> None:
    place = sealed / "profiles" / "_delta_log" / f"{1:020d}.json"
    before = place.read_bytes()
    {"remove": Path.unlink, "empty": lambda p: p.write_bytes(b""), "flip": flip}[damage](place)
    text, is_sound = said()
    assert "table profiles: _delta_log" in text and not is_sound
    assert "the entry is written again from its seal" in text
    assert said("--repair")[1] and place.read_bytes() == before
    assert said()[1] and rows("profiles") == 2


def test_file_comes_back_from_its_twin(sealed: Path) -> None:
    shutil.copytree(sealed / "homepage_rows", sealed / "drafts")
    seals.seal("drafts")
    file = last_file(sealed / "homepage_rows")
    before = file.read_bytes()
    flip(file)
    text, _ = said("--repair")
    assert "copied from one with the same sha256" in text
    assert file.read_bytes() == before and said()[1]


def test_day_whose_file_is_lost_is_taken_out_and_named(sealed: Path) -> None:
    last_file(sealed / "homepage_rows").unlink()
    text, is_sound = said("--repair")
    assert is_sound and f"ds={DAY} is taken out" in text
    assert f"run `python -m jobs.publish_homepage_rows` again for ds={DAY}" in text
    table = arrow_tables.open_table("homepage_rows")
    assert table is not None and table.partitions() == [{"ds": str(EVE)}]


def test_landing_whose_file_is_changed_is_taken_out_alone(sealed: Path) -> None:
    flip(last_file(sealed / "profiles"))
    text, is_sound = said("--repair", "--table", "profiles")
    assert is_sound and "land the same files again" in text
    left = DeltaTable(str(sealed / "profiles")).to_pyarrow_table()
    assert left["profile_id"].to_pylist() == ["ann"]


def test_changed_checkpoint_is_made_again(sealed: Path) -> None:
    folder = sealed / "profiles"
    DeltaTable(str(folder)).create_checkpoint()
    published.settings(sealed, EARLY, "cid")
    seals.seal("profiles")
    flip(next((folder / "_delta_log").glob("*.checkpoint.parquet")))
    text, is_sound = said("--repair")
    assert is_sound and "a checkpoint is made of the entries again" in text
    assert rows("profiles") == 3


def test_file_changed_beside_a_checkpoint_is_not_sealed_as_it_is(sealed: Path) -> None:
    folder = sealed / "profiles"
    DeltaTable(str(folder)).create_checkpoint()
    published.settings(sealed, EARLY, "cid")
    seals.seal("profiles")
    flip(last_file(folder))
    flip(next((folder / "_delta_log").glob("*.checkpoint.parquet")))
    text, _ = said("--repair")
    assert "a checkpoint is made" in text and "what version 2 added is taken out" in text
    assert rows("profiles") == 2, "and not three, one of them changed"
    assert said()[1]


def test_damaged_seals_are_begun_anew(sealed: Path) -> None:
    flip(sealed / "_seals" / "profiles.jsonl")
    assert "the seals are begun anew" in said("--repair")[0]
    assert said()[1] and rows("profiles") == 2


def test_unknown_table_is_one_line(sealed: Path) -> None:
    error = CliRunner().invoke(doctor, ["--table", "pages"]).exception
    assert isinstance(error, UserMistake) and "there is no such table" in str(error)
