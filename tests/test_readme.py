"""Every example of the README runs as it stands."""

import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cli.main import COMMANDS
from conf.settings import ROOT

README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README, re.DOTALL)
SHELL = [
    line.split("#")[0].strip()
    for kind, block in BLOCKS
    if kind == "sh"
    for line in block.splitlines()
]
PYTHON = [block for kind, block in BLOCKS if kind == "python"]
ASKING = [line for line in SHELL if re.match(r"\.venv/bin/frontrow (tables|query|page)", line)]
BIN = Path(sys.executable).parent
MEMBER = "m0000001-0"  # of the demo's service; the tests' lake has others


@pytest.fixture
def checkout(built, tmp_path, monkeypatch):
    """A folder like a checkout after `make demo`: var/tables and .venv are there."""
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "tables").symlink_to(built)
    (tmp_path / ".venv").symlink_to(BIN.parent)
    monkeypatch.setenv("FRONTROW_TABLES", str(built))
    return tmp_path


def ran(words: list[str], folder: Path) -> str:
    environment = os.environ | {"COLUMNS": "120"}
    for _ in range(
        5
    ):  # a thread of Arrow's may outlive Python's end (apache/arrow#34314); all was printed by then
        done = subprocess.run(words, cwd=folder, capture_output=True, text=True, env=environment)
        if (
            done.returncode != -signal.SIGABRT
            or "terminate called without an active" not in done.stderr
        ):
            break
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@pytest.mark.parametrize("line", ASKING)
def test_questions_are_answered(line, checkout, monkeypatch):
    if "--served" in line:
        monkeypatch.setenv("FRONTROW_HOME", str(checkout / "home"))
        ran([sys.executable, "-m", "jobs.serve_pages"], checkout)
    assert ran(shlex.split(line.replace(MEMBER, "p1")), checkout).strip()


@pytest.mark.parametrize("block", PYTHON, ids=lambda block: block.split()[1])
def test_python_examples_run(block, checkout):
    assert ran([sys.executable, "-c", block.replace(MEMBER, "p1")], checkout).strip()


def test_every_target_named_exists():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {line.split()[1] for line in SHELL if line.startswith("make ")}
    assert named and named <= targets


def test_every_file_named_exists():
    named = re.findall(r"`((?:tests|conf|jobs|docs)/[\w/.]+)`", README) + re.findall(
        r"\]\(([\w/.]+)\)", README
    )
    missing = [name for name in named if not (ROOT / name).exists()]
    assert not missing


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command):
    said = ran([str(BIN / "frontrow"), command, "--help"], ROOT)
    assert "Example" in said
