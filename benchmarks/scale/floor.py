"""The bare floor: what a night's arithmetic costs in compiled loops over flat arrays, and no more.

Nothing here is the product's code. One thread, no Spark, no words, no rules beyond those that a
page's shape needs. Of each stage the arithmetic that any way of doing it has to do:

* pages: scores of the whole catalogue by known factors (one product of matrices), the best POOL of
  it, trees for CANDIDATES of them, ROWS rows of CELLS cells of which the heads share no title, an
  artwork for each cell, Parquet. Members' facts are known and read.
* audit: every cell read back from Parquet and held against who may see it, against the heads above
  it and against the order of its row.
* publication: every byte that was audited read once and hashed.
* profile features: the log read, plays sorted by profile, and their sums written.
* similars: the inverse of one positive matrix of all titles that EASE is solved for, and the
  strongest of each row.
"""

import hashlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from scipy import linalg

from benchmarks.scale.floor_trees import forest_scores, random_forest
from conf.compiled import njit

ROWS, CELLS, HEAD = 40, 75, 6  # of a page; titles of a row's head stand in no other head
LEAST_TITLES = 2000  # with fewer, rows cannot be filled
POOL = 3000  # titles that can stand on a page
CANDIDATES = 300  # of them, that trees order
FACTORS = 64
TREES, COLUMNS = 400, 40
BATCH = 500  # profiles at once
COUNTRIES = 8
TAGS = 60  # genres, people and so on that rows are drawn from
STRONGEST = 300  # neighbours kept of each title
EASE_TITLES = 3000
Seconds = dict[str, float]
F32 = NDArray[np.float32]
U8 = NDArray[np.uint8]


class Pages(NamedTuple):
    """Pages of a batch as flat arrays (pages, ROWS, CELLS)."""

    title: NDArray[np.int32]
    score: F32
    artwork: U8


def floor_seconds(titles: int, pages: int, plays: int, folder: Path) -> Seconds:
    """CPU seconds a page of each stage (similars: in all), after everything was compiled."""
    titles = max(titles, LEAST_TITLES)
    catalogue = _Catalogue(titles)
    _made_pages(catalogue, BATCH, folder / "warm.parquet")  # compiles
    _audited(catalogue, folder / "warm.parquet")
    path = folder / "pages.parquet"
    seconds = dict.fromkeys(("factors", "trees", "layout", "parquet"), 0.0)
    for part, spent in _made_pages(catalogue, pages, path).items():
        seconds[part] = spent / pages
    require_whole(catalogue, path, pages)
    assemble = sum(seconds.values())
    # trees for the whole catalogue instead of the candidates
    every_title = assemble + seconds["trees"] * (titles / min(CANDIDATES, titles) - 1)
    return {
        "assemble_drafts": assemble,
        "assemble_all_trees": every_title,
        **{f"assemble_{part}": spent for part, spent in seconds.items()},
        "run_audits": cpu_of(lambda: _audited(catalogue, path)) / pages,
        "publish_homepage_rows": cpu_of(lambda: hashlib.sha256(path.read_bytes())) / pages,
        "build_profile_features": _features_floor(pages, plays, titles, folder) / pages,
        "build_similars_all": _similars_floor(min(titles, EASE_TITLES)),
        "bytes_per_page": path.stat().st_size / pages,
    }


def require_whole(catalogue: "_Catalogue", path: Path, pages: int) -> None:
    """An error where the floor did less than it says: fewer cells than pages have, or broken ones."""
    cells = pages * ROWS * CELLS
    written = sum(
        int(np.count_nonzero(np.asarray(batch["title"].flatten()) >= 0))
        for batch in pq.ParquetFile(path).iter_batches()
    )
    broken = _audited(catalogue, path)
    if written != cells or broken:
        raise ValueError(f"the floor wrote {written} of {cells} cells, and {broken} break a rule")


def cpu_of(work: Callable[[], object]) -> float:
    """CPU seconds of this process for some work."""
    began = time.process_time()
    work()
    return time.process_time() - began


class _Catalogue:
    """Titles as the floor knows them: factors, tags, who may see them."""

    def __init__(self, titles: int) -> None:
        rng = np.random.default_rng(11)
        self.size = titles
        self.factors = rng.normal(size=(titles, FACTORS)).astype(np.float32)
        self.tags = rng.integers(0, 2**63, titles).astype(np.uint64)  # TAGS bits
        self.open = rng.random((COUNTRIES, titles)) < 0.85  # by country
        self.columns = rng.random((titles, COLUMNS)).astype(np.float32)
        self.forest = random_forest(TREES, COLUMNS, 12)


def _made_pages(catalogue: _Catalogue, pages: int, path: Path) -> Seconds:
    """Make pages and write them; seconds by part."""
    rng = np.random.default_rng(13)
    spent = dict.fromkeys(("factors", "trees", "layout", "parquet"), 0.0)
    pool = min(POOL, catalogue.size // 2)
    writer = None
    for _ in range(0, pages, BATCH):
        members = rng.normal(size=(BATCH, FACTORS)).astype(np.float32)
        facts = rng.random((BATCH, COLUMNS)).astype(np.float32)
        country = np.arange(BATCH) % COUNTRIES
        clock = time.process_time()
        scores = members @ catalogue.factors.T
        scores[~catalogue.open[country]] = -np.inf
        part = np.argpartition(-scores, min(pool, catalogue.size - 1), axis=1)[:, :pool]
        ordered = np.argsort(-np.take_along_axis(scores, part, 1), axis=1)
        best = np.take_along_axis(part, ordered, 1).astype(np.int32)
        values = np.take_along_axis(scores, best.astype(np.int64), 1)
        clock = _lap(spent, "factors", clock)
        _order_candidates(catalogue, facts, best, values)
        clock = _lap(spent, "trees", clock)
        batch = _empty_pages(BATCH)
        _lay_out(best, values, catalogue.tags, rng.integers(0, TAGS, (BATCH, ROWS)), *batch)
        clock = _lap(spent, "layout", clock)
        table = _as_table(batch)
        writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd")
        writer.write_table(table)
        _lap(spent, "parquet", clock)
    clock = time.process_time()
    if writer:
        writer.close()
    _lap(spent, "parquet", clock)
    return spent


def _lap(spent: Seconds, part: str, since: float) -> float:
    """Add what a part took since an instant; the instant now."""
    instant = time.process_time()
    spent[part] += instant - since
    return instant


def _order_candidates(
    catalogue: _Catalogue, facts: F32, best: NDArray[np.int32], values: F32
) -> None:
    """Order the first CANDIDATES titles of each profile by the trees."""
    count = min(CANDIDATES, best.shape[1])
    scores = np.empty(count)
    for member in range(len(best)):
        titles = best[member, :count]
        rows = catalogue.columns[titles] * facts[member]
        forest_scores(catalogue.forest, rows, scores)
        order = np.argsort(-scores)
        best[member, :count] = titles[order]
        values[member, :count] = np.sort(values[member, :count])[::-1]


def _empty_pages(count: int) -> Pages:
    shape = (count, ROWS, CELLS)
    return Pages(
        np.full(shape, -1, np.int32), np.zeros(shape, np.float32), np.zeros(shape, np.uint8)
    )


@njit()
def _lay_out(
    best: NDArray[np.int32],
    values: F32,
    tags: NDArray[np.uint64],
    row_tags: NDArray[np.int64],
    title: NDArray[np.int32],
    score: F32,
    artwork: U8,
) -> None:
    """Fill each row with the best titles of its tag, and a title that stood in a head in no other."""
    for page in range(len(best)):
        heads = np.zeros(len(tags), np.uint8)
        for row in range(title.shape[1]):
            bit = np.uint64(1) << np.uint64(row_tags[page, row])
            filled = 0
            for place in range(best.shape[1]):
                number = best[page, place]
                if not tags[number] & bit or (filled < HEAD and heads[number]):
                    continue
                if filled < HEAD:
                    heads[number] = 1
                title[page, row, filled] = number
                score[page, row, filled] = values[page, place]
                artwork[page, row, filled] = (number + page) % 4
                filled += 1
                if filled == title.shape[2]:
                    break


def _as_table(pages: Pages) -> pa.Table:
    """A row for each row of a page, with lists of titles, scores and artwork."""
    count = len(pages.title) * ROWS
    offsets = pa.array(np.arange(count + 1, dtype=np.int32) * CELLS)
    columns = {
        name: pa.ListArray.from_arrays(offsets, pa.array(getattr(pages, name).reshape(-1)))
        for name in Pages._fields
    }
    return pa.table({"page": pa.array(np.repeat(np.arange(len(pages.title)), ROWS)), **columns})


def _audited(catalogue: _Catalogue, path: Path) -> int:
    """How many cells of written pages break a rule."""
    broken = 0
    for group in pq.ParquetFile(path).iter_batches(ROWS * BATCH):
        title, score = (
            np.asarray(group[name].flatten()).reshape(-1, ROWS, CELLS)
            for name in ("title", "score")
        )
        broken += _broken_cells(title, score, catalogue.open, catalogue.size)
    return broken


@njit()
def _broken_cells(
    title: NDArray[np.int32], score: F32, is_open: NDArray[np.bool_], size: int
) -> int:
    """Cells of a title that is closed, twice in a head or in a row, or that is out of order."""
    broken = 0
    for page in range(len(title)):
        heads = np.zeros(size, np.uint8)
        in_row = np.full(size, -1, np.int16)
        for row in range(title.shape[1]):
            for column in range(title.shape[2]):
                number = title[page, row, column]
                if number < 0:
                    break
                broken += not is_open[page % COUNTRIES, number]
                broken += in_row[number] == row
                in_row[number] = row
                if column < HEAD:
                    broken += heads[number]
                    heads[number] = 1
                if column and score[page, row, column] > score[page, row, column - 1]:
                    broken += 1
    return broken


def _features_floor(profiles: int, plays: int, titles: int, folder: Path) -> float:
    """CPU seconds to read a log of plays, sort it by profile and write each profile's history."""
    rng = np.random.default_rng(14)
    count = profiles * plays
    log = {
        "profile": rng.integers(0, profiles, count).astype(np.int32),
        "title": rng.integers(0, titles, count).astype(np.int32),
        "at": rng.integers(0, 10**7, count),
        "watched": rng.integers(0, 7200, count).astype(np.int32),
    }
    path, histories = folder / "log.parquet", folder / "histories.parquet"
    pq.write_table(pa.table(log), path, compression="zstd")

    def work() -> None:
        """The log as histories."""
        table = pq.read_table(path)
        columns = {name: table[name].to_numpy() for name in table.column_names}
        order = np.lexsort((-columns["at"], columns["profile"]))
        ends = np.searchsorted(columns["profile"][order], np.arange(profiles + 1))
        lists = {
            name: pa.ListArray.from_arrays(pa.array(ends.astype(np.int32)), pa.array(values[order]))
            for name, values in columns.items()
            if name != "profile"
        }
        pq.write_table(pa.table(lists), histories, compression="zstd")

    return cpu_of(work)


def _similars_floor(titles: int) -> float:
    """CPU seconds of one inverse and of the strongest entries of each row."""
    rng = np.random.default_rng(15)
    histories = (rng.random((2 * titles, titles)) < 0.01).astype(np.float32)
    gram = (histories.T @ histories).astype(np.float64)
    gram[np.diag_indices(titles)] += 200.0

    def work() -> None:
        """The inverse, and the strongest of each row."""
        factor, _ = linalg.lapack.dpotrf(np.asfortranarray(gram), lower=1, overwrite_a=1)
        inverse, _ = linalg.lapack.dpotri(factor, lower=1, overwrite_c=1)
        most = min(STRONGEST, titles - 1)
        np.argpartition(-np.abs(inverse), most, axis=1)

    return cpu_of(work)
