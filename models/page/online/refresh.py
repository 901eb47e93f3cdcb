"""Pages of the profiles that are due, batch by batch: the online step as workers run it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from math import inf

import pyarrow as pa

from conf.contracts import contract
from conf.nearline import nearline_settings
from conf.pages import SETTINGS
from conf.rows import Rows
from models.catalogue.profile_settings import by_settings
from models.page.online.assemble import Visit, assemble
from models.page.online.catalogue_view import Shelf
from models.page.online.context import MADE_FOR
from models.page.online.merge import renewed

_CONTRACT = contract("homepage_updates")
COLUMNS = tuple(name for name in _CONTRACT.columns if name not in _CONTRACT.partition)


@dataclass(frozen=True)
class Due:
    """Rows of `features.refresh_due.with_base_rows` to rows of `homepage_updates`; sent to the workers once."""

    shelf: Shelf
    as_of: datetime

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """For mapInArrow. A profile that may see nothing any more has no rows."""
        for batch in batches:
            for place in range(batch.num_rows):
                yield from self._page(batch, place).to_batches()

    def _page(self, batch: pa.RecordBatch, place: int) -> pa.Table:
        one = {name: batch.column(name)[place] for name in batch.schema.names}
        profile_id, visit_at = one["profile_id"].as_py(), one["visit_at"].as_py()
        who = by_settings(profile_id, {name: one[name].as_py() for name in SETTINGS}, self.shelf.at)
        rows = _page_of(one, self.shelf.kinds)
        visit = Visit(visit_at.timestamp(), begun=tuple(one["begun"].as_py() or ()))
        made = assemble(rows, who, self.shelf, visit, lambda: inf).rows
        size = made.num_rows
        as_of = pa.scalar(round(self.as_of.timestamp() * 1_000_000), pa.timestamp("us", "UTC"))
        added = {
            "profile_id": pa.repeat(pa.scalar(profile_id, pa.string()), size),
            MADE_FOR: pa.repeat(one["visit_at"], size),
            "level": pa.repeat(pa.scalar(one["level"].as_py(), pa.string()), size),
            "as_of": pa.repeat(as_of, size),
        }
        columns = {name: made[name] for name in made.column_names} | added
        return pa.table({name: columns[name] for name in COLUMNS})


def _page_of(one: dict[str, pa.Scalar], kinds: Rows) -> pa.Table:
    """The page of the night, renewed where there is an overlay."""
    fresh, base = (_rows(one[name]) for name in ("rows", "base_rows"))
    if fresh is None or not fresh.num_rows:
        return base if fresh is None else fresh
    if base is None:
        return fresh
    return renewed(base, fresh, one["played"].as_py() or (), nearline_settings().renewed, kinds)


def _rows(found: pa.ListScalar) -> pa.Table | None:
    return pa.Table.from_struct_array(found.values) if found.is_valid else None
