"""To how many profiles each title is shown, by kind of row and country: counted from stored rows.

Of the cells only the titles are read, as codes. The rows of a profile are stored together.
"""

# Tested by tests/jobs/io/test_title_health.py.

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from conf.compiled import njit
from features.audit.health import ShownTitles
from jobs.io.tables.parquet_file import leaf_path
from jobs.io.tables.ranges import TableDay, open_files

I32 = NDArray[np.int32]


def shown_titles(
    day: TableDay,
    people: pa.Table,
    title_ids: pa.Array,
    countries: Sequence[str],
    kinds: Sequence[str],
) -> ShownTitles:
    """What is on the pages of a day of a table; titles, countries and kinds have their numbers from
    these lists. `people` are its profiles, with their country; one that is not listed is the first.
    """
    profile_ids = people["profile_id"].cast(pa.string()).combine_chunks()
    of_profile = _codes(people["country"], pa.array(countries, pa.string()))
    country = np.maximum(of_profile, 0).astype(np.int32)
    size = (len(kinds), len(countries), len(title_ids))
    profiles, pages = np.zeros(size, np.int32), np.zeros(size[:2], np.int32)
    last_title = np.full((len(kinds), len(title_ids)), -1, np.int32)
    last_row = np.full(len(kinds), -1, np.int32)
    for batch in title_batches(day):
        cells = batch["cells"]
        titles = cells.flatten()
        if isinstance(titles, pa.StructArray):
            titles = titles.field("title_id")
        offsets = cells.offsets.to_numpy()
        _count(
            (_codes(batch["profile_id"], profile_ids), _codes(batch["row_kind"], pa.array(kinds))),
            (offsets - offsets[0], _codes(titles, title_ids)),
            country,
            (last_row, last_title),
            (pages, profiles),
        )
    return ShownTitles(profiles, pages)


def title_batches(day: TableDay) -> Iterator[pa.RecordBatch]:
    """The profile, kind and titles of the rows of a day, one row group at a time."""
    for source in open_files(day):
        title = leaf_path(pq.ParquetFile(source).schema, "cells", "title_id")
        columns = ["profile_id", "row_kind", title]
        coded = pq.ParquetFile(source, read_dictionary=columns)
        for group in range(coded.num_row_groups):  # of several Arrow makes no lists of codes
            yield from coded.read_row_group(group, columns).to_batches()


def _codes(texts: pa.Array | pa.ChunkedArray, names: pa.Array) -> I32:
    """The place of each text in a list, -1 where it is not in it."""
    if isinstance(texts, pa.ChunkedArray):
        texts = texts.combine_chunks()
    if not isinstance(texts, pa.DictionaryArray):
        return _filled(pc.index_in(texts.cast(pa.string()), names))
    of_words = _filled(pc.index_in(texts.dictionary.cast(pa.string()), names))
    words = _filled(texts.indices)
    return np.where(words < 0, -1, np.append(of_words, -1)[words]).astype(np.int32)


def _filled(codes: pa.Array) -> I32:
    filled: I32 = pc.fill_null(codes.cast(pa.int32()), -1).to_numpy(zero_copy_only=False)
    return filled


@njit()
def _count(
    row: tuple[I32, I32],
    cells: tuple[I32, I32],
    country: I32,
    last: tuple[I32, NDArray[np.int32]],
    counts: tuple[NDArray[np.int32], NDArray[np.int32]],
) -> None:
    """Add each profile once for each kind, and for each kind and title, that its rows have."""
    for r in range(len(row[0])):
        profile, kind = row[0][r], row[1][r]
        if profile < 0 or kind < 0:
            continue
        here = country[profile]
        if last[0][kind] != profile:
            last[0][kind] = profile
            counts[0][kind, here] += 1
        for c in range(cells[0][r], cells[0][r + 1]):
            title = cells[1][c]
            if title >= 0 and last[1][kind, title] != profile:
                last[1][kind, title] = profile
                counts[1][kind, here, title] += 1
