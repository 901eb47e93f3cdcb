"""Profiles as of a tick to overlays: the state, the rows of the page made of it, and when the profile is due."""
# Tested by tests/jobs/test_compute_overlays.py.

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from conf.experiments import CELLS
from conf.keys import sha256_text
from conf.nearline import ROW
from models.catalogue.columns import index_in
from models.catalogue.visit_rhythm import next_sessions
from models.page.variants import VariantPages
from models.ragged import Ragged


@dataclass(frozen=True)
class OverlayMaker:
    """Turns batches of states into records of `overlays`; sent to the workers once."""

    pages: VariantPages
    tick: str  # names the pages
    gap_s: float  # that tells two sessions apart

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterable[pa.RecordBatch]:
        """For mapInArrow: the states with `due_at`, `rows` and `as_of`."""
        maker = self.pages.control
        as_of_s = maker.moment.catalogue.as_of_s
        as_of = pa.scalar(round(as_of_s * 1_000_000), pa.timestamp("us", "UTC"))
        for state in _parts(batches, maker.batch_size):
            rows = nested(self.pages.pages(state), state["profile_id"], self.tick)
            state = state.drop_columns([CELLS]) if CELLS in state.schema.names else state
            state = state.append_column(
                "due_at", next_sessions(state["history"], as_of_s, self.gap_s)
            )
            yield state.append_column("rows", rows).append_column(
                "as_of", pa.repeat(as_of, len(rows))
            )


def nested(rows: pa.Table, profile_ids: pa.Array, tick: str) -> pa.ListArray:
    """The rows of pages, sorted by profile and position, as one list for each profile, empty where it has no page."""
    names = np.array(profile_ids.to_pylist(), object)
    owner = index_in(rows["profile_id"].combine_chunks(), names)
    ids = pa.array([sha256_text(f"{tick}\n{name}")[:24] for name in names], pa.string()).take(
        pa.array(owner)
    )
    fields = [ids, *(rows[name].combine_chunks() for name in ROW[1:])]
    structs = pa.StructArray.from_arrays(fields, list(ROW))
    return Ragged.from_owners(owner, len(names)).to_arrow(structs)


def _parts(batches: Iterable[pa.RecordBatch], size: int) -> Iterable[pa.RecordBatch]:
    return (
        batch.slice(start, size) for batch in batches for start in range(0, batch.num_rows, size)
    )
