"""What a table lost or what was changed in it since its commits is told before anybody reads it."""

import os
import shutil
from pathlib import Path

import pytest
from deltalake import DeltaTable

from conf.errors import Rejected
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables import seals
from tests import published
from tests.published import DAY, EVE


@pytest.fixture
def sealed(lake: Path) -> Path:
    """A table of two commits, sealed."""
    for ds in (EVE, DAY):
        published.write(lake, "homepage_rows", published.page_rows(ds))
        seals.seal("homepage_rows")
    return lake / "homepage_rows"


def entry(folder: Path, version: int) -> Path:
    return folder / "_delta_log" / f"{version:020d}.json"


def a_file(folder: Path) -> Path:
    return next((folder / f"ds={DAY}").glob("*.parquet"))


def flip(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


def refusal(version: int | None = None) -> str:
    with pytest.raises(Rejected) as refused:
        arrow_tables.open_table("homepage_rows", version)
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_sound_table_is_read_and_each_commit_is_sealed_once(sealed: Path) -> None:
    lines = seals.path_of(sealed).read_text().splitlines()
    seals.seal("homepage_rows")
    assert seals.path_of(sealed).read_text().splitlines() == lines and len(lines) == 2
    assert arrow_tables.open_table("homepage_rows") is not None
    chain = seals.chain_of(sealed)
    assert chain.entry(1) == entry(sealed, 1).read_bytes()
    assert {sealed / path for path in chain.files} == set(sealed.glob("ds=*/*.parquet"))


@pytest.mark.parametrize("version", [0, 1])
@pytest.mark.parametrize("damage", ["emptied", "removed", "cut", "flipped"])
def test_entry_of_the_log_that_is_lost_or_changed_is_named(
    sealed: Path, damage: str, version: int
) -> None:
    place = entry(sealed, version)
    if damage == "removed":
        place.unlink()
    elif damage == "flipped":
        flip(place, place.stat().st_size // 2)
    else:
        size = place.stat().st_size // 2 if damage == "cut" else 0
        os.truncate(place, size)
    text = refusal()
    assert f"table homepage_rows: _delta_log/{place.name}" in text
    assert f"what version {version} says is lost" in text and "frontrow doctor" in text


@pytest.mark.parametrize("place", [4, -5, "middle"])
def test_changed_byte_of_a_file_is_named_wherever_it_is(sealed: Path, place: int | str) -> None:
    file = a_file(sealed)
    at = file.stat().st_size // 2 if isinstance(place, str) else place
    flip(file, at)
    assert f"ds={DAY}/{file.name} has other bytes than those that were sealed" in refusal()
    flip(file, at)
    assert arrow_tables.open_table("homepage_rows") is not None, "touched, and the same again"


def test_missing_file_is_named_but_not_for_an_earlier_version_whose_files_upkeep_takes(
    sealed: Path,
) -> None:
    a_file(sealed).unlink()
    assert "is missing" in refusal()
    assert arrow_tables.open_table("homepage_rows", 0) is not None


def test_earlier_version_is_compared_with_its_own_files(sealed: Path) -> None:
    published.replace_day(sealed.parent, DAY, published.page_rows(DAY, title="Later"))
    seals.seal("homepage_rows")
    removed = next(iter(seals.chain_of(sealed).removed))
    flip(sealed / removed, 100)
    assert arrow_tables.open_table("homepage_rows") is not None
    assert "has other bytes" in refusal(1)


def test_commit_without_a_seal_is_read_and_sealed_by_the_next(sealed: Path) -> None:
    published.replace_day(sealed.parent, DAY, published.page_rows(DAY, title="Later"))
    version = DeltaTable(str(sealed)).version()
    for path in seals.chain_of(sealed).files:
        if (sealed / path).parent.name == f"ds={DAY}":
            (sealed / path).unlink()  # upkeep took what the commit removed
    assert arrow_tables.newest_version("homepage_rows") == version
    seals.seal("homepage_rows")
    assert seals.chain_of(sealed).version == version


def test_seal_that_was_cut_short_never_held_and_one_that_was_changed_is_named(sealed: Path) -> None:
    path = seals.path_of(sealed)
    whole = path.read_bytes()
    path.write_bytes(whole[:-40])
    assert arrow_tables.open_table("homepage_rows") is not None
    seals.seal("homepage_rows")
    assert path.read_bytes() == whole
    flip(path, 200)
    assert "_seals/homepage_rows.jsonl is damaged at line 1" in refusal()
    seals.begin_anew("homepage_rows")
    assert arrow_tables.open_table("homepage_rows") is not None


def test_copied_tables_are_read_once_to_compare_them(
    sealed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = sealed.parent.parent / "copy"
    shutil.copytree(sealed.parent, copy)
    monkeypatch.setenv("FRONTROW_TABLES", str(copy))
    read: list[Path] = []
    sha256_of = seals.sha256_of
    monkeypatch.setattr(seals, "sha256_of", lambda path: (read.append(path), sha256_of(path))[1])
    for _ in range(2):
        assert arrow_tables.open_table("homepage_rows") is not None
    assert len(read) == 2 + len(list(copy.glob("homepage_rows/ds=*/*.parquet")))


def test_log_that_begins_with_a_checkpoint_is_sealed_from_there(sealed: Path) -> None:
    DeltaTable(str(sealed)).create_checkpoint()
    entry(sealed, 0).unlink()
    seals.begin_anew("homepage_rows")
    assert {sealed / path for path in seals.chain_of(sealed).files} == set(
        sealed.glob("ds=*/*.parquet")
    )
    flip(next((sealed / "_delta_log").glob("*.checkpoint.parquet")), 50)
    assert "checkpoint.parquet has other bytes" in refusal()
