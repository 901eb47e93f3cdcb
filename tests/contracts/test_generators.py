"""One contract for every source of candidates."""

import numpy as np
import pytest
from scipy import sparse

from models.candidates.ease import ItemModel, ease
from models.candidates.generator import Generator
from models.candidates.item_knn import bm25, cosine, jaccard, neighbours
from models.candidates.popular import Popular
from models.candidates.recent import recent

RNG = np.random.default_rng(3)
PLAYS = sparse.csr_matrix((RNG.random((30, 9)) < 0.3).astype(float))
GRAM = (PLAYS.T @ PLAYS).toarray()
WEIGHTED = bm25(PLAYS, 1.2, 0.5)
GENERATORS: dict[str, Generator] = {
    "popular": Popular(np.diag(GRAM)),
    "recent": recent(RNG.integers(9, size=50), RNG.random(50) * 1e6, 1e6, (1, 7), 9),
    "ease": ItemModel(ease(GRAM, 10.0)),
    "cosine": ItemModel(cosine(GRAM)),
    "sar": ItemModel(jaccard(GRAM)),
    "bm25": ItemModel(neighbours((WEIGHTED.T @ WEIGHTED).toarray(), 4)),
}
each = pytest.mark.parametrize("generator", GENERATORS.values(), ids=GENERATORS.keys())


@each
def test_one_finite_float32_score_for_each_history_and_title(generator: Generator) -> None:
    scores = generator.scores(PLAYS)
    assert scores.shape == (30, 9) and scores.dtype == np.float32 and np.isfinite(scores).all()
    assert scores.any()


@each
def test_a_history_is_scored_the_same_alone_and_in_a_batch(generator: Generator) -> None:
    together = generator.scores(PLAYS)
    for row in (0, 17, 29):
        assert np.allclose(generator.scores(PLAYS[row]), together[row], rtol=1e-6, atol=1e-7)


@each
def test_an_empty_history_and_an_empty_batch_are_scored(generator: Generator) -> None:
    assert np.isfinite(generator.scores(sparse.csr_matrix((1, 9)))).all()
    assert generator.scores(sparse.csr_matrix((0, 9))).shape == (0, 9)


@each
def test_scoring_leaves_the_histories_as_they_are(generator: Generator) -> None:
    before = PLAYS.toarray()
    generator.scores(PLAYS)
    assert np.array_equal(PLAYS.toarray(), before)
