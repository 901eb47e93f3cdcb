"""A small town: what is shown comes of the pictures that were chosen, and only the world knows what they evoke."""

import numpy as np
import pytest

from benchmarks.artwork.learners import learner, uniform
from benchmarks.artwork.offpolicy import coverage
from benchmarks.artwork.oracle import best_pictures, likeliest_pictures
from benchmarks.artwork.population import Town, places
from conf.artwork import artwork
from tests.simulator.small import small_world
from tests.simulator.worlds import settings


@pytest.fixture(scope="module")
def town():
    return Town(small_world(), settings(), 120)


@pytest.fixture(scope="module")
def day(town):
    return town.day(0)


def test_pages_hold_titles_that_may_be_shown_and_were_never_played(town, day):
    where = places(day)
    assert town.legal(0)[where.profile, where.title].all()
    assert not town.histories().toarray()[where.profile, where.title].any()
    assert len(set(zip(where.profile.tolist(), where.title.tolist(), strict=True))) == len(
        where.title
    )


def test_what_was_seen_tells_its_own_cell_title_and_picture(town, day):
    where = places(day)
    picture = uniform(town, where, 1)
    shown = town.live(day, picture)[0].shown
    seen = {(p, t): a for p, t, a in zip(where.profile, where.title, picture, strict=True)}
    assert all(
        seen[p, t] == a for p, t, a in zip(shown.cluster, shown.title, shown.picture, strict=True)
    )
    assert (shown.taken <= shown.impressions).all() and shown.taken.sum() > 0


def test_some_profiles_live_the_same_day_alone(town, day):
    picture = uniform(town, places(day), 1)
    some = np.array([3, 5, 40])
    alone, whole = town.live(day, picture, some)[0].shown, town.live(day, picture)[0].shown
    mine = np.isin(whole.cluster, some)
    assert sorted(
        zip(alone.cluster, alone.title, alone.impressions, alone.taken, strict=True)
    ) == sorted(
        zip(
            whole.cluster[mine],
            whole.title[mine],
            whole.impressions[mine],
            whole.taken[mine],
            strict=True,
        )
    )


def test_the_oracle_evokes_most_and_the_likeliest_more_than_chance(town, day):
    where, titles = places(day), town.truth.titles

    def evoked(picture):
        likes = town.members.theme_likes[where.profile, titles.picture_theme[picture]]
        return (likes * titles.picture_represents[picture]).mean()

    best, likely, chance = (
        f(town, where) for f in (best_pictures, likeliest_pictures, lambda *a: uniform(*a, 1))
    )
    assert evoked(best) > evoked(likely) > evoked(chance)
    assert (titles.picture_first[where.title] <= best).all() and (
        best < titles.picture_first[where.title + 1]
    ).all()


def test_off_policy_intervals_are_asked_of_logs_with_a_known_truth(town, day):
    arm = learner(town, day, artwork())
    arm.meet(day)
    arm.learn()
    told = coverage(town, day, places(day), arm, 20, artwork())
    assert set(told) == {"uniform_greedy", "thompson_greedy", "thompson_uniform"}
    assert told["uniform_greedy"]["coverage"]["ips"] > 0.7
    assert abs(told["uniform_greedy"]["bias"]["ips"]) < 0.1
