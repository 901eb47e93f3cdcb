"""Titles, people and genres by the beginnings of their names: for editors all, as a profile what it may see.

Names are read from the release that serves; without one, from the titles as they are known now.
"""

# Tested by tests/studio/test_search.py.

import threading
from datetime import UTC, datetime
from functools import lru_cache
from itertools import islice
from pathlib import Path

import pyarrow as pa

from conf.errors import UserMistake
from conf.settings import load_settings
from jobs.io.serving import fallback_pages, releases
from jobs.io.serving.page_now import reading_moment_of
from jobs.io.serving.service import Online
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables.dimensions import VERSIONED
from models.catalogue.name_index import Named, found, name_index
from models.page.online.assemble import Visit

MOST = 60
_reading = threading.Lock()  # an Online is for one thread at a time


def search(text: str, profile_id: str | None = None) -> list[Named]:
    """What has a word that begins so; as a profile only what it may see at this moment."""
    if profile_id is None:
        return list(islice(found(_names(), text), MOST))
    home = load_settings().home_path
    serving = releases.serving_id(releases.folder_of(home))
    if serving is None:
        raise UserMistake(
            "what a profile may find is read from a release, and there is none yet;"
            " `python -m jobs.serve_pages` makes one"
        )
    with _reading:
        online = _online(home, serving)
        release = online.reader.release
        if release is None:
            raise UserMistake(
                f"release {serving} is named as the one that serves and cannot be read;"
                " `python -m jobs.serve_pages` makes another one"
            )
        at = reading_moment_of(release, datetime.now(UTC))
        return online.search(profile_id, text, Visit(at.timestamp()), most=MOST)


@lru_cache(maxsize=1)
def _online(home: Path, serving: str) -> Online:
    return Online(home)


def _names() -> pa.Table:
    """The index of the release that serves, or else of the titles known now."""
    home = load_settings().home_path
    serving = releases.serving_id(releases.folder_of(home))
    if serving is not None:
        with _reading:
            names = _online(home, serving).reader.catalogue.get("names")
        if names is not None:
            return names
    versions = tuple(arrow_tables.newest_version(name) for name in VERSIONED)
    return _known_names(arrow_tables.deltalake_path("titles"), versions)


@lru_cache(maxsize=1)
def _known_names(place: str, versions: tuple[int, ...]) -> pa.Table:
    return name_index(fallback_pages.known_titles(datetime.now(UTC))["titles"])
