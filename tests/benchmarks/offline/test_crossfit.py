"""Candidates never come from a first stage that saw what they are labelled by."""

import numpy as np
import pytest

from benchmarks.offline import crossfit
from benchmarks.offline.crossfit import offer, ranked, train, training_queries
from experiments.protocols import title_split
from models.candidates.ratings import Ratings
from tests.models.rankers.worlds import SETTINGS, TITLES, world


def test_each_fold_is_scored_by_the_other_folds_only(monkeypatch: pytest.MonkeyPatch) -> None:
    fitted: list[Ratings] = []
    real = crossfit.offer
    monkeypatch.setattr(
        crossfit, "offer", lambda rest, *more: (fitted.append(rest), real(rest, *more))[1]
    )
    everything = world(1)
    training_queries(everything, TITLES, SETTINGS)
    held = [everything.played & ~rest.played for rest in fitted]
    assert len(fitted) == 3 and np.array_equal(
        sum(h.astype(int) for h in held), everything.played.astype(int)
    )


def test_candidates_are_unseen_titles_and_the_same_every_time() -> None:
    train_part = world(1).where(title_split(world(1).title, 0.75, 1))
    once, again = (offer(train_part, TITLES, SETTINGS) for _ in range(2))
    assert np.array_equal(once.features, again.features, equal_nan=True)
    seen = np.take_along_axis(train_part.played, once.title, axis=1)
    assert not seen.any()


def test_ranker_learns_the_tastes() -> None:
    everything = world(1)
    mask = title_split(everything.title, 0.75, 1)
    part, held = everything.where(mask), everything.where(~mask)
    boosters = train(training_queries(part, TITLES, SETTINGS), SETTINGS)
    scores = ranked(offer(part, TITLES, SETTINGS), boosters, part.shape)
    top = np.argsort(-scores, axis=1)[:, :3]
    hit = np.take_along_axis(held.played, top, axis=1).mean()
    unseen = held.played[~part.played].mean()
    assert len(boosters) == 2 and hit > 1.4 * unseen


def test_standard_scores_and_ranks_do_not_feel_the_scale() -> None:
    table = np.array([[3.0, 1, 2], [5, 5, 5]])
    assert np.allclose(crossfit._standard(table), crossfit._standard(table * 8 / 7))
    assert crossfit._standard(table)[1].tolist() == [0, 0, 0]
    assert crossfit._rank(table).tolist() == [[1, 3, 2], [1, 2, 3]]
