"""Because You Watched: for every title the titles to show after it, the same for all profiles (N-050 to N-052)."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from conf.compiled import inner_njit, njit
from conf.rows import FACETS, RowKind
from models.catalogue.arrays import Catalogue, Neighbours
from models.ragged import Ragged

KEPT = 3  # times the length of the row: some of the similars were watched, or may not be shown
F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
MASK = NDArray[np.bool_]


class Weights(NamedTuple):
    """Lists of what has a weight: those of list k are entry[offsets[k]:offsets[k + 1]]."""

    offsets: I64
    entry: NDArray[np.int32]
    weight: F64


class Content(NamedTuple):
    """What titles have in common: tags of n titles, titles of t tags, and how either counts."""

    tags: Weights  # of each title
    tagged: Weights  # the titles of each tag
    new_tagged: Weights  # of them those that are cold
    cold: MASK  # (n,) titles of which co-watching says nothing yet
    lift: F64  # (n,) what popularity multiplies a weight by


class Similars(NamedTuple):
    """The similars of each of n titles, strongest first, ties by title; at most so many as columns."""

    counts: I64  # (n,)
    titles: NDArray[np.int32]  # (n, most)
    weights: F64  # (n, most)


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
    vectors = contents(catalogue)
    found = Similars(
        counts=np.zeros(size, np.int64),
        titles=np.zeros((size, KEPT * kind.max_length), np.int32),
        weights=np.zeros((size, KEPT * kind.max_length)),
    )
    new_vectors = sparse.csc_matrix(vectors.multiply(cold[:, None]))
    new_vectors.eliminate_zeros()
    content = Content(_lists(vectors), _lists(vectors.tocsc()), _lists(new_vectors), cold, lift)
    _fill_similars(content, _lists(co_watched), found)
    is_kept = np.arange(found.titles.shape[1]) < found.counts[:, None]
    return Neighbours(
        Ragged.from_counts(found.counts).offsets,
        found.titles[is_kept],
        found.weights[is_kept].astype(np.float32),
    )


def too_new(kind: RowKind, catalogue: Catalogue) -> MASK:
    """Mask (n,) of the titles of which co-watching says nothing yet."""
    mask: MASK = catalogue.features["title_plays_count_all"] < kind.least_plays
    return mask


def contents(catalogue: Catalogue) -> sparse.csr_matrix:
    """One vector (n, t) of length 1 for each title over the tags of all facets, rare ones weigh more: ln(n / n_t)."""
    marks = sparse.hstack([catalogue.tags(facet).matrix for facet in FACETS], "csr")
    titles = np.asarray(marks.sum(axis=0, dtype=np.float64)).ravel()
    rarity = np.log(catalogue.size / np.maximum(titles, 1))
    vectors = sparse.csr_matrix(marks @ sparse.diags(rarity))
    lengths = np.sqrt(np.asarray(vectors.multiply(vectors).sum(axis=1)).ravel())
    return sparse.csr_matrix(sparse.diags(1 / np.maximum(lengths, 1e-12)) @ vectors)


def _lists(matrix: sparse.csr_matrix | sparse.csc_matrix) -> Weights:
    """The rows of a matrix, or the columns of one that is stored by column, in ascending order."""
    matrix.sort_indices()
    return Weights(matrix.indptr.astype(np.int64), matrix.indices, matrix.data)


@njit()
def _fill_similars(content: Content, co_watched: Weights, found: Similars) -> None:
    """Write the similars of every title.

    Nearly every pair may have a likeness, so weights are held of one title at a time.
    """
    size = len(content.cold)
    weights = np.zeros(size)  # 0 of all titles between two
    for title in range(size):
        _fill_likenesses(content, title, weights)
        first, last = co_watched.offsets[title], co_watched.offsets[title + 1]
        least = co_watched.weight[first] if first < last else 1.0
        for j in range(first, last):
            least = min(least, co_watched.weight[j])
        scale = least / max(1e-12, weights.max()) * (1 - 1e-6)
        for other in range(size):
            weights[other] *= scale
        for j in range(first, last):
            weights[co_watched.entry[j]] = co_watched.weight[j]
        for other in range(size):
            if weights[other] > 0:
                _place(other, weights[other], found, title)
            weights[other] = 0.0


@inner_njit()
def _fill_likenesses(content: Content, title: int, weights: F64) -> None:
    """Fill `weights` (n,) with how alike a title and each other one are, times popularity; 0 of pairs
    without a new title.
    """
    tags, lift = content.tags, content.lift
    tagged = content.tagged if content.cold[title] else content.new_tagged
    for j in range(tags.offsets[title], tags.offsets[title + 1]):
        tag = tags.entry[j]
        for k in range(tagged.offsets[tag], tagged.offsets[tag + 1]):
            other = tagged.entry[k]
            if other != title:
                weights[other] += tags.weight[j] * tagged.weight[k]
    for other in range(len(lift)):
        weights[other] *= lift[other]


@inner_njit()
def _place(other: int, weight: float, found: Similars, title: int) -> None:
    """Put a title among the similars of another one, behind all that are as strong; the weakest of a
    full list falls out.
    """
    titles, weights = found.titles[title], found.weights[title]
    place = found.counts[title]
    if place == len(weights):
        place -= 1
        if weight <= weights[place]:
            return
    else:
        found.counts[title] += 1
    while place > 0 and weights[place - 1] < weight:
        weights[place], titles[place] = weights[place - 1], titles[place - 1]
        place -= 1
    weights[place], titles[place] = weight, other
