"""How good a page is, not a list: one value for each page, nan where it cannot be told; a figure is the others' mean.

Pages are a grid (p, rows, columns) of title numbers, -1 where there is no cell: rows from the top, cells from the left.
`relevant` (p, t) says which titles each page's member played in the time held out. Where a title stands more than once
it counts once. Ties do not arise: a grid has an order. How many pages a figure was told for is part of it: see `told`.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from experiments.metrics.navigation import Navigation

Grid = NDArray[np.int32]
Flags = NDArray[np.bool_]
Values = NDArray[np.float64]
SATISFIES = 0.5  # chance that a relevant title that is looked at ends the search: (2^grade - 1) / 2^grade of grade 1


class Told(NamedTuple):
    """A mean over the pages for which a metric can be told, and how many these are."""

    mean: float
    pages: int


def told(values: Values) -> Told:
    """The mean of the values that are not nan; nan where there are none."""
    known = values[~np.isnan(values)]
    return Told(float(known.mean()) if len(known) else np.nan, len(known))


def grid(
    row_first: NDArray[np.int64],
    cell_first: NDArray[np.int64],
    title: NDArray[np.int32],
    m: int,
    n: int,
) -> Grid:
    """The first m rows x n cells of flat pages: rows of page p are row_first[p]:row_first[p + 1], cells likewise."""
    page = np.repeat(np.arange(len(row_first) - 1), np.diff(row_first))
    row = np.arange(len(page)) - row_first[page]
    length = np.diff(cell_first)
    column = np.arange(len(title)) - np.repeat(cell_first[:-1], length)
    page, row = np.repeat(page, length), np.repeat(row, length)
    inside = (row < m) & (column < n)
    made = np.full((len(row_first) - 1, m, n), -1, np.int32)
    made[page[inside], row[inside], column[inside]] = title[inside]
    return made


def first_places(pages: Grid) -> Flags:
    """Mask (p, rows, columns) of the cells whose title stands nowhere above or left of it in reading order."""
    flat = pages.reshape(len(pages), -1)
    order = np.argsort(flat, axis=1, kind="stable")
    ordered = np.take_along_axis(flat, order, axis=1)
    first = np.ones(flat.shape, bool)
    first[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    placed = np.empty(flat.shape, bool)
    np.put_along_axis(placed, order, first & (ordered >= 0), axis=1)
    return placed.reshape(pages.shape)


def likely_places(pages: Grid, eye: Navigation) -> Flags:
    """Mask like `first_places` of the one cell of each title where it is most likely seen, the first of equals."""
    order = np.argsort(-eye.seen(*pages.shape[1:]).ravel(), kind="stable")
    flat, placed = (
        pages.reshape(len(pages), 1, -1),
        np.empty((len(pages), pages[0].size if len(pages) else 0), bool),
    )
    placed[:, order] = first_places(flat[:, :, order])[:, 0]
    return placed.reshape(pages.shape)


def recall(pages: Grid, relevant: Flags, m: int, n: int) -> Values:
    """Recall@m-by-n: |relevant titles among the first m rows x n cells| / |relevant titles|, both as sets.

    Published as what members find without scrolling; a repeated title counts once, a short row has fewer cells. nan
    for a page whose member played nothing in the time held out.
    """
    return _over(_shown(pages[:, :m, :n], relevant).sum(axis=1), relevant.sum(axis=1))


def ndcg_2d(pages: Grid, relevant: Flags, eye: Navigation) -> Values:
    """Sum of P(seen) over the relevant titles on the page, over that of the best page of the same size.

    P(seen) is the navigation model's (`eye.seen`); a title counts where it is most likely seen. The best page has its
    min(|relevant|, rows x columns) relevant titles in the cells most likely seen. nan without relevant titles.
    """
    seen = eye.seen(*pages.shape[1:])
    flat, best = pages.reshape(len(pages), -1), np.zeros(relevant.shape)
    page = np.repeat(np.arange(len(pages)), flat.shape[1])[(flat >= 0).ravel()]
    np.maximum.at(
        best, (page, flat[flat >= 0]), np.broadcast_to(seen.ravel(), flat.shape)[flat >= 0]
    )
    ideal = np.concatenate([[0.0], np.cumsum(-np.sort(-seen.ravel()))])
    count = relevant.sum(axis=1)
    return _over((best * relevant).sum(axis=1), ideal[np.minimum(count, seen.size)])


def err_2d(pages: Grid, relevant: Flags, eye: Navigation) -> Values:
    """The chance that a look at the page ends at a relevant title: a cascade in two dimensions.

    A row is looked at from the left, going on with `right`; a relevant title that is looked at ends the look with
    SATISFIES (0.5); after a row the next is reached with `down`. With R the chance of a cell:

        row i satisfies with s_i = sum over j of right^(j - 1) * (product over j' < j of 1 - R_ij') * R_ij
        ERR = sum over i of down^(i - 1) * (product over i' < i of 1 - s_i') * s_i

    (Chapelle and others, Expected Reciprocal Rank, CIKM 2009; instead of 1 / rank the member's own patience.) Of a
    title that stands more than once only the cell most likely seen satisfies. nan without relevant titles.
    """
    hit = np.take_along_axis(
        relevant, np.maximum(pages, 0).reshape(len(pages), -1), axis=1
    ).reshape(pages.shape)
    ends = SATISFIES * (hit & likely_places(pages, eye))
    going = np.cumprod(1 - ends, axis=2) / (1 - ends)
    row = (eye.right ** np.arange(pages.shape[2]) * going * ends).sum(axis=2)
    still = np.cumprod(1 - row, axis=1) / (1 - row)
    chance = (eye.down ** np.arange(pages.shape[1]) * still * row).sum(axis=1)
    return np.where(relevant.any(axis=1), chance, np.nan)


def diversity(pages: Grid, vectors: Values) -> Values:
    """1 - mean cosine between the vectors (t, g) of two different titles of the page; nan with fewer than two.

    Titles without any genre are like nothing: their vectors are 0 and their distance to all others is 1.
    """
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit = vectors / np.where(length > 0, length, 1)
    first = first_places(pages).reshape(len(pages), -1)
    shown = unit[np.maximum(pages, 0).reshape(len(pages), -1)] * first[:, :, None]
    both = (shown.sum(axis=1) ** 2).sum(axis=1) - (shown**2).sum(axis=(1, 2))
    count = first.sum(axis=1)
    return 1 - _over(both, count * (count - 1))


def calibration_kl(pages: Grid, wanted: Values, genres: Flags, alpha: float = 0.01) -> Values:
    """How far the page's genres are from the member's own: sum over g of p log(p / q~), q~ = (1 - alpha) q + alpha p.

    p = `wanted` (p, g) is the member's mix, scaled to sum 1; q the mean over the page's titles, each once, of their
    genres, each title's scaled to sum 1; titles without genres are left out. In nats, 0 where both mixes are equal.
    (Steck, Calibrated Recommendations, RecSys 2018.) nan without a mix of the member's or a title with genres.
    """
    share = genres / np.maximum(genres.sum(axis=1, keepdims=True), 1)
    first = first_places(pages).reshape(len(pages), -1)
    q = (share[np.maximum(pages, 0).reshape(len(pages), -1)] * first[:, :, None]).sum(axis=1)
    p, q = (_over(mix, mix.sum(axis=1, keepdims=True)) for mix in (wanted.astype(np.float64), q))
    mixed = (1 - alpha) * q + alpha * p
    ratio = np.divide(p, mixed, out=np.ones_like(p), where=p > 0)
    return np.where(np.isnan(q).any(axis=1), np.nan, (p * np.log(ratio)).sum(axis=1))


def duplicates(pages: Grid) -> NDArray[np.int64]:
    """Cells whose title stands on the page before: cells less different titles. Pass the first screens only."""
    return (pages >= 0).sum(axis=(1, 2)) - first_places(pages).sum(axis=(1, 2))


def stability(pages: Grid, before: Grid, size: int) -> Values:
    """Titles on both of a member's pages over titles on either (Jaccard); nan where both are empty.

    `size` is the number of titles; 1 is the same titles in any order.
    """
    now, then = (_shown(each, np.ones((len(each), size), bool)) for each in (pages, before))
    return _over((now & then).sum(axis=1), (now | then).sum(axis=1))


def _shown(pages: Grid, wanted: Flags) -> Flags:
    """(p, t) which of the wanted titles stand on each page."""
    flat, shown = pages.reshape(len(pages), -1), np.zeros(wanted.shape, bool)
    shown[np.repeat(np.arange(len(pages)), flat.shape[1])[(flat >= 0).ravel()], flat[flat >= 0]] = (
        True
    )
    return shown & wanted


def _over(above: NDArray[np.number], below: NDArray[np.number]) -> Values:
    """above / below, nan where nothing is below."""
    return np.divide(
        above, below, out=np.full(np.broadcast(above, below).shape, np.nan), where=below > 0
    )
