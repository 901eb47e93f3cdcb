"""True worths against what is lived: chances by many lives of a page of one title."""

import numpy as np
import pytest

from simulator.arrays import FINISHED, IN_PROGRESS
from simulator.records import states_of
from simulator.worths import expected_worths
from tests.simulator.small import small_world
from tests.simulator.worlds import legal_for, past, people, settings, states


def worths():
    return expected_worths(small_world(), settings(), 0, states(past()))


def of_status(status: int) -> np.ndarray:
    memories = states_of(past()["state"])
    mask = np.zeros((len(past()), len(small_world().title_ids)), bool)
    owner = np.repeat(np.arange(len(past())), np.diff(memories.first))
    chosen = memories.entries["status"] == status
    mask[owner[chosen], memories.entries["title"][chosen]] = True
    return mask


def test_what_cannot_be_played_is_worth_nothing_and_all_else_something():
    legal = legal_for(small_world(), people(past()["index"].to_numpy()), 0)
    for worth in worths():
        assert (worth[~legal] == 0).all()
    assert (worths().play_rate[legal] > 0).all()


def test_a_title_that_was_played_is_no_discovery():
    begun = of_status(IN_PROGRESS)
    assert (worths().new_plays[begun] == 0).all()
    never = (worths().play_rate > 0) & (worths().new_plays > 0)
    assert (worths().new_plays[never] == worths().play_rate[never]).all()


def test_a_begun_title_is_likelier_to_be_played_than_another_and_than_a_finished_one():
    chance = worths().play_rate
    seen = chance > 0
    begun, finished = chance[of_status(IN_PROGRESS) & seen], chance[of_status(FINISHED) & seen]
    assert begun.mean() > 3 * chance[seen].mean() and begun.mean() > 3 * finished.mean()


def test_minutes_are_those_of_the_title_or_less():
    minutes = worths().minutes / np.maximum(worths().play_rate, 1e-9)
    lengths = small_world().titles.seconds * small_world().titles.episodes / 60
    assert (minutes <= lengths + 1e-3).all()
    assert minutes.max() <= settings().sessions.minutes + 1e-3
    film = small_world().titles.episodes == 1
    liked = minutes[:, film].max(axis=0) / lengths[film]
    assert liked.max() == pytest.approx(1, abs=0.2)
