"""Data files out of a wheel: hash first, only what is allowed, never half a file."""

import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from conf.errors import Rejected, Retryable, UserMistake
from conf.settings import Settings
from conf.sources import Wheel, wheels
from jobs.io.landing import wheels as archive
from jobs.io.landing.wheels import extracted, fetch_wheel_files

MEMBER = "pkg/data/plays.csv"


def _wheel(path: Path, members: dict[str, bytes], sha256: str = "") -> Wheel:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, body in members.items():
            out.writestr(name, body)
    known = sha256 or hashlib.sha256(path.read_bytes()).hexdigest()
    return Wheel(requirement="pkg==1", sha256=known, members={MEMBER: 100}, terms="be kind")


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Settings, list[str]]:
    """A wheel `pkg` that a stand-in for pip delivers; the list tells how often it was asked."""
    asked: list[str] = []
    source = tmp_path / "pkg-1-py3-none-any.whl"
    wheels_known = {
        "pkg": _wheel(source, {MEMBER: b"a,b\n1,2\n", "pkg/__init__.py": b"raise SystemExit(9)"})
    }

    def download(requirement: str, folder: Path) -> Path:
        asked.append(requirement)
        return (
            Path(folder, source.name)
            if Path(folder, source.name).write_bytes(source.read_bytes())
            else folder
        )

    monkeypatch.setattr(archive, "_download", download)
    monkeypatch.setattr(archive, "wheel", lambda name: wheels_known[name])
    return Settings(home=str(tmp_path / "home")), asked


def test_fetch_takes_the_allowed_files_and_shows_the_terms(
    index: tuple[Settings, list[str]],
) -> None:
    settings, _ = index
    told: list[str] = []
    files = fetch_wheel_files("pkg", settings, told.append)
    assert files["plays.csv"].read_bytes() == b"a,b\n1,2\n"
    assert sorted(p.name for p in files["plays.csv"].parent.iterdir()) == ["plays.csv", "wheel.whl"]
    assert told == [
        "fetching pkg==1 with pip for its data files; it is not installed",
        "terms of use: be kind",
    ]


def test_second_fetch_needs_no_index_and_mends_a_damaged_file(
    index: tuple[Settings, list[str]],
) -> None:
    settings, asked = index
    file = fetch_wheel_files("pkg", settings, str)["plays.csv"]
    file.write_bytes(b"a,b\n")
    assert fetch_wheel_files("pkg", settings, str)["plays.csv"].read_bytes() == b"a,b\n1,2\n"
    assert asked == ["pkg==1"]


def test_damaged_wheel_is_fetched_again(index: tuple[Settings, list[str]]) -> None:
    settings, asked = index
    kept = fetch_wheel_files("pkg", settings, str)["plays.csv"].with_name("wheel.whl")
    kept.write_bytes(b"x")
    fetch_wheel_files("pkg", settings, str)
    assert len(asked) == 2


def test_other_bytes_than_meant_are_refused_unopened(
    index: tuple[Settings, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, _ = index
    monkeypatch.setattr(
        archive,
        "wheel",
        lambda _: Wheel(requirement="pkg==1", sha256="0" * 64, members={MEMBER: 100}),
    )
    monkeypatch.setattr(archive, "extracted", lambda *_: pytest.fail("it was opened"))
    with pytest.raises(Rejected, match="it was not opened and not kept"):
        fetch_wheel_files("pkg", settings, str)
    assert not list(Path(settings.home).rglob("*.whl"))


@pytest.mark.parametrize(
    "members", [{"pkg/other.csv": b"1"}, {MEMBER: b"x" * 101}, {f"../{MEMBER}": b"1"}]
)
def test_absent_or_large_member_is_refused(tmp_path: Path, members: dict[str, bytes]) -> None:
    with pytest.raises(Rejected, match="nothing was taken from it"):
        extracted(tmp_path / "w.whl", _wheel(tmp_path / "w.whl", members))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_member_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    known = _wheel(tmp_path / "w.whl", {MEMBER: b"1"})
    with zipfile.ZipFile(tmp_path / "w.whl", "a") as out:
        out.writestr(MEMBER, b"2")
    with pytest.raises(Rejected, match="2 times"):
        extracted(tmp_path / "w.whl", known)


def test_truncated_wheel_is_refused(tmp_path: Path) -> None:
    known = _wheel(tmp_path / "w.whl", {MEMBER: b"1"})
    (tmp_path / "w.whl").write_bytes((tmp_path / "w.whl").read_bytes()[:40])
    with pytest.raises(Rejected, match="not a wheel"):
        extracted(tmp_path / "w.whl", known)


def test_index_out_of_reach_is_one_retryable_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        assert command[:4] == [sys.executable, "-m", "pip", "download"]
        assert "--only-binary=:all:" in command
        return subprocess.CompletedProcess(
            command, 1, "", "WARNING: retrying\nERROR: No matching distribution\n"
        )

    monkeypatch.setattr(subprocess, "run", refuse)
    with pytest.raises(
        Retryable,
        match=r"^pip could not fetch recbole==1.2.1: ERROR: No matching distribution; conn",
    ):
        fetch_wheel_files("ml-100k", Settings(home=str(tmp_path)), str)


def test_unknown_wheel_lists_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(UserMistake, match="ml-100k"):
        fetch_wheel_files("ml-1b", Settings(home=str(tmp_path)))
    assert "Harper" in wheels()["ml-100k"].terms
