"""Homes of a run's own: folders and environment variables that leave a user's tables alone."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from conf.settings import load_settings


@contextmanager
def home_of_its_own(keep: str | None) -> Iterator[Path]:
    """A FRONTROW_HOME for the bench, so that nobody's lake or world is touched; thrown away unless it is to be kept."""
    settings = load_settings()
    home = settings.home_path / "bench"
    home.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=home, prefix="world-") as folder:
        ours = Path(keep or folder).absolute()
        with environment(FRONTROW_WORLD=str(ours / "world"), FRONTROW_TABLES=str(ours / "tables")):
            yield ours


@contextmanager
def environment(**changed: str) -> Iterator[None]:
    """Some variables of the environment, for as long as the block lasts."""
    before = {name: os.environ.get(name) for name in changed}
    os.environ.update(changed)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value
