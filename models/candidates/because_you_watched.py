"""Because You Watched: for every title the titles to show after it, the same for all profiles (N-050 to N-052)."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from conf.rows import FACETS, RowKind
from models.catalogue.arrays import Catalogue, Neighbours
from models.ragged import Ragged

KEPT = 3  # times the length of the row: some of the similars were watched, or may not be shown


def because(kind: RowKind, catalogue: Catalogue, played: Neighbours) -> Neighbours:
    """The similars of every title, strongest first: by co-watching with a share of popularity, else by content.

    `played` are the cosines of co-watching; each is multiplied by (1 + plays in 30 days)^popularity_share of the title
    spoken for: 0 leaves the cosine, which divides by the root of its plays, and .5 takes that division back. A title
    with fewer plays than `least_plays` is too new for that: it stands with what is like it in content, behind the
    similars of others and, among its own, in the order of likeness and popularity.
    """
    recent = catalogue.features["title_plays_count_30d"].astype(np.float64)
    lift = (1 + recent) ** kind.popularity_share
    cold = too_new(kind, catalogue)
    size, source = catalogue.size, played.owners
    told = (played.weight > 0) & ~cold[source] & ~cold[played.title]
    weights = (played.weight.astype(np.float64) * lift[played.title])[told]
    co_watched = sparse.csr_matrix(
        (weights, (source[told], played.title[told])), shape=(size, size)
    )
    if not cold.any():
        return _strongest(co_watched, kind)
    return _strongest(co_watched + _by_content(kind, catalogue, co_watched, cold, lift), kind)


def too_new(kind: RowKind, catalogue: Catalogue) -> NDArray[np.bool_]:
    """Mask (n,) of the titles of which co-watching says nothing yet."""
    mask: NDArray[np.bool_] = catalogue.features["title_plays_count_all"] < kind.least_plays
    return mask


def contents(catalogue: Catalogue) -> sparse.csr_matrix:
    """One vector (n, t) of length 1 for each title over the tags of all facets, rare ones weigh more: ln(n / n_t)."""
    marks = sparse.hstack([catalogue.tags(facet).matrix for facet in FACETS], "csr")
    titles = np.asarray(marks.sum(axis=0, dtype=np.float64)).ravel()
    rarity = np.log(catalogue.size / np.maximum(titles, 1))
    vectors = sparse.csr_matrix(marks @ sparse.diags(rarity))
    lengths = np.sqrt(np.asarray(vectors.multiply(vectors).sum(axis=1)).ravel())
    return sparse.csr_matrix(sparse.diags(1 / np.maximum(lengths, 1e-12)) @ vectors)


def _by_content(
    kind: RowKind,
    catalogue: Catalogue,
    co_watched: sparse.csr_matrix,
    cold: NDArray[np.bool_],
    lift: NDArray[np.float64],
) -> sparse.csr_matrix:
    """Likenesses of all pairs with a new title, each row scaled to lie below what co-watching says of its title."""
    vectors = contents(catalogue)
    new, known = (sparse.diags(mask.astype(np.float64)) @ vectors for mask in (cold, ~cold))
    alike = sparse.csr_matrix(new @ vectors.T + known @ new.T)
    alike.setdiag(0)
    alike.eliminate_zeros()
    scaled = alike @ sparse.diags(lift)
    top = np.maximum(np.asarray(scaled.max(axis=1).toarray()).ravel(), 1e-12)
    least = np.ones(catalogue.size)
    for title in np.flatnonzero(np.diff(co_watched.indptr)):
        least[title] = co_watched.data[
            co_watched.indptr[title] : co_watched.indptr[title + 1]
        ].min()
    return sparse.csr_matrix(sparse.diags(least / top * (1 - 1e-6)) @ scaled)


def _strongest(weights: sparse.csr_matrix, kind: RowKind) -> Neighbours:
    """Each title's strongest weights, strongest first, ties by title; three times as many as its row could hold."""
    rows = sparse.csr_matrix(weights)
    most = KEPT * kind.max_length
    offsets = rows.indptr.astype(np.int64)
    kept = [
        start + _first(rows.data[start:end], rows.indices[start:end], most)
        for start, end in pairwise(offsets)
    ]
    places = np.concatenate(kept) if kept else offsets[:0]
    return Neighbours(
        Ragged.from_counts(np.minimum(np.diff(offsets), most)).offsets,
        rows.indices[places].astype(np.int32),
        rows.data[places].astype(np.float32),
    )


def _first(weights: NDArray[np.float64], titles: NDArray[np.int32], most: int) -> NDArray[np.int64]:
    """Where the strongest `most` of some weights stand, strongest first, ties by title.

    A likeness by content has a weight for nearly every pair: what cannot be among the first is not put in order.
    """
    places = np.arange(len(weights))
    if len(weights) > most:
        least = np.partition(weights, -most)[-most]
        places = np.flatnonzero(weights >= least)
    order: NDArray[np.int64] = places[np.lexsort((titles[places], -weights[places]))][:most]
    return order
