"""Training rows of Continue Watching: what each profile could go on with at a cut, and what it did the day after."""
# Tested by tests/jobs/test_build_resumes.py.

from collections.abc import Callable, Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from models.catalogue.arrays import Catalogue
from models.catalogue.from_arrow import profiles_from
from models.ragged import Ragged
from models.rankers.continue_watching.features import FEATURES, resume_titles

SCHEMA = (
    "profile_id string, title_id string, label int, session_label int, row_label int, "
    "row_position int, column_position int, values array<float>"
)
Batches = Iterable[pa.RecordBatch]
Keys = NDArray[np.int64]  # a number for each pair of profile and title


def resume_batches(
    catalogue: Catalogue, context: dict[str, float], batch_size: int
) -> Callable[[Batches], Batches]:
    """A function for mapInArrow: profile features with what happened the day after, to rows of SCHEMA.

    `played` are the titles played that day in order, `taken` those that were played from the row, `shown` structs of
    title_id, row_position and column_position: the cells of the row that came into view.
    """

    def run(batches: Batches) -> Batches:
        """One batch of rows for each part of a batch of profiles."""
        for batch in batches:
            for start in range(0, batch.num_rows, batch_size):
                yield resume_records(catalogue, context, batch.slice(start, batch_size))

    return run


def resume_records(
    catalogue: Catalogue, context: dict[str, float], batch: pa.RecordBatch
) -> pa.RecordBatch:
    """The rows of one batch of profiles."""
    profiles = profiles_from(batch, catalogue)
    titles = resume_titles(catalogue, profiles, context)
    title = profiles.title[titles.entry]
    keys = titles.profile * (catalogue.size + 1) + title
    played = batch.column("played")
    plays = _keys(played, catalogue)
    first_plays = plays[Ragged.from_runs(Ragged.from_arrow(played).owners).starts]
    shown = batch.column("shown")
    cells = _keys(_field(shown, "title_id"), catalogue)
    values = Ragged.from_counts(np.full(len(keys), len(FEATURES)))
    columns = {
        "profile_id": pa.array(profiles.profile_ids[titles.profile], pa.string()),
        "title_id": pa.array(catalogue.title_ids[title], pa.string()),
        "label": _is_among(keys, plays),
        "session_label": _is_among(keys, first_plays),
        "row_label": _is_among(keys, _keys(batch.column("taken"), catalogue)),
        "row_position": _least_position(keys, cells, _field(shown, "row_position")),
        "column_position": _least_position(keys, cells, _field(shown, "column_position")),
        "values": values.to_arrow(pa.array(titles.matrix.ravel())),
    }
    return pa.RecordBatch.from_pydict(columns)


def _is_among(keys: Keys, others: Keys) -> pa.Array:
    """1 where a key is one of the others, else 0."""
    return pa.array(np.isin(keys, others).astype(np.int32))


def _field(lists: pa.ListArray, name: str) -> pa.ListArray:
    """Lists of structs as lists of one of their fields."""
    return Ragged.from_arrow(lists).to_arrow(lists.flatten().field(name))


def _keys(title_ids: pa.ListArray, catalogue: Catalogue) -> Keys:
    """The key of each entry; a title that the catalogue does not have counts as one beyond its end."""
    known = pa.array(catalogue.title_ids, pa.string())
    index = pc.index_in(title_ids.flatten(), known).fill_null(catalogue.size)
    title = index.to_numpy(zero_copy_only=False).astype(np.int64)
    keys: Keys = Ragged.from_arrow(title_ids).owners * (catalogue.size + 1) + title
    return keys


def _least_position(keys: Keys, cells: Keys, positions: pa.ListArray) -> pa.Array:
    """The least position at which each key stands among the cells, null where it does not."""
    values = positions.flatten().to_numpy(zero_copy_only=False)
    order = np.lexsort((values, cells))
    sorted_cells = cells[order]
    index = np.searchsorted(sorted_cells, keys)
    is_shown = np.append(sorted_cells, -1)[index] == keys
    least = np.append(values[order], 0)[np.where(is_shown, index, -1)]
    return pa.array(least.astype(np.int32), mask=~is_shown)
