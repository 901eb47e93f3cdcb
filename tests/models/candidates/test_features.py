"""Candidates and their features, on a service small enough to check by hand."""

import numpy as np
import pytest
from scipy import sparse

from models.artwork.gallery import Gallery
from models.artwork.pools import empty_pools
from models.candidates.features import (
    COUNTS,
    FEATURES,
    PROFILE,
    TITLE,
    PairInputs,
    history_matrix,
    pairs,
    personal_scores,
)
from models.catalogue.arrays import Catalogue, Profiles

N = 4


def catalogue(**features: list[float]) -> Catalogue:
    columns = {name: np.full(N, np.nan, np.float32) for name in TITLE} | {
        c: np.zeros(N, np.float32) for c in COUNTS
    }
    columns |= {name: np.array(values, np.float32) for name, values in features.items()}
    return Catalogue(
        title_ids=np.array(["a", "b", "c", "d"], object),
        names=np.array(["A", "B", "C", "D"], object),
        genres=("Comedy", "Drama"),
        genre_matrix=np.array([[1, 0], [1, 1], [0, 1], [0, 0]], bool),
        maturity=np.full(N, -1, np.int16),
        features=columns,
        available={"": np.ones(N, bool)},
        ends_s={"": np.full(N, np.inf)},
        gallery=Gallery(
            empty_pools(N), np.array(["a", "b", "c", "d"], object), np.full(N, -1, np.int16), ()
        ),
        as_of_s=0.0,
    )


def profiles(*histories: list[int]) -> Profiles:
    flat = np.array([t for history in histories for t in history], np.int32)
    return Profiles(
        profile_ids=np.array([f"p{i}" for i in range(len(histories))], object),
        offsets=np.cumsum([0, *(len(h) for h in histories)]).astype(np.int64),
        title=flat,
        last_at_s=np.zeros(len(flat)),
        plays=np.ones(len(flat), np.int32),
        stars=np.full(len(flat), np.nan, np.float32),
        features={name: np.zeros(len(histories), np.float32) for name in PROFILE},
        country=np.full(len(histories), "", object),
        maturity_limit=np.full(len(histories), 99, np.int16),
        kids=np.zeros(len(histories), bool),
        blocked=tuple(np.zeros(0, np.int32) for _ in histories),
    )


CONTEXT = {"context_weekday": 2.0, "context_season_sin": 0.0, "context_season_cos": 1.0}
WEIGHTS = sparse.csr_matrix(
    np.array([[0, 0.5, 0.1, 0], [0.5, 0, 0.2, 0], [0.1, 0.2, 0, 0], [0, 0, 0, 0]], np.float32)
)


def found(*histories: list[int], allowed: np.ndarray | None = None, per_source: int = 4):
    mask = np.ones((len(histories), N), bool) if allowed is None else allowed
    titles, people = catalogue(), profiles(*histories)
    personal = personal_scores(titles, people, WEIGHTS, WEIGHTS)
    return pairs(PairInputs(titles, people, personal, CONTEXT), mask, per_source)


def column(result, name: str) -> list[float]:
    return result.matrix[:, FEATURES.index(name)].tolist()


def test_what_was_played_or_is_not_allowed_is_no_candidate():
    result = found([0], allowed=np.array([[True, True, True, False]]))
    assert result.title.tolist() == [1, 2]
    assert result.counts.tolist() == [2]


def test_scores_are_sums_over_the_history():
    result = found([0, 1])
    assert result.title.tolist() == [2, 3]
    assert column(result, "ease") == pytest.approx([0.3, 0.0])


def test_genre_affinity_is_the_mean_share_of_the_titles_genres():
    # a is a comedy, b comedy and drama: all plays were comedy, half were drama; c is drama, d has no genre
    assert column(found([0, 1]), "genre_affinity") == pytest.approx([0.5, 0.0])


def test_ranks_and_standard_scores_are_within_a_profile():
    result = found([0], [3])
    assert column(result, "ease_rank") == [1, 2, 3, 1, 2, 3]
    ease = np.array([0.5, 0.1, 0.0])
    assert column(result, "ease_z")[:3] == pytest.approx(
        list((ease - ease.mean()) / ease.std()), rel=1e-5
    )


def test_a_batch_gives_each_profile_what_it_gets_alone():
    together = found([0], [1, 2], [])
    for i, history in enumerate(([0], [1, 2], [])):
        alone = found(history)
        assert np.array_equal(together.matrix[together.profile == i], alone.matrix, equal_nan=True)


def test_a_profile_that_played_everything_has_no_candidates():
    result = found([0, 1, 2, 3])
    assert result.counts.tolist() == [0]
    assert result.matrix.shape == (0, len(FEATURES))


def test_recent_plays_are_the_newest_of_the_history():
    matrix = history_matrix(profiles([2, 0, 1]), N, recent=2)
    assert matrix.toarray().tolist() == [[1, 0, 1, 0]]
