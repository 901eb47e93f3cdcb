"""`make setup`: installs everything that the checkout needs, inside the checkout.

A plain python3 runs it, so it imports the standard library only.

Two stamps make it quick: nothing is done again until uv.lock, conf/setup.txt or the jars listed in
conf change, and then it needs no network.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))  # it is started by its path, in isolation

from conf.java import java_fault, java_version  # noqa: E402

PYTHONS = ((3, 11), (3, 12), (3, 13))  # as in pyproject.toml
# the environment takes 1.9 GB, and its downloads as much again where the file system cannot link
ROOM_GB = 5.0
PINNED = ("pyproject.toml", "uv.lock", "conf/setup.txt", "conf/sources.yaml")


class Stop(Exception):
    """What the machine lacks, in one line that says what to do."""


def python() -> str:
    """The interpreter to build with: this one if it fits, else the first on PATH that does."""
    if sys.version_info[:2] in PYTHONS:
        return sys.executable
    for major, minor in reversed(PYTHONS):
        program = shutil.which(f"python{major}.{minor}")
        if program and _starts(program):
            return program
    suitable = " or ".join(f"{major}.{minor}" for major, minor in PYTHONS)
    version = ".".join(map(str, sys.version_info[:2]))
    raise Stop(
        f"Python {suitable} is needed and python3 is {version};"
        " install one, then `make PYTHON=/path/to/it`"
    )


def _starts(program: str) -> bool:
    """Whether a Python runs; a version manager's stub is on PATH and does not."""
    result = subprocess.run([program, "-c", ""], capture_output=True, check=False)
    return result.returncode == 0


def require_java() -> None:
    """Raise Stop unless Spark could start."""
    fault = java_fault(java_version())
    if fault:
        raise Stop(fault)


def require_room(gigabytes: float) -> None:
    """Raise Stop where the disk would be full before the installation ends."""
    free = shutil.disk_usage(ROOT).free / 1e9
    if free < gigabytes:
        raise Stop(
            f"{free:.1f} GB are free on the disk of {ROOT} and {gigabytes:g} GB are needed;"
            " free some space"
        )


def fingerprint() -> str:
    """A hash that changes when the environment must be built again.

    That is after another lock, another Java, or a move of the checkout.
    """
    digest = hashlib.sha256(f"{ROOT} {java_version()}".encode())
    for name in PINNED:
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def run_command(*command: str, hint: str, **more: str) -> None:
    """Run one step with `more` environment variables.

    Raises Stop after a failure: one line with the hint, below what the step printed.
    """
    environment = {**os.environ, **more}
    result = subprocess.run(command, cwd=ROOT, env=environment, check=False)
    if result.returncode != 0:
        raise Stop(f"`{' '.join(command[:4])} ...` failed; {hint}")


def install(interpreter: str) -> None:
    """Make .tools (uv, by hash), .venv (uv.lock, by hash) and lib (the Delta jars, by hash)."""
    tools = ROOT / ".tools"
    if not (tools / "bin" / "pip").exists():
        venv = (interpreter, "-m", "venv", "--clear", str(tools))
        run_command(*venv, hint="install Python's venv (Debian: python3-venv)")
    online = "see the lines above; the package index has to be reachable the first time"
    pip = (str(tools / "bin" / "python"), "-m", "pip", "install")
    pip_options = ("--quiet", "--disable-pip-version-check", "--require-hashes")
    run_command(*pip, *pip_options, "-r", "conf/setup.txt", hint=online)
    variables = {
        "UV_PROJECT_ENVIRONMENT": str(ROOT / ".venv"),
        "UV_PYTHON_DOWNLOADS": "never",
        # else every process compiles what it imports, where none may write it down
        "UV_COMPILE_BYTECODE": "1",
        "UV_CACHE_DIR": os.environ.get("UV_CACHE_DIR", str(tools / "cache")),
    }
    sync = (str(tools / "bin" / "uv"), "sync", "--frozen", "--quiet", "--python", interpreter)
    run_command(*sync, hint=online, **variables)
    interpreter_of_venv = str(ROOT / ".venv" / "bin" / "python")
    run_command(interpreter_of_venv, "-m", "cli.install.jars", hint="see the line above")
    print("setting up: a rehearsal of Spark, so that every job starts sooner", flush=True)
    run_command(interpreter_of_venv, "-m", "cli.install.class_archive", hint="see the lines above")


def main() -> int:
    """Check the machine, then install what is missing; the exit status for make."""
    stamp = ROOT / ".tools" / "stamp"
    environment_python = ROOT / ".venv" / "bin" / "python"
    try:
        require_java()
        mark = fingerprint()
        stamp.parent.mkdir(exist_ok=True)
        with (ROOT / ".tools" / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            same_mark = stamp.exists() and stamp.read_text() == mark
            if same_mark and environment_python.exists():
                return 0
            interpreter = python()
            require_room(ROOM_GB)
            print("setting up: a locked environment of 1.9 GB in .venv, once", flush=True)
            install(interpreter)
            stamp.write_text(mark)
    except (Stop, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
