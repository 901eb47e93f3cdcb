from functools import cache

import numba
import numpy as np
import pytest

from conf.world import INTENTS, WorldSettings
from simulator.arrays import (
    ABANDONED,
    CONTINUE,
    DISCOVER,
    FETCH,
    FINISHED,
    IN_PROGRESS,
    REWATCH,
    Context,
    Memory,
    Session,
)
from simulator.members import members
from simulator.memory import empty_memory
from simulator.parameters import behaviour_parameters, catalogue_days, member_arrays
from simulator.truth import TrueMembers
from simulator.utility import (
    empty_scratch,
    fill_expected_play_rates,
    fill_genre_log_odds,
    fill_tastes,
    log_odds,
    possible_intent,
)
from tests.simulator.small import small_world
from tests.simulator.worlds import legal_for, settings, with_terms

DAY, PROFILE = 40, 3


@numba.njit
def _fill_log_odds(context, session, artwork, out):
    fill_tastes(context, session.profile, session.day)
    fill_genre_log_odds(context, session.day, session.daypart)
    for title in range(len(out)):
        out[title] = log_odds(context, session, title, artwork)


@numba.njit
def _fill_expected(context, profile, out):
    fill_expected_play_rates(context, profile, 0, out)


@numba.njit
def _possible_intent(context, wish):
    return possible_intent(context, PROFILE, 0, wish)


@cache
def ten_accounts():
    return members(small_world(), settings(), 0, 10)


def a_session(
    device: int = 0, daypart: int = 3, mood: int = 2, person: int = 0, intent: int = DISCOVER
) -> Session:
    return Session(PROFILE, DAY, 0, 0, person, device, daypart, mood, intent, 0, 3600)


def memory_of(*plays: tuple[int, int, int]) -> Memory:
    """A memory of titles, each with the days since it was played and its status."""
    memory = empty_memory(len(small_world().title_ids))
    for index, (title, days, status) in enumerate(plays):
        memory.entries[index] = (title, 0.5, 0, DAY - days, status, 1)
        memory.entry_of_title[title] = index
    memory.size[0] = len(plays)
    return memory


def context_of(memory: Memory | None = None, of: WorldSettings | None = None) -> Context:
    """The first ten accounts on DAY, with one memory for all."""
    of, titles = of or settings(), small_world().titles
    return Context(
        behaviour_parameters(small_world(), of),
        catalogue_days(titles, of, DAY, 1),
        member_arrays(ten_accounts()),
        memory or memory_of(),
        empty_scratch(*titles.factors.shape, titles.genres.shape[1], of.sessions.most),
    )


def simulated(
    session: Session,
    memory: Memory | None = None,
    artwork: int = -1,
    of: WorldSettings | None = None,
) -> np.ndarray:
    """(t,) the log-odds of every title in the session."""
    out = np.empty(len(small_world().title_ids))
    _fill_log_odds(context_of(memory, of), session, artwork, out)
    return out


def by_formula(s: Session, title: int, played: dict[int, int]) -> float:
    """The formula of docs/world.md for a title not played before, step by step.

    `played` has the days since its play for each title played.
    """
    a, t, m = settings().appeal, small_world().titles, ten_accounts()
    mix = t.genres / np.sqrt(np.maximum(t.genres.sum(axis=1), 1))[:, None]
    age = DAY - int(t.launch_day[title])
    turned = 2 * np.pi * DAY / settings().tastes.drift_days
    person_taste = (m.other_taste if s.person else m.taste)[PROFILE]
    taste = np.cos(turned) * person_taste + np.sin(turned) * m.drift[PROFILE]
    total = a.base + a.attraction * t.attraction[title] + a.quality * t.quality[title]
    total += a.attraction * t.local[title, m.country[PROFILE]]
    total += a.launch * 2.0 ** (-age / t.half_life[title]) if age >= 0 else 0
    if t.season[title] >= 0:
        apart = abs((settings().first_day.timetuple().tm_yday - 1 + DAY) % 365 - t.season[title])
        total += a.season * np.exp(-((min(apart, 365 - apart) / a.trend_days) ** 2) / 2)
    total += t.buzz[title] * np.exp(-((float(DAY - t.buzz_day[title]) / a.trend_days) ** 2) / 2)
    total += a.taste * (taste @ t.factors[title] + m.genre_likes[PROFILE] @ mix[title])
    liked = settings().daypart_genres[list(settings().dayparts)[s.daypart]]
    total += (
        a.daypart * np.array([name in liked for name in small_world().genre_names]) @ mix[title]
    )
    total -= a.satiation * sum(
        np.exp(-days / a.satiation_days) * mix[j] @ mix[title] for j, days in played.items()
    )
    total += a.mood * t.genres[title, s.mood] + a.new[INTENTS[s.intent]]
    return total + a.long_on_phone * (s.device == 2 and t.seconds[title] > 60 * a.long_minutes)


def test_appeal_is_the_formula_of_the_document():
    played = {0: 1, 5: 2, 9: 7}
    for s in (a_session(), a_session(device=2, daypart=1, mood=4, person=1)):
        found = simulated(
            s, memory_of(*((title, days, FINISHED) for title, days in played.items()))
        )
        for title in range(10, 60):
            assert found[title] == pytest.approx(by_formula(s, title, played), abs=1e-5)


def test_a_title_that_suits_the_taste_better_is_wanted_more():
    stronger = simulated(a_session(), of=with_terms("appeal", taste=2.0)) - simulated(a_session())
    titles, likes = small_world().titles, ten_accounts().genre_likes[PROFILE]
    turned = 2 * np.pi * DAY / settings().tastes.drift_days
    taste = (
        np.cos(turned) * ten_accounts().taste[PROFILE]
        + np.sin(turned) * ten_accounts().drift[PROFILE]
    )
    affinity = (
        titles.factors @ taste
        + titles.genres / np.sqrt(titles.genres.sum(axis=1, keepdims=True)) @ likes
    )
    order = np.argsort(affinity)
    assert (np.diff(stronger[order]) > -1e-6).all()
    assert stronger[order[-1]] > 0 > stronger[order[0]]


def test_a_recent_play_makes_titles_of_its_genres_less_wanted_and_that_fades():
    fresh, today, last_week = (
        simulated(a_session(), m)
        for m in (memory_of(), memory_of((0, 0, FINISHED)), memory_of((0, 7, FINISHED)))
    )
    genres = small_world().titles.genres
    alike = np.flatnonzero((genres & genres[0]).any(axis=1))[1:]
    apart = np.flatnonzero(~(genres & genres[0]).any(axis=1))
    assert (today[alike] < last_week[alike]).all()
    assert (last_week[alike] < fresh[alike]).all()
    assert today[apart] == pytest.approx(fresh[apart])


@pytest.mark.parametrize("intent", [CONTINUE, DISCOVER, REWATCH])
@pytest.mark.parametrize(
    ("status", "term"), [(FINISHED, "watched"), (IN_PROGRESS, "resume"), (ABANDONED, "abandoned")]
)
def test_a_title_played_before_is_wanted_by_how_that_ended_and_does_not_tire_of_itself(
    status: int, term: str, intent: int
):
    session, appeal = a_session(intent=intent), settings().appeal
    change = simulated(session, memory_of((4, 1, status)))[4] - simulated(session)[4]
    value = getattr(appeal, term)
    wanted = value[INTENTS[intent]] if isinstance(value, dict) else value
    assert change == pytest.approx(wanted - appeal.new[INTENTS[intent]])


def test_what_was_begun_is_taken_in_a_session_to_continue_and_seldom_in_one_to_discover():
    """By conf the odds of a title begun against the same one never played: e^5 and less than 1/2."""
    odds = {}
    for intent in (CONTINUE, DISCOVER):
        session = a_session(intent=intent)
        change = simulated(session, memory_of((4, 1, IN_PROGRESS)))[4] - simulated(session)[4]
        odds[intent] = np.exp(change)
    assert odds[CONTINUE] > 100 and odds[DISCOVER] < 0.5


def test_without_anything_to_go_on_with_or_to_see_again_a_session_discovers():
    legal = legal_for(small_world(), TrueMembers._make(c[[PROFILE]] for c in ten_accounts()), DAY)[
        0
    ]
    mine, other = np.flatnonzero(legal)[0], np.flatnonzero(~legal)[0]
    for wish, status in ((CONTINUE, IN_PROGRESS), (REWATCH, FINISHED)):
        assert _possible_intent(context_of(memory_of((mine, 1, status))), wish) == wish
        assert _possible_intent(context_of(memory_of((other, 1, status))), wish) == DISCOVER
        assert _possible_intent(context_of(memory_of((mine, 1, ABANDONED))), wish) == DISCOVER
    assert _possible_intent(context_of(), FETCH) == FETCH


def test_an_artwork_attracts_by_its_theme_and_by_how_well_it_represents_the_title():
    titles = small_world().titles
    change = simulated(a_session(), artwork=7)[0] - simulated(a_session())[0]
    change -= titles.artwork_shared[7]  # which it evokes in everybody
    liked = (
        ten_accounts().theme_likes[PROFILE, titles.artwork_theme[7]] * titles.artwork_represents[7]
    )
    assert change == pytest.approx(settings().appeal.picture * liked, abs=1e-6)


def test_expected_play_rates_are_the_mean_over_intents_of_those_of_the_mean_log_odds():
    """The mean log-odds are over dayparts, devices and persons; sessions to fetch play nothing."""
    out = np.empty(len(small_world().title_ids))
    memory = memory_of((0, 1, FINISHED), (7, 2, IN_PROGRESS), (9, 40, ABANDONED))
    _fill_expected(context_of(memory), PROFILE, out)
    m, mean = ten_accounts(), np.zeros(len(out))
    of = with_terms("appeal", mood=0.0)
    kind = settings().intents.children if m.kids[PROFILE] else settings().intents.grown_ups
    for name in ("continue", "discover", "rewatch"):
        intent = _possible_intent(context_of(memory), INTENTS.index(name))
        appeal = np.zeros(len(out))
        for device in range(3):
            for daypart in range(4):
                for person, share in enumerate((1 - m.shared[PROFILE], m.shared[PROFILE])):
                    s = a_session(device, daypart, person=person, intent=intent)
                    weight = m.devices[PROFILE, device] * m.dayparts[PROFILE, daypart] * share
                    appeal += weight * simulated(s, memory, of=of)
        mean += kind[name] / (1 + np.exp(-appeal))
    assert out == pytest.approx(mean, abs=1e-5)
