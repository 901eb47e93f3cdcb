"""A small shop whose pages are published, and nothing of it released yet."""

from pathlib import Path

import pytest

from conf.settings import load_settings
from jobs.io import serving
from tests import published


@pytest.fixture
def root(lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the releases of the shop will be."""
    monkeypatch.setenv("FRONTROW_HOME", str(tmp_path / "home"))
    published.shop(lake)
    return serving.folder_of(load_settings().home_path)
