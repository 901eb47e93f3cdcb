"""Training rows of Continue Watching: what each profile could go on with at a cut, and what it did the day after."""

from collections.abc import Callable, Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from models.catalogue.arrays import Catalogue
from models.catalogue.from_arrow import profiles_from
from models.ragged import Ragged
from models.rankers.continue_watching.features import FEATURES, begun

SCHEMA = (
    "profile_id string, title_id string, label int, session_label int, row_label int, row_position int, "
    "column_position int, values array<float>"
)
Batches = Iterable[pa.RecordBatch]


def resume_rows(
    catalogue: Catalogue, context: dict[str, float], batch_size: int
) -> Callable[[Batches], Batches]:
    """A function for mapInArrow: profile features with what happened the day after, to rows of SCHEMA.

    `played` are the titles played that day in order, `taken` those that were played from the row, `shown` structs of
    title_id, row_position and column_position: the cells of the row that came into view.
    """

    def run(batches: Batches) -> Batches:
        for batch in batches:
            for start in range(0, batch.num_rows, batch_size):
                yield rows_of(catalogue, context, batch.slice(start, batch_size))

    return run


def rows_of(
    catalogue: Catalogue, context: dict[str, float], batch: pa.RecordBatch
) -> pa.RecordBatch:
    """The rows of one batch."""
    profiles = profiles_from(batch, catalogue)
    found = begun(catalogue, profiles, context)
    width = catalogue.size + 1  # one more for titles that the catalogue does not have
    key = found.profile * width + profiles.title[found.entry]
    owner, title = _pairs(batch.column("played"), catalogue)
    first = Ragged.from_runs(owner).starts
    taker, taken = _pairs(batch.column("taken"), catalogue)
    shown = batch.column("shown")
    by, cell = _pairs(_field(shown, "title_id"), catalogue)
    columns = [
        pa.array(profiles.profile_ids[found.profile], pa.string()),
        pa.array(catalogue.title_ids[profiles.title[found.entry]], pa.string()),
        pa.array(np.isin(key, owner * width + title).astype(np.int32)),
        pa.array(np.isin(key, (owner * width + title)[first]).astype(np.int32)),
        pa.array(np.isin(key, taker * width + taken).astype(np.int32)),
        *(
            _position(key, by * width + cell, _field(shown, name))
            for name in ("row_position", "column_position")
        ),
        pa.ListArray.from_arrays(
            pa.array(np.arange(len(key) + 1, dtype=np.int32) * len(FEATURES)),
            pa.array(found.matrix.ravel()),
        ),
    ]
    names = [part.split()[0] for part in SCHEMA.split(", ")]
    return pa.RecordBatch.from_arrays(columns, names)


def _field(lists: pa.ListArray, name: str) -> pa.ListArray:
    return Ragged.from_arrow(lists).to_arrow(lists.flatten().field(name))


def _pairs(
    lists: pa.ListArray, catalogue: Catalogue
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Profile and title of each entry; a title that the catalogue does not have counts as one beyond its end."""
    owner = Ragged.from_arrow(lists).owners
    title = pc.index_in(lists.flatten(), pa.array(catalogue.title_ids, pa.string())).fill_null(
        catalogue.size
    )
    return owner, title.to_numpy(zero_copy_only=False).astype(np.int64)


def _position(
    key: NDArray[np.int64], cells: NDArray[np.int64], positions: pa.ListArray
) -> pa.Array:
    """The least position at which each key stands among the cells, null where it does not."""
    values = positions.flatten().to_numpy(zero_copy_only=False)
    order = np.lexsort((values, cells))
    place = np.searchsorted(cells[order], key)
    there = np.append(cells[order], -1)[place] == key
    return pa.array(
        np.append(values[order], 0)[np.where(there, place, -1)].astype(np.int32), mask=~there
    )
