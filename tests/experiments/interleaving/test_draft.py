from collections import Counter
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.interleaving.draft import FIRST, NEITHER, SECOND, balanced, team_draft

LISTS = st.lists(st.integers(0, 8), unique=True, max_size=5)
LENGTH = 6


def no_two_odd(taken, item):
    """A hard rule between items: of odd ones a page has two at most."""
    return item % 2 == 0 or sum(other % 2 for other in taken) < 2


RULES = st.sampled_from([lambda taken, item: True, no_two_odd])
FIXED = st.sampled_from([{}, {1: 8}, {0: 7, 3: 6}])


def drafts(first, second, allowed, fixed):
    """The drafts of all sequences of coins."""
    for coins in product((FIRST, SECOND), repeat=LENGTH):
        yield team_draft((first, second), iter(coins), LENGTH, allowed, fixed)


@settings(max_examples=60, deadline=None)
@given(LISTS, LISTS, RULES, FIXED)
def test_each_arm_is_as_often_at_each_position(first, second, allowed, fixed):
    at = Counter()
    for draft in drafts(first, second, allowed, fixed):
        at.update(enumerate(draft.teams))
    for position in range(LENGTH):
        assert at[position, FIRST] == at[position, SECOND]


@settings(max_examples=60, deadline=None)
@given(LISTS, LISTS, RULES, FIXED)
def test_rules_are_kept_and_nothing_is_there_twice(first, second, allowed, fixed):
    for items, teams in drafts(first, second, allowed, fixed):
        assert len(set(items)) == len(items) <= LENGTH
        assert abs(teams.count(FIRST) - teams.count(SECOND)) <= 1
        for position, item in enumerate(items):
            if position in fixed:
                assert item == fixed[position]
            else:
                assert allowed(items[:position], item)


@settings(max_examples=60, deadline=None)
@given(LISTS, LISTS, RULES)
def test_arms_that_change_names_change_teams_alone(first, second, allowed):
    other = {FIRST: SECOND, SECOND: FIRST, NEITHER: NEITHER}
    for coins in product((FIRST, SECOND), repeat=3):
        coins += (FIRST,) * LENGTH
        one = team_draft((first, second), iter(coins), LENGTH, allowed)
        two = team_draft((second, first), iter([other[c] for c in coins]), LENGTH, allowed)
        assert two == (one.items, [other[team] for team in one.teams])


def test_equal_lists_tell_nothing():
    draft = team_draft(("abc", "abc"), iter([]), 3)
    assert draft == (["a", "b", "c"], [NEITHER] * 3)


def test_what_one_arm_alone_has_left_tells_nothing():
    draft = team_draft(("a", "bcd"), iter([FIRST] * 4), 4)
    assert draft == (["a", "b", "c", "d"], [FIRST, SECOND, NEITHER, NEITHER])


def test_what_is_not_allowed_now_may_be_later():
    draft = team_draft(("ab", "cd"), iter([FIRST] * 4), 4, lambda taken, item: item != "a" or taken)
    assert draft.items == ["b", "c", "a", "d"]


def test_balanced_takes_turns():
    assert balanced("abc", "bde", SECOND, 4) == ["b", "a", "d", "e"]
    assert balanced("abc", "bde", FIRST, 9) == ["a", "b", "d", "c", "e"]
