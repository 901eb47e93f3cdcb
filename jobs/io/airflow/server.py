"""Airflow on one machine: its database, scheduler, DAG processor and API server, started and
stopped as one.

Three processes rather than `airflow standalone`: no triggerer and no parent, which nothing here
needs.
"""

import contextlib
import fcntl
import json
import os
import secrets
import shlex
import socket
import subprocess
import sys
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path

from conf.airflow import POOL, POOL_SLOTS, USER, airflow_environment
from conf.errors import FrontrowError, Retryable, UserMistake
from conf.keys import sha256_text
from conf.schedule import CADENCES
from conf.settings import Frozen, Settings
from jobs.io.airflow import postgres, processes
from jobs.io.airflow.client import AirflowApi

PARTS = {
    "api-server": (),
    "scheduler": ("--skip-serve-logs",),
    "dag-processor": (),
}  # the API serves logs from disk
PATIENCE = 300  # seconds until every part has to be healthy
COMMAND = str(Path(sys.executable).parent / "airflow")


class Airflow(Frozen):
    """A running Airflow: where it answers, the variables of its command line, and its processes by
    part.
    """

    url: str
    home: str
    environment: dict[str, str]
    parts: dict[str, int]

    def api(self) -> AirflowApi:
        """A client logged in as its only user."""
        password = json.loads((Path(self.home) / "passwords.json").read_text())[USER]
        return AirflowApi(self.url, USER, password)

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run `airflow WORDS` against it."""
        return _airflow(self.environment, *words)

    def exports(self) -> str:
        """Shell lines after which `airflow ...` speaks to it."""
        lines = [
            f"export {name}={shlex.quote(value)}\n"
            for name, value in sorted(self.environment.items())
        ]
        return "".join([*lines, f"export PATH={shlex.quote(str(Path(COMMAND).parent))}:$PATH\n"])

    def require_alive(self) -> None:
        """An error that names the part that has ended and the last line of its log."""
        for part, pid in self.parts.items():
            if not processes.alive(pid):
                log = _log(Path(self.home), part)
                reason = processes.last_line(log.read_text(errors="replace"), "it said nothing")
                raise Retryable(f"Airflow's {part} has ended: {reason} ({log})")


def home_of(settings: Settings) -> Path:
    """The folder of Airflow's state."""
    return settings.home_path / "airflow"


def running_airflow(settings: Settings) -> Airflow | None:
    """The Airflow that runs on these settings' home, if one does."""
    home = home_of(settings)
    with contextlib.suppress(OSError, ValueError), (home / "lock").open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return Airflow.model_validate_json((home / "running.json").read_text())
    return None


@contextlib.contextmanager
def running(
    settings: Settings, port: int | None = None, tell: Callable[[str], None] = print
) -> Iterator[Airflow]:
    """Start Airflow, wait until every part is healthy, and stop all of it at the end, whatever the
    end is.
    """
    home = home_of(settings)
    home.mkdir(parents=True, exist_ok=True)
    with _only_one(home), processes.orderly_end(), contextlib.ExitStack() as stack:
        _sweep(home)
        port = free_port(port)
        tell("starting its database")
        database = settings.airflow_db or stack.enter_context(postgres.running(home / "pg"))
        environment = airflow_environment(settings, port, database, _secrets(home))
        tell("bringing its database up to date")
        _migrate(home, database, environment)
        tell("starting its scheduler, DAG processor and API server")
        yield _start(home, port, environment, stack)


def free_port(wanted: int | None) -> int:
    """The wanted port on loopback, or any free one; a taken port is the user's to solve."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted or 0))
        except OSError as error:
            why = error.strerror or str(error)
            raise UserMistake(
                f"port {wanted}: {why}; give another --port, or none for a free one"
            ) from None
        return int(probe.getsockname()[1])


def _start(
    home: Path, port: int, environment: dict[str, str], stack: contextlib.ExitStack
) -> Airflow:
    parts: dict[str, int] = {}
    for name in ("running.json", "environment.sh"):
        stack.callback((home / name).unlink, missing_ok=True)
    stack.callback(lambda: processes.stop(list(parts.values())))
    for part, options in PARTS.items():
        parts[part] = processes.start([COMMAND, part, *options], environment, _log(home, part))
    airflow = Airflow(
        url=f"http://127.0.0.1:{port}", home=str(home), environment=environment, parts=parts
    )
    _write_private(home / "running.json", airflow.model_dump_json())
    _write_private(home / "environment.sh", airflow.exports())
    _wait_healthy(airflow)
    airflow.api().ensure_pool(POOL, POOL_SLOTS)
    return airflow


def _migrate(home: Path, database: str, environment: dict[str, str]) -> None:
    """Bring the database to this Airflow's schema, once for each version: the command takes ten
    seconds.
    """
    stamp, mark = (
        home / "migrated",
        sha256_text(f"{metadata.version('apache-airflow-core')} {database}"),
    )
    if stamp.exists() and stamp.read_text() == mark:
        return
    migration = _airflow(environment, "db", "migrate")
    if migration.returncode:
        output = migration.stderr or migration.stdout
        reason = processes.last_line(output, "it said nothing")
        raise Retryable(f"`airflow db migrate` failed: {reason}")
    stamp.write_text(mark)


def _wait_healthy(airflow: Airflow) -> None:
    api, until = airflow.api(), time.monotonic() + PATIENCE
    while time.monotonic() < until:
        airflow.require_alive()
        with contextlib.suppress(FrontrowError):
            if (
                set(api.health(patience=1).values()) == {"healthy"}
                and set(CADENCES) <= api.dag_ids()
            ):
                return
        time.sleep(0.5)
    raise Retryable(
        f"Airflow was not healthy after {PATIENCE} s; its logs are in {airflow.home}/logs"
    )


@contextlib.contextmanager
def _only_one(home: Path) -> Iterator[None]:
    with (home / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UserMistake(
                f"an Airflow already runs on {home}; use it, stop it, or set FRONTROW_HOME"
            ) from None
        yield


def _sweep(home: Path) -> None:
    """Stop what a runner that was killed outright has left behind; we hold the lock, so nobody else
    needs it.
    """
    with contextlib.suppress(OSError, ValueError):
        remnant = Airflow.model_validate_json((home / "running.json").read_text())
        processes.stop([pid for pid in remnant.parts.values() if processes.runs(pid, COMMAND)])


def _secrets(home: Path) -> dict[str, str]:
    """Made once at random, the user's password too, and readable by their owner only."""
    path, passwords = home / "secrets.json", home / "passwords.json"
    if not path.exists():
        random_keys = {"jwt": secrets.token_urlsafe(48), "api": secrets.token_urlsafe(48)}
        random_keys["fernet"] = urlsafe_b64encode(secrets.token_bytes(32)).decode()
        _write_private(path, json.dumps(random_keys))
    if not passwords.exists():
        _write_private(passwords, json.dumps({USER: secrets.token_urlsafe(12)}) + "\n")
    keys: dict[str, str] = json.loads(path.read_text())
    return keys


def _write_private(path: Path, text: str) -> None:
    partial = path.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    partial.touch(mode=0o600, exist_ok=False)
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)


def _log(home: Path, part: str) -> Path:
    return home / "logs" / f"{part}.log"


def _airflow(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    everything = {**os.environ, **environment}
    return subprocess.run(
        [COMMAND, *words], env=everything, capture_output=True, text=True, check=False
    )
