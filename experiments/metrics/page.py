"""How good a page is, not a list: one value for each page, nan where it is not defined.

A page is a grid of title numbers with -1 where there is no cell: rows from the top, cells from the
left. `pages` are grids (p, rows, columns); `relevant` (p, t) says which titles each page's profile
played in the days held out. A title that stands on a page more than once counts once. The figure of
a metric is the mean over the pages for which it is defined (`mean_over_pages`).
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from experiments.metrics.navigation import Navigation

Grid = NDArray[np.int32]
Flags = NDArray[np.bool_]
Values = NDArray[np.float64]
SATISFACTION = 0.5  # chance that looking at a relevant title ends the search: 1 - 2^-grade, grade 1


class PageMean(NamedTuple):
    """The mean of a metric over the pages for which it is defined, and how many these are."""

    mean: float
    pages: int


def mean_over_pages(values: Values) -> PageMean:
    """The mean of the values that are not nan; nan where there are none."""
    defined = values[~np.isnan(values)]
    mean = float(defined.mean()) if len(defined) else np.nan
    return PageMean(mean, len(defined))


def page_grid(
    row_first: NDArray[np.int64],
    cell_first: NDArray[np.int64],
    title: NDArray[np.int32],
    rows: int,
    columns: int,
) -> Grid:
    """Grid (p, rows, columns) of flat pages, cut to their first rows and cells.

    Page p has the rows row_first[p]:row_first[p + 1], row r the cells
    cell_first[r]:cell_first[r + 1] of `title`.
    """
    page_count = len(row_first) - 1
    page_of_row = np.repeat(np.arange(page_count), np.diff(row_first))
    index_in_page = np.arange(len(page_of_row)) - row_first[page_of_row]
    row_lengths = np.diff(cell_first)
    first_of_row = np.repeat(cell_first[:-1], row_lengths)
    column = np.arange(len(title)) - first_of_row
    page = np.repeat(page_of_row, row_lengths)
    row = np.repeat(index_in_page, row_lengths)
    inside = (row < rows) & (column < columns)
    pages = np.full((page_count, rows, columns), -1, np.int32)
    pages[page[inside], row[inside], column[inside]] = title[inside]
    return pages


def first_occurrences(pages: Grid) -> Flags:
    """Cells (p, rows, columns) whose title does not stand earlier on the page in reading order."""
    flat = _cells(pages)
    order = np.argsort(flat, axis=1, kind="stable")
    by_title = np.take_along_axis(flat, order, axis=1)
    first = np.ones(flat.shape, bool)
    first[:, 1:] = by_title[:, 1:] != by_title[:, :-1]
    mask = np.empty(flat.shape, bool)
    np.put_along_axis(mask, order, first & (by_title >= 0), axis=1)
    return mask.reshape(pages.shape)


def likeliest_cells(pages: Grid, navigation: Navigation) -> Flags:
    """The one cell of each title where it is most likely seen, the first of equals, as a mask.

    The mask is (p, rows, columns), as of `first_occurrences`.
    """
    seen = navigation.seen(*pages.shape[1:])
    order = np.argsort(-seen.ravel(), kind="stable")
    flat = pages.reshape(len(pages), 1, -1)
    cell_count = pages[0].size if len(pages) else 0
    mask = np.empty((len(pages), cell_count), bool)
    mask[:, order] = first_occurrences(flat[:, :, order])[:, 0]
    return mask.reshape(pages.shape)


def page_recall(pages: Grid, relevant: Flags, rows: int, columns: int) -> Values:
    """Recall@rows-by-columns: share of the relevant titles among the first rows x columns cells.

    Published as what members find without scrolling. Both are sets: a repeated title counts once, a
    short row has fewer cells. nan for a page whose profile played nothing in the days held out.
    """
    corner = pages[:, :rows, :columns]
    hits = _on_page(corner, relevant.shape[1]) & relevant
    return _ratio(hits.sum(axis=1), relevant.sum(axis=1))


def ndcg_2d(pages: Grid, relevant: Flags, navigation: Navigation) -> Values:
    """Sum of P(seen) over the relevant titles on the page, over that of the best page of its size.

    P(seen) is that of the navigation model; a title counts where it is most likely seen. The best
    page has its min(|relevant|, rows x columns) relevant titles in the cells most likely seen. nan
    without relevant titles.
    """
    seen = navigation.seen(*pages.shape[1:])
    flat = _cells(pages)
    page, cell = np.nonzero(flat >= 0)
    chance = np.zeros(relevant.shape)
    np.maximum.at(chance, (page, flat[page, cell]), seen.ravel()[cell])
    best_first = -np.sort(-seen.ravel())
    best_sums = np.concatenate([[0.0], np.cumsum(best_first)])
    relevant_count = np.minimum(relevant.sum(axis=1), seen.size)
    return _ratio((chance * relevant).sum(axis=1), best_sums[relevant_count])


def err_2d(pages: Grid, relevant: Flags, navigation: Navigation) -> Values:
    """The chance that a look at the page ends at a relevant title: a cascade in two dimensions.

    A row is looked at from the left, going on with `right`; a relevant title that is looked at ends
    the look with SATISFACTION (0.5); after a row the next is reached with `down`. With R the chance
    of a cell:

        row i satisfies with s_i
            = sum over j of right^(j - 1) * (product over j' < j of 1 - R_ij') * R_ij
        ERR = sum over i of down^(i - 1) * (product over i' < i of 1 - s_i') * s_i

    (Chapelle and others, Expected Reciprocal Rank, CIKM 2009; instead of 1 / rank the profile's own
    patience.) Of a title that stands more than once only the cell most likely seen satisfies. nan
    without relevant titles.
    """
    _, rows, columns = pages.shape
    hits = np.take_along_axis(relevant, np.maximum(_cells(pages), 0), axis=1)
    counted = hits.reshape(pages.shape) & likeliest_cells(pages, navigation)
    cell_ends = SATISFACTION * counted
    not_ended_in_row = np.cumprod(1 - cell_ends, axis=2) / (1 - cell_ends)
    reach_column = navigation.right ** np.arange(columns)
    row_ends = (reach_column * not_ended_in_row * cell_ends).sum(axis=2)
    not_ended_above = np.cumprod(1 - row_ends, axis=1) / (1 - row_ends)
    reach_row = navigation.down ** np.arange(rows)
    page_ends = (reach_row * not_ended_above * row_ends).sum(axis=1)
    return np.where(relevant.any(axis=1), page_ends, np.nan)


def diversity(pages: Grid, vectors: Values) -> Values:
    """1 - mean cosine between the vectors (t, g) of two different titles of the page.

    Titles without any genre are like nothing: their vectors are 0 and their distance to all others
    is 1. nan with fewer than two titles.
    """
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit = vectors / np.where(length > 0, length, 1)
    first = _cells(first_occurrences(pages))
    title = np.maximum(_cells(pages), 0)
    shown = unit[title] * first[:, :, None]
    square_of_sum = (shown.sum(axis=1) ** 2).sum(axis=1)
    sum_of_squares = (shown**2).sum(axis=(1, 2))
    title_count = first.sum(axis=1)
    return 1 - _ratio(square_of_sum - sum_of_squares, title_count * (title_count - 1))


def calibration_kl(pages: Grid, profile_mix: Values, genres: Flags, alpha: float = 0.01) -> Values:
    """How far the page's genres are from the profile's: sum over g of p log(p / q~), in nats.

    q~ = (1 - alpha) q + alpha p. p = `profile_mix` (p, g) is the profile's mix, scaled to sum 1; q
    the mean over the page's titles, each once, of their genres (t, g), each title's scaled to sum
    1; titles without genres are left out. 0 where both mixes are equal. (Steck, Calibrated
    Recommendations, RecSys 2018.) nan for a profile without a mix or a page without genres.
    """
    genre_counts = genres.sum(axis=1, keepdims=True)
    share = genres / np.maximum(genre_counts, 1)
    first = _cells(first_occurrences(pages))
    title = np.maximum(_cells(pages), 0)
    page_mix = (share[title] * first[:, :, None]).sum(axis=1)
    p = _scaled(profile_mix.astype(np.float64))
    q = _scaled(page_mix)
    mixed = (1 - alpha) * q + alpha * p
    ratio = np.divide(p, mixed, out=np.ones_like(p), where=p > 0)
    divergence = (p * np.log(ratio)).sum(axis=1)
    without_genres = np.isnan(q).any(axis=1)
    return np.where(without_genres, np.nan, divergence)


def duplicates(pages: Grid) -> NDArray[np.int64]:
    """How many cells (p,) have a title that stands earlier on the page. Pass first screens only."""
    cells = (pages >= 0).sum(axis=(1, 2))
    return cells - first_occurrences(pages).sum(axis=(1, 2))


def page_stability(pages: Grid, before: Grid, title_count: int) -> Values:
    """Titles on both of a profile's pages over titles on either (Jaccard).

    1 is the same titles in any order; nan where both pages are empty.
    """
    now = _on_page(pages, title_count)
    then = _on_page(before, title_count)
    return _ratio((now & then).sum(axis=1), (now | then).sum(axis=1))


def _cells(pages: NDArray[Any]) -> NDArray[Any]:
    """The cells of each page in reading order, (p, rows * columns)."""
    return pages.reshape(len(pages), -1)


def _on_page(pages: Grid, title_count: int) -> Flags:
    """Which titles stand on each page, (p, t)."""
    flat = _cells(pages)
    page, cell = np.nonzero(flat >= 0)
    mask = np.zeros((len(pages), title_count), bool)
    mask[page, flat[page, cell]] = True
    return mask


def _scaled(mix: Values) -> Values:
    """Each row of a mix (p, g) scaled to sum 1; nan where it is empty."""
    return _ratio(mix, mix.sum(axis=1, keepdims=True))


def _ratio(above: NDArray[np.number], below: NDArray[np.number]) -> Values:
    """above / below, nan where `below` is 0."""
    undefined = np.full(np.broadcast(above, below).shape, np.nan)
    return np.divide(above, below, out=undefined, where=below > 0)
