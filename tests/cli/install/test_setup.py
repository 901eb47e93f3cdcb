"""What `make setup` says when the machine lacks something, and that it does nothing twice."""

import os
import stat
import subprocess
import sys
import time
from collections import namedtuple
from pathlib import Path

import pytest

from cli.install import setup
from conf.settings import ROOT

TARGETS = ("setup", "demo", "test", "test-all", "lint", "bench", "airflow", "backfill", "clean")


@pytest.fixture
def java(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A PATH with nothing on it but a java that says it has the given version."""
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))

    def install(said: str) -> None:
        program = tmp_path / "java"
        program.write_text(f"#!/bin/sh\necho '{said}' >&2\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)

    return install


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout that was never set up, on a machine with everything it takes."""
    root = tmp_path / "checkout"
    for name in setup.PINNED:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("pinned")
    monkeypatch.setattr(setup, "ROOT", root)
    monkeypatch.setattr(setup, "java_version", lambda: 17)
    return root


def one_line(capsys: pytest.CaptureFixture[str]) -> str:
    said = capsys.readouterr().err.strip()
    assert "\n" not in said and said.startswith("error: ")
    return said


def test_no_java_is_one_line_that_says_what_to_install(java, checkout, capsys, monkeypatch):
    monkeypatch.undo()
    monkeypatch.setenv("PATH", str(checkout))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    assert setup.main() == 2
    said = one_line(capsys)
    assert (
        "no Java was found by PATH" in said
        and "Java 17+" in said
        and "openjdk-17-jre-headless" in said
    )


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ('java version "1.8.0_392"', 8),
        ('openjdk version "11.0.22" 2024-01-16', 11),
        ('openjdk version "17.0.15" 2025-04-15', 17),
        ('openjdk version "21" 2023-09-19', 21),
        ('openjdk version "25-ea" 2025-09-16', 25),
        ("Error: could not find libjvm.so", 0),
    ],
)
def test_java_version_is_read_from_what_java_says(java, said, version):
    java(said)
    assert setup.java_version() == version


def test_too_old_a_java_is_named_with_where_it_comes_from(java, tmp_path, monkeypatch):
    java('openjdk version "11.0.22" 2024-01-16')
    with pytest.raises(setup.Stop, match="Java 11 from PATH is too old: Spark needs Java 17"):
        setup.require_java()
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "nowhere"))
    with pytest.raises(setup.Stop, match=r"no Java was found by JAVA_HOME=.*nowhere"):
        setup.require_java()


def test_a_full_disk_is_one_line_and_nothing_is_installed(checkout, capsys, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(setup.shutil, "disk_usage", lambda _: usage(100e9, 99e9, 1e9))
    assert setup.main() == 2
    said = one_line(capsys)
    assert "1.0 GB are free" in said and "5 GB are needed" in said and str(checkout) in said
    assert not (checkout / ".venv").exists()


def test_an_unsuitable_python_looks_for_a_suitable_one(tmp_path, monkeypatch):
    monkeypatch.setattr(setup.sys, "version_info", (3, 9, 18))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(
        setup.Stop, match=r"Python 3\.11 or .* is needed and python3 is 3\.9; .*PYTHON="
    ):
        setup.python()
    (tmp_path / "python3.11").symlink_to(sys.executable)
    assert setup.python() == str(tmp_path / "python3.11")


def test_the_second_time_nothing_is_done(checkout, monkeypatch):
    done: list[str] = []

    def install(interpreter: str) -> None:
        done.append(interpreter)
        (checkout / ".venv" / "bin").mkdir(parents=True, exist_ok=True)
        (checkout / ".venv" / "bin" / "python").touch()

    monkeypatch.setattr(setup, "install", install)
    assert [setup.main(), setup.main(), len(done)] == [0, 0, 1]
    (checkout / "uv.lock").write_text("another lock")
    assert [setup.main(), len(done)] == [0, 2]


def test_a_failed_step_leaves_no_stamp(checkout, capsys):
    (checkout / ".tools" / "bin").mkdir(parents=True)
    for name in ("pip", "python"):
        (checkout / ".tools" / "bin" / name).write_text("#!/bin/sh\nexit 1\n")
        (checkout / ".tools" / "bin" / name).chmod(0o755)
    assert setup.main() == 2
    assert "has to be reachable the first time" in capsys.readouterr().err
    assert not (checkout / ".tools" / "stamp").exists()


def test_setup_runs_on_the_standard_library_alone():
    code = (
        "import sys, runpy; runpy.run_path('cli/install/setup.py');"
        " print(len([m for m in sys.modules if 'yaml' in m]))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout.strip()) == (0, "0"), done.stderr


def test_make_alone_lists_every_target():
    began = time.monotonic()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    said = subprocess.run(
        ["make"], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    ).stdout
    listed = [line.split()[1] for line in said.splitlines() if line.startswith("  make ")]
    assert set(TARGETS) <= set(listed)
    assert time.monotonic() - began < 10
