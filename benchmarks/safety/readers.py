"""Everybody who reads pages: from the tables, from a release, from a Redis server, and with the
settings that the caller knows.
"""
# Tested by tests/benchmarks/safety/test_run.py.

import contextlib
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from benchmarks.safety.drafts import Record
from closed_loop.homes import environment_variables
from jobs.io.serving import page_view
from jobs.io.serving.kv import Server
from jobs.io.serving.service import Online
from jobs.io.tables.schemas import arrow_schema
from judge.tables import SETTINGS
from models.page.online.assemble import Visit

Settings = dict[str, Any]
TABLES, RELEASE, CALLER, REDIS = "tables", "release", "release, caller's settings", "redis"


class Readers:
    """The readers of a home by name; `page` reads a profile's page by one of them."""

    def __init__(self, home: Path, redis: str = "") -> None:
        self.home, self.redis = home, redis
        self._online: dict[str, Online] = {}

    @property
    def names(self) -> list[str]:
        """The readers, the one of a server only where there is one."""
        return [TABLES, RELEASE, CALLER, *([REDIS] if self.redis else [])]

    def page(
        self, reader: str, profile_id: str, at: datetime, device: str | None, settings: Settings
    ) -> pa.Table:
        """The rows of a page with the columns of `homepage_rows`; `settings` are the caller's."""
        if reader == TABLES:
            rows = page_view.page(profile_id, at=at, device=device).rows
            return pa.Table.from_pylist(_plain(rows), arrow_schema("homepage_rows"))
        online = self._opened(reader)
        visit = Visit(at.timestamp(), device)
        if reader == CALLER:
            return online.page(profile_id, visit, settings=settings).rows
        return online.page(profile_id, visit).rows

    def reload(self) -> None:
        """Let every reader of a release look which one serves now."""
        for online in self._online.values():
            online.reload()

    def close(self) -> None:
        """Let go of all releases."""
        for online in self._online.values():
            online.close()

    def _opened(self, reader: str) -> Online:
        if reader not in self._online:
            self._online[reader] = Online(self.redis if reader == REDIS else self.home)
        return self._online[reader]


def caller_settings(newest: Record) -> Settings:
    """The settings of a profile as a caller passes them."""
    return {name: newest[name] for name in SETTINGS}


def _plain(rows: list[Record]) -> list[Record]:
    """Rows without what is added for people to read."""
    fields = [field.name for field in arrow_schema("homepage_rows").field("cells").type.value_type]
    return [
        {**row, "cells": [{name: cell.get(name) for name in fields} for cell in row["cells"]]}
        for row in rows
    ]


@contextlib.contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    """A Redis server of the bench's own, to which releases are sent; "" where none is installed."""
    program = shutil.which("redis-server")
    if program is None:
        yield ""
        return
    port = _free_port()
    command = [
        program,
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--dir",
        str(folder),
    ]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"redis://127.0.0.1:{port}/0"
    try:
        _wait_for(lambda: Server(url).ask("PING"))
        with environment_variables(FRONTROW_REDIS=url):
            yield url
    finally:
        server.terminate()
        server.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(answer: Callable[[], object], seconds: float = 10.0) -> None:
    """Ask until there is an answer."""
    ends = time.monotonic() + seconds
    while True:
        try:
            answer()
            return
        except Exception:
            if time.monotonic() > ends:
                raise
            time.sleep(0.05)
