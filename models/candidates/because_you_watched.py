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
    counts = np.zeros(size, np.int64)
    titles = np.zeros((size, KEPT * kind.max_length), np.int32)
    strengths = np.zeros(titles.shape)
    _fill_strongest(
        _lists(vectors),
        _lists(vectors.tocsc()),
        _lists(co_watched),
        cold,
        lift,
        counts,
        titles,
        strengths,
    )
    kept = np.arange(titles.shape[1]) < counts[:, None]
    weight = strengths[kept].astype(np.float32)
    return Neighbours(Ragged.from_counts(counts).offsets, titles[kept], weight)


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
def _fill_strongest(
    tags: Weights,
    tagged: Weights,
    co_watched: Weights,
    cold: MASK,
    lift: F64,
    counts: I64,
    titles: NDArray[np.int32],
    strengths: F64,
) -> None:
    """Write how many similars each of n titles has (n,), and they with their weights (n, most),
    strongest first, ties by title.

    `tags` are those of each title, `tagged` the titles of each tag. Of pairs with a new title the
    likeness counts, scaled to lie below what co-watching says of the row's title. Nearly every pair
    may have one, so a row at a time is put together and none is kept.
    """
    weights = np.zeros(len(cold))  # of one row; all 0 between rows
    for row in range(len(cold)):
        for j in range(tags.offsets[row], tags.offsets[row + 1]):
            tag = tags.entry[j]
            for k in range(tagged.offsets[tag], tagged.offsets[tag + 1]):
                title = tagged.entry[k]
                if title != row and (cold[row] or cold[title]):
                    weights[title] += tags.weight[j] * tagged.weight[k]
        top = 1e-12
        for title in range(len(cold)):
            weights[title] *= lift[title]
            top = max(top, weights[title])
        first, last = co_watched.offsets[row], co_watched.offsets[row + 1]
        least = co_watched.weight[first] if first < last else 1.0
        for j in range(first, last):
            least = min(least, co_watched.weight[j])
        scale = least / top * (1 - 1e-6)
        for title in range(len(cold)):
            weights[title] *= scale
        for j in range(first, last):
            weights[co_watched.entry[j]] = co_watched.weight[j]
        for title in range(len(cold)):
            if weights[title] > 0:
                counts[row] = _placed(
                    weights[title], title, strengths[row], titles[row], counts[row]
                )
            weights[title] = 0.0


@inner_njit()
def _placed(weight: float, title: int, weights: F64, titles: NDArray[np.int32], count: int) -> int:
    """Put a title in its place behind all that are as strong; the weakest falls out of a full list.

    How many there are then.
    """
    if count == len(weights):
        if weight <= weights[count - 1]:
            return count
    else:
        count += 1
    place = count - 1
    while place > 0 and weights[place - 1] < weight:
        weights[place], titles[place] = weights[place - 1], titles[place - 1]
        place -= 1
    weights[place], titles[place] = weight, title
    return count
