"""Pages of a batch of profiles: offers, the builder that chooses among them, records."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from conf.pages import Pages, pages
from conf.rows import Rows, rows
from models.catalogue.arrays import Catalogue, Neighbours, Profiles
from models.page.layout import template
from models.page.layout.exploration import explored
from models.page.layout.offer_batch import choice_parameters, offer_batch
from models.page.layout.placed_page import Page
from models.page.layout.placement import PlacedRows, placed_rows, rules
from models.page.layout.row_model import RowModel, names
from models.page.layout.row_score import score_context, score_trace
from models.page.layout.stagewise import choose
from models.page.layout.trees import no_trees
from models.page.records import records
from models.page.rows.offers import Offers, offers
from models.page.rows.orders import FLOAT

UNTRAINED = "popularity"  # the ranker_id of scores that no ranker made
TEMPLATE = "template"


def build_pages(
    catalogue: Catalogue,
    profiles: Profiles,
    scores: FLOAT,
    neighbours: Neighbours,
    ranker_id: str = UNTRAINED,
    layout: Pages | None = None,
    kinds: Rows | None = None,
    row_model: RowModel | None = None,
) -> pa.Table:
    """The pages of a batch of profiles: one record for each row, columns of `drafts` without `ds`.

    `scores` (m, n) is each profile's own score of each title, -inf where it is no candidate; `neighbours` are the
    titles each title speaks for. Rows come sorted by profile (in the order given) and position. A profile that may
    see nothing has no page. Without a row model or a ranker the builder is the template.
    """
    layout, kinds = layout or pages(), allowed_kinds(kinds or rows(), layout or pages(), ranker_id)
    found = offers(catalogue, profiles, scores, neighbours, kinds, layout)
    builder = builder_of(layout, ranker_id, row_model)
    if row_model is None or builder == TEMPLATE:
        chosen = template.template_rows(found, kinds, layout, profiles.size)
    else:
        chosen = by_score(catalogue, profiles, scores, found, kinds, layout, row_model)
    page = explored(catalogue, profiles, found, page_of(chosen), kinds, layout)
    return records(catalogue, profiles, found, page, kinds, ranker_id, builder)


def builder_of(layout: Pages, ranker_id: str, row_model: RowModel | None) -> str:
    """Who chooses the rows, as the pages say it: the template, or the builder of the layout and its row model."""
    if row_model is None or ranker_id == UNTRAINED or layout.builder == TEMPLATE:
        return TEMPLATE
    return f"{layout.builder} {row_model.name}"


def allowed_kinds(kinds: Rows, layout: Pages, ranker_id: str) -> Rows:
    """The kinds that may stand on a page: none that every device forbids, and no row that says that it was ranked for
    the profile where no ranker serves."""
    keep = {
        name: kind
        for name, kind in kinds.kinds.items()
        if name not in layout.forbidden and (kind.evidence != "taste" or ranker_id != UNTRAINED)
    }
    words, then = (
        tuple(name for name in names if name in keep) for names in (kinds.template, kinds.then)
    )
    return kinds.model_copy(update={"kinds": keep, "template": words, "then": then})


def by_score(
    catalogue: Catalogue,
    profiles: Profiles,
    scores: FLOAT,
    found: Offers,
    kinds: Rows,
    layout: Pages,
    row_model: RowModel,
) -> PlacedRows:
    """The rows of each page, chosen by their scores: each alone (`independent`), or given the rows above it."""
    batch, numbers = (
        offer_batch(catalogue, profiles, scores, found, kinds, layout),
        choice_parameters(layout),
    )
    context = score_context(
        batch, rules(kinds, layout, layout.choice.fresh), numbers, row_model.trees(names(kinds))
    )
    out = placed_rows(len(found.kind), len(found.title))
    choose(context, out, score_trace(0, len(context.row.x)))
    return out


def oracle_pages(
    catalogue: Catalogue,
    profiles: Profiles,
    scores: FLOAT,
    neighbours: Neighbours,
    truth: NDArray[np.bool_],
    layout: Pages,
    kinds: Rows,
) -> pa.Table:
    """Pages of the same offers by who knows what each profile will play (`truth`, m x n): a mark nobody can reach."""
    found = offers(catalogue, profiles, scores, neighbours, kinds, layout)
    batch = offer_batch(catalogue, profiles, scores, found, kinds, layout)
    known = batch._replace(worth=np.where(truth, 1.0, 1e-4 * batch.worth).astype(np.float32))
    numbers = choice_parameters(layout)._replace(
        diversity=0.0, calibration=0.0, steps=0.0, alone=False
    )
    context = score_context(known, rules(kinds, layout, layout.choice.fresh), numbers, no_trees())
    out = placed_rows(len(found.kind), len(found.title))
    choose(context, out, score_trace(0, len(context.row.x)))
    return records(catalogue, profiles, found, page_of(out), kinds, "truth", "oracle")


def page_of(laid: PlacedRows) -> Page:
    """What was laid, without the room that was left."""
    count = int(laid.rows[0])
    cells = laid.cells[: laid.ends[count]]
    return Page(
        laid.ends[: count + 1],
        laid.offer[:count],
        laid.position[:count],
        cells,
        np.ones(len(cells)),
    )
