"""Pages of everybody, those of a variant's members by the variant: one pass over the profiles.

Who is in no variant gets the control's page; everybody gets one page, so that a variant costs what
its members' pages would have cost anyway.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import reduce

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from conf.changes import Changes, in_force
from conf.errors import Rejected
from conf.experiments import CELLS
from models.page.maker import PageMaker
from models.rankers.package import ServingRanker

AT_ONCE = 8  # batches of the maker whose members of a variant are made together
Cells = tuple[str, ...]


@dataclass(frozen=True)
class Variants:
    """What the cells of the running experiments change, and the rankers that they name."""

    changes: Mapping[str, Changes]  # by experiment:cell
    rankers: Mapping[str, ServingRanker] = field(default_factory=dict)  # by ranker_id

    def changed(self, cells: Cells) -> Changes:
        """Everything that is changed for the members of some cells."""
        own = (self.changes.get(cell, {}) for cell in cells)
        return reduce(lambda all_changes, changes: {**all_changes, **changes}, own, {})

    def by_change(self, batch: pa.RecordBatch | pa.Table) -> Iterator[tuple[Cells, pa.Array]]:
        """For each set of cells that changes something the rows of its members; () is the control."""
        lists = batch[CELLS].to_pylist() if CELLS in batch.schema.names else [None] * batch.num_rows
        rows: dict[Cells, list[int]] = {}
        for row, cells in enumerate(lists):
            key = tuple(sorted(cell for cell in cells or () if self.changes.get(cell)))
            rows.setdefault(key, []).append(row)
        for key in sorted(rows):
            yield key, pa.array(rows[key], pa.int64())


@dataclass(frozen=True)
class VariantPages:
    """Turns batches of `profile_features` with CELLS into rows of `drafts`; sent to the workers once."""

    control: PageMaker
    variants: Variants
    _lines: dict[Cells, "_Line"] = field(default_factory=dict, repr=False)

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterable[pa.RecordBatch]:
        """For mapInArrow: page rows without ds, in the order of the profiles."""
        size = self.control.batch_size * (AT_ONCE if self.variants.changes else 1)
        for batch in batches:
            for start in range(0, batch.num_rows, size):
                yield from self.pages(batch.slice(start, size)).to_batches()

    def pages(self, batch: pa.RecordBatch) -> pa.Table:
        """The pages of some profiles, with CELLS."""
        made = [
            rows
            for cells, members in self.variants.by_change(batch)
            for rows in self._made(
                cells, batch if len(members) == batch.num_rows else batch.take(members)
            )
        ]
        pages = with_cells(pa.concat_tables(made), batch)
        if len(self._lines) == 1:  # of the control alone: they are in order
            return pages
        return in_order(pages, batch["profile_id"])

    def _made(self, cells: Cells, members: pa.RecordBatch) -> list[pa.Table]:
        """The members' pages; an error of a variant names it, so that it can be left out (Rejected)."""
        try:
            with in_force(self.variants.changed(cells)):
                if cells not in self._lines:
                    self._lines[cells] = _Line(self._maker(cells))
                return list(self._lines[cells].pages(members))
        except Exception as error:
            if not cells:
                raise
            raise variant_fault(cells, f"{type(error).__name__}: {error}") from error

    def _maker(self, cells: Cells) -> PageMaker:
        """The maker of the pages of some cells."""
        changes = self.variants.changed(cells)
        return self.control.changed(changes, self.variants.rankers) if cells else self.control


class _Line:
    """A maker and its loaded rankers, which pages are asked of a few profiles at a time."""

    def __init__(self, maker: PageMaker) -> None:
        self._maker = maker
        self._waiting: deque[pa.RecordBatch] = deque()
        self._asked = iter(maker.asked(iter(self._waiting.popleft, None)))

    def pages(self, members: pa.RecordBatch) -> Iterator[pa.Table]:
        """The pages of some profiles."""
        size = self._maker.batch_size
        for start in range(0, members.num_rows, size):
            self._waiting.append(members.slice(start, size))
            yield self._maker.pages(*next(self._asked))


def variant_fault(cells: Cells, reason: str) -> Rejected:
    """The error of a variant whose members have to get the control's page."""
    return Rejected(f"variant {' '.join(cells)} cannot be built: {' '.join(reason.split())[:200]}")


def faulty_variants(message: str) -> Cells:
    """The cells that the message of a `variant_fault` names; () where it is another message.

    >>> faulty_variants(str(variant_fault(("a:b", "c:d"), "KeyError: 'x'")))
    ('a:b', 'c:d')
    """
    head, told, _ = message.partition(" cannot be built: ")
    return (
        tuple(head.removeprefix("variant ").split()) if told and head.startswith("variant ") else ()
    )


def in_order(pages: pa.Table, profile_ids: pa.Array) -> pa.Table:
    """The rows of pages in the order of these profiles; each page is whole and in its own order."""
    owners = pc.index_in(pages["profile_id"], profile_ids).to_numpy()
    starts = np.flatnonzero(np.diff(owners, prepend=-1))
    ends = np.append(starts[1:], len(owners))
    by_owner = np.argsort(owners[starts])
    # a page is copied as a whole: taking row by row is a fifth of what it costs to build it
    whole = [pages.slice(starts[page], ends[page] - starts[page]) for page in by_owner]
    return pa.concat_tables(whole).combine_chunks()


def with_cells(pages: pa.Table, profiles: pa.RecordBatch | pa.Table) -> pa.Table:
    """Rows of pages with the cells of their profiles."""
    if CELLS not in profiles.schema.names:
        return pages
    owners = pc.index_in(pages["profile_id"].combine_chunks(), profiles["profile_id"])
    return pages.append_column(CELLS, profiles[CELLS].take(owners))
