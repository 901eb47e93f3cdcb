"""Folders and environment variables of a run's own, which leave a user's tables alone."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from conf.settings import load_settings


@contextmanager
def bench_home(keep: str | None) -> Iterator[Path]:
    """A folder for a bench's own tables and world, deleted afterwards unless `keep` names it.

    A user's tables and world stay as they are.
    """
    settings = load_settings()
    home = settings.home_path / "bench"
    home.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=home, prefix="world-") as folder:
        own_home = Path(keep or folder).absolute()
        world, tables = str(own_home / "world"), str(own_home / "tables")
        with environment_variables(FRONTROW_WORLD=world, FRONTROW_TABLES=tables):
            yield own_home


@contextmanager
def environment_variables(**changed: str) -> Iterator[None]:
    """Set some environment variables for as long as the block lasts."""
    before = {name: os.environ.get(name) for name in changed}
    os.environ.update(changed)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value
