"""Pages of the profiles whose page is rebuilt during the day, batch by batch: the online step as
workers run it.
"""
# Tested by tests/jobs/test_publish_updates.py.

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from math import inf

import pyarrow as pa

from conf.contracts import contract
from conf.experiments import CELLS
from conf.nearline import nearline_settings
from conf.pages import SETTINGS
from conf.rows import Rows
from models.catalogue.profile_settings import by_settings
from models.page.online.assemble import Visit, assemble
from models.page.online.catalogue_view import CatalogueView
from models.page.online.context import VISIT_AT
from models.page.online.launch_days import with_days_since_launch
from models.page.online.merge import merged_page

_CONTRACT = contract("homepage_updates")
COLUMNS = tuple(name for name in _CONTRACT.columns if name not in _CONTRACT.partition)
Record = dict[str, pa.Scalar]


@dataclass(frozen=True)
class PageRefresh:
    """Rows of `features.refresh_due.with_base_rows` to rows of `homepage_updates`; sent to the
    workers once.
    """

    view: CatalogueView
    as_of: datetime

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """For mapInArrow. A profile that may see nothing any more has no rows."""
        for batch in batches:
            for row in range(batch.num_rows):
                record = {name: batch.column(name)[row] for name in batch.schema.names}
                yield from self._page(record).to_batches()

    def _page(self, record: Record) -> pa.Table:
        """The page of one profile for the visit that it is due for."""
        profile_id, visit_at = record["profile_id"].as_py(), record["visit_at"].as_py()
        settings = {name: record[name].as_py() for name in SETTINGS}
        profile = by_settings(profile_id, settings, self.view.title_index)
        visit = Visit(visit_at.timestamp(), begun_titles=tuple(record["begun"].as_py() or ()))
        newest = _newest_page(record, self.view.kinds)
        page = assemble(newest, profile, self.view, visit, lambda: inf).rows
        page = with_days_since_launch(page, self.view)
        as_of_us = round(self.as_of.timestamp() * 1_000_000)
        columns = {name: page[name] for name in page.column_names} | {
            "profile_id": pa.repeat(pa.scalar(profile_id, pa.string()), page.num_rows),
            CELLS: pa.array([record[CELLS].as_py()] * page.num_rows, record[CELLS].type),
            VISIT_AT: pa.repeat(record["visit_at"], page.num_rows),
            "level": pa.repeat(pa.scalar(record["level"].as_py(), pa.string()), page.num_rows),
            "as_of": pa.repeat(pa.scalar(as_of_us, pa.timestamp("us", "UTC")), page.num_rows),
        }
        return pa.table({name: columns[name] for name in COLUMNS})


def _newest_page(record: Record, kinds: Rows) -> pa.Table:
    """The page of the night, merged with its overlay where there is one."""
    overlay, base = _rows(record["rows"]), _rows(record["base_rows"])
    if base is None:
        return overlay
    if overlay is None or not overlay.num_rows:
        return base if overlay is None else overlay
    played = record["played"].as_py() or ()
    return merged_page(base, overlay, played, nearline_settings().renewed, kinds)


def _rows(rows: pa.ListScalar) -> pa.Table | None:
    return pa.Table.from_struct_array(rows.values) if rows.is_valid else None
