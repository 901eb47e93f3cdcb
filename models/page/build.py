"""Pages of a batch of profiles: offers, the builder that chooses among them, records."""
# Tested by tests/models/page/test_builders.py.

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
from models.page.layout.placement import PlacedRows, empty_rows, rules
from models.page.layout.row_model import RowModel, names
from models.page.layout.row_score import ScoreContext, score_context, score_trace
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
    layout = layout or pages()
    kinds = allowed_kinds(kinds or rows(), layout, ranker_id)
    candidates = offers(catalogue, profiles, scores, neighbours, kinds, layout)
    builder = builder_of(layout, ranker_id, row_model)
    if row_model is None or builder == TEMPLATE:
        placed_rows = template.template_rows(candidates, kinds, layout, profiles.size)
    else:
        placed_rows = by_score(catalogue, profiles, scores, candidates, kinds, layout, row_model)
    page = page_of(placed_rows)
    page = explored(catalogue, profiles, candidates, page, kinds, layout)
    return records(catalogue, profiles, candidates, page, kinds, ranker_id, builder)


def builder_of(layout: Pages, ranker_id: str, row_model: RowModel | None) -> str:
    """Who chooses the rows, as the pages say it: the template, or the builder of the layout and its row model."""
    if row_model is None or ranker_id == UNTRAINED or layout.builder == TEMPLATE:
        return TEMPLATE
    return f"{layout.builder} {row_model.name}"


def allowed_kinds(kinds: Rows, layout: Pages, ranker_id: str) -> Rows:
    """The kinds that may stand on a page.

    None that every device forbids, and where no ranker serves no row that says that it was ranked
    for the profile.
    """
    allowed = {}
    for name, kind in kinds.kinds.items():
        is_honest = kind.evidence != "taste" or ranker_id != UNTRAINED
        if name not in layout.forbidden and is_honest:
            allowed[name] = kind
    template = tuple(name for name in kinds.template if name in allowed)
    then = tuple(name for name in kinds.then if name in allowed)
    return kinds.model_copy(update={"kinds": allowed, "template": template, "then": then})


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
    batch = offer_batch(catalogue, profiles, scores, found, kinds, layout)
    page_rules = rules(kinds, layout, layout.choice.fresh)
    trees = row_model.trees(names(kinds))
    context = score_context(batch, page_rules, choice_parameters(layout), trees)
    return _placed_by_score(context)


def _placed_by_score(context: ScoreContext) -> PlacedRows:
    out = empty_rows(len(context.batch.offers), len(context.batch.title))
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
    """Pages of the same offers, chosen by what each profile will play: a mark that nobody can reach.

    `truth` (m, n) says which titles those are.
    """
    candidates = offers(catalogue, profiles, scores, neighbours, kinds, layout)
    batch = offer_batch(catalogue, profiles, scores, candidates, kinds, layout)
    worth = np.where(truth, 1.0, 1e-4 * batch.worth).astype(np.float32)
    parameters = choice_parameters(layout)._replace(
        diversity=0.0, calibration=0.0, steps=0.0, alone=False
    )
    page_rules = rules(kinds, layout, layout.choice.fresh)
    context = score_context(batch._replace(worth=worth), page_rules, parameters, no_trees())
    page = page_of(_placed_by_score(context))
    return records(catalogue, profiles, candidates, page, kinds, "truth", "oracle")


def page_of(rows: PlacedRows) -> Page:
    """The rows that were placed, without the room that was left."""
    count = int(rows.rows[0])
    cells = rows.cells[: rows.ends[count]]
    return Page(
        rows.ends[: count + 1],
        rows.offer[:count],
        rows.position[:count],
        cells,
        np.ones(len(cells)),
    )
