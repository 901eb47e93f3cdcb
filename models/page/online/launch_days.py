"""Reasons that count days since a launch, counted again for the moment that a page is of.

A page of a tick has rows of the night. "Came 4 days ago" was true at midnight; at noon it is five.
"""
# Tested by tests/models/page/online/test_launch_days.py.

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from conf.evidence import evidence
from models.page.online.catalogue_view import CatalogueView
from models.page.online.cell_law import Sentence, Values, sentence_for_all, with_values
from models.page.online.stored_page import cells_of, page_language
from models.ragged import Ragged

COUNTS_DAYS = "new"  # the kind of reason


def with_days_since_launch(records: pa.Table, view: CatalogueView) -> pa.Table:
    """The rows of a page with every reason of the kind `new` as of the view's moment.

    A title that is no longer new has its genre or award for a reason.
    """
    lists = cells_of(records)
    cells = lists.flatten()
    says_days = pc.equal(cells.field("evidence_type"), COUNTS_DAYS).fill_null(False)
    which = np.flatnonzero(says_days)
    if not len(which):
        return records
    title_ids = cells.field("title_id").take(pa.array(which)).to_pylist()
    titles = [view.title_index[title_id] for title_id in title_ids]
    age = view.catalogue.features["title_launch_age_days"].astype(np.float64)[titles]
    language = page_language(records)
    sentences = [
        _sentence(view, title, days, language)
        for title, days in zip(titles, age.tolist(), strict=True)
    ]
    values: Values = {
        "evidence_type": [kind for (kind, _, _), _ in sentences],
        "evidence": [text for (_, text, _), _ in sentences],
        "evidence_payload": [
            {"subject": subject or None, "count": 0, "days": days}
            for (_, _, subject), days in sentences
        ],
    }
    others = Ragged.from_arrow(lists).to_arrow(with_values(cells, which, values))
    index = records.schema.get_field_index("cells")
    return records.set_column(index, records.schema.field(index), others)


def _sentence(view: CatalogueView, title: int, age: float, language: str) -> tuple[Sentence, int]:
    """The reason of a title that came `age` days ago, and the days that it counts."""
    is_new = 0 <= age <= evidence().new_days
    other = None if is_new else sentence_for_all(view, title, language)
    if other is not None:
        return other, 0
    days = int(max(np.nan_to_num(age), 0))
    return (COUNTS_DAYS, evidence().sentence(language, COUNTS_DAYS, days=days), ""), days
