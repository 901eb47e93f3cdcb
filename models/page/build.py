"""Pages of a batch of profiles: offers, the builder that chooses among them, records."""
# Tested by tests/models/page/test_builders.py.

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from conf.pages import Pages, pages
from conf.rankers import UNTRAINED
from conf.rows import Rows, rows
from models.catalogue.arrays import Catalogue, Neighbours, Profiles
from models.page.layout import template
from models.page.layout.exploration import explored
from models.page.layout.offer_batch import choice_parameters, offer_batch
from models.page.layout.placed_page import Page
from models.page.layout.placement import PlacedRows, empty_rows, rules
from models.page.layout.row_features import OfferBatch
from models.page.layout.row_model import RowModel, names
from models.page.layout.row_score import ScoreContext, score_context, score_trace
from models.page.layout.stagewise import choose
from models.page.layout.trees import no_trees
from models.page.records import PageOrigin, page_records
from models.page.rows.offers import Offers, offers
from models.page.rows.orders import FLOAT

TEMPLATE = "template"


class ChosenRows(NamedTuple):
    """The rows of a batch of pages, the offers that they were chosen from, and by whom."""

    offers: Offers
    page: Page
    kinds: Rows
    builder: str


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

    `scores` (m, n) is each profile's own score of each title, -inf where it is no candidate;
    `neighbours` are the titles that are similar to each title. Rows are sorted by profile (in the
    order of the batch) and position. A profile that may see nothing has no page. Without a row
    model or a ranker the builder is the template.
    """
    layout = layout or pages()
    chosen = chosen_rows(
        catalogue, profiles, scores, neighbours, ranker_id, layout, kinds or rows(), row_model
    )
    origin = PageOrigin(ranker_id, chosen.builder)
    return page_records(catalogue, profiles, chosen.offers, chosen.page, chosen.kinds, origin)


def chosen_rows(
    catalogue: Catalogue,
    profiles: Profiles,
    scores: FLOAT,
    neighbours: Neighbours,
    ranker_id: str,
    layout: Pages,
    kinds: Rows,
    row_model: RowModel | None,
) -> ChosenRows:
    """The rows of a batch of pages and their titles; arguments as of `build_pages`."""
    kinds = allowed_kinds(kinds, layout, ranker_id)
    candidates = offers(catalogue, profiles, scores, neighbours, kinds, layout)
    builder = builder_of(layout, ranker_id, row_model)
    if row_model is None or builder == TEMPLATE:
        placed_rows = template.template_rows(candidates, kinds, layout, profiles.size)
    else:
        batch = offer_batch(catalogue, profiles, scores, candidates, kinds, layout)
        placed_rows = _placed_by_score(choice_context(batch, kinds, layout, row_model))
    page = explored(catalogue, profiles, candidates, page_of(placed_rows), kinds, layout)
    return ChosenRows(candidates, page, kinds, builder)


def builder_of(layout: Pages, ranker_id: str, row_model: RowModel | None) -> str:
    """The builder named on the pages: the template, or the layout's builder and its row model."""
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


def choice_context(
    batch: OfferBatch, kinds: Rows, layout: Pages, row_model: RowModel
) -> ScoreContext:
    """Everything that the rows of a batch of pages are chosen from."""
    page_rules = rules(kinds, layout, layout.choice.fresh)
    trees = row_model.trees(names(kinds))
    return score_context(batch, page_rules, choice_parameters(layout), trees)


def _placed_by_score(context: ScoreContext) -> PlacedRows:
    """The rows of each page, each scored alone (`independent`) or given the rows above it."""
    placed_rows = empty_rows(len(context.batch.offers), len(context.batch.title))
    no_trace = score_trace(0, context.row.x.shape[1])
    choose(context, placed_rows, no_trace)
    return placed_rows


def oracle_pages(
    catalogue: Catalogue,
    profiles: Profiles,
    scores: FLOAT,
    neighbours: Neighbours,
    truth: NDArray[np.bool_],
    layout: Pages,
) -> pa.Table:
    """Pages of the same offers, chosen by what each profile will play: a bound out of reach.

    `truth` (m, n) marks the titles that it will play.
    """
    kinds = rows()
    candidates = offers(catalogue, profiles, scores, neighbours, kinds, layout)
    batch = offer_batch(catalogue, profiles, scores, candidates, kinds, layout)
    worth = np.where(truth, 1.0, 1e-4 * batch.worth).astype(np.float32)
    page = placed_by_worth(batch._replace(worth=worth), kinds, layout)
    return page_records(catalogue, profiles, candidates, page, kinds, PageOrigin("truth", "oracle"))


def placed_by_worth(batch: OfferBatch, kinds: Rows, layout: Pages) -> Page:
    """The pages of the offers that compete, by the worth of their titles alone: no row has a position."""
    offers_by_worth = batch.offers.copy()
    offers_by_worth["position"] = 0
    batch = batch._replace(offers=offers_by_worth)
    parameters = choice_parameters(layout)._replace(
        diversity=0.0, calibration=0.0, steps=0.0, alone=False
    )
    page_rules = rules(kinds, layout, layout.choice.fresh)
    return page_of(_placed_by_score(score_context(batch, page_rules, parameters, no_trees())))


def page_of(placed_rows: PlacedRows) -> Page:
    """The placed rows without the unused room of their arrays; every cell has probability 1."""
    count = int(placed_rows.rows[0])
    cells = placed_rows.cells[: placed_rows.ends[count]]
    return Page(
        placed_rows.ends[: count + 1],
        placed_rows.offer[:count],
        placed_rows.position[:count],
        cells,
        np.ones(len(cells)),
    )
