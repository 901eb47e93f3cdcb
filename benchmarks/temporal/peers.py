"""Other libraries in an environment of their own, made once under FRONTROW_HOME; never imported."""

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from conf.errors import Retryable
from conf.settings import ROOT, load_settings
from models.candidates.ratings import Ratings

LOCK = ROOT / "conf" / "peers.txt"
CHILD = ROOT / "benchmarks" / "temporal" / "peer_process.py"
INSTALL_S, RUN_S = 1200, 3600  # patience in seconds
Say = Callable[[str], None]


@dataclass(frozen=True)
class Question:
    """One library's system with one setting, to fit on `train` and to rank for `members`."""

    system: str
    setting: Mapping[str, object]
    train: Ratings
    members: NDArray[np.integer]


@dataclass(frozen=True)
class Answer:
    """Lists (members, 10) of title indices, -1 where one is shorter.

    A system that failed has no lists but an error.
    """

    lists: NDArray[np.int64] | None
    fit_s: float = 0.0
    predict_s: float = 0.0
    error: str = ""


def peer_python(say: Say) -> Path:
    """The Python of the peers' environment.

    It is made from the hash-locked `conf/peers.txt` if need be.
    """
    mark = hashlib.sha256(LOCK.read_bytes() + sys.version.encode()).hexdigest()[:12]
    folder = load_settings().home_path / "peers" / mark
    python = folder / "bin" / "python"
    if not (folder / "complete").exists():
        say(f"installing the peers into {folder}, once")
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        _run([sys.executable, "-m", "venv", str(folder)], INSTALL_S)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--no-input", "--require-hashes"]
        _run([*pip, "--only-binary", ":all:", "--requirement", str(LOCK)], INSTALL_S)
        (folder / "complete").touch()
    return python


def ask(python: Path, questions: Sequence[Question], say: Say) -> list[Answer]:
    """Answers of a child process, one for each question.

    A library's failure is an answer without lists.
    """
    with tempfile.TemporaryDirectory(prefix="frontrow-peers-") as name:
        folder = Path(name)
        (folder / "asked.json").write_text(json.dumps(_written(folder, questions)))
        say(f"asking the peers {len(questions)} times")
        _run([str(python), "-I", str(CHILD), name], RUN_S)
        told = json.loads((folder / "told.json").read_text())
        return [_answer(folder, one) for one in told]


def _written(folder: Path, questions: Sequence[Question]) -> list[dict[str, object]]:
    """The questions as JSON; the plays that they ask about are written to files.

    Questions about the same plays and members share a file.
    """
    asked: list[dict[str, object]] = []
    files: dict[tuple[int, int], str] = {}
    for number, question in enumerate(questions):
        train = question.train
        key = (id(train), id(question.members))
        if key not in files:
            files[key] = f"train{len(files)}.npz"
            np.savez(
                folder / files[key],
                profile=train.profile,
                title=train.title,
                at_s=train.at_s,
                members=question.members,
            )
        asked.append(
            {
                "system": question.system,
                "settings": dict(question.setting),
                "train": files[key],
                "out": f"a{number}",
            }
        )
    return asked


def _answer(folder: Path, told: Mapping[str, object]) -> Answer:
    if "error" in told:
        return Answer(None, error=str(told["error"]))
    lists = np.load(folder / f"{told['out']}.npy", allow_pickle=False)
    return Answer(lists, float(str(told["fit_s"])), float(str(told["predict_s"])))


def _run(command: list[str], patience: int) -> None:
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=patience, check=False
        )
    except subprocess.TimeoutExpired:
        raise Retryable(
            f"the peers: {command[1:3]} took more than {patience} s; run it again"
        ) from None
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
        raise Retryable(f"the peers' environment: {' '.join(last) or f'exit {done.returncode}'}")
