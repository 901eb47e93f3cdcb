from functools import cache

import numba
import numpy as np
import pytest

from conf.world import WorldSettings
from simulator.members import members
from simulator.memory import ABANDONED, BEGUN, FINISHED, memory
from simulator.parameters import laws, people, shelf
from simulator.utility import appeal, expected_appeal, lean, mind, turn
from simulator.watching import Session
from tests.simulator.small import small_world
from tests.simulator.worlds import settings, with_terms

DAY, PROFILE = 40, 3


@numba.njit
def _log_odds(laws, shelf, people, memory, mind, s, picture, out):
    turn(mind, people, s.profile, s.day, laws.drift_days)
    lean(mind, laws, shelf, memory, s.day, s.daypart)
    for title in range(len(out)):
        out[title] = appeal(laws, shelf, people, memory, mind, s, title, picture)


@numba.njit
def _expected(laws, shelf, people, memory, mind, profile, out):
    expected_appeal(laws, shelf, people, memory, mind, profile, 0, out)


@cache
def who():
    return members(small_world(), settings(), 0, 10)


def session(device: int = 0, daypart: int = 3, mood: int = 2, person: int = 0) -> Session:
    return Session(PROFILE, DAY, 0, 0, person, device, daypart, mood, 0, 3600)


def remembering(*played: tuple[int, int, int]):
    """A memory of titles, each with the days since it was played and how it stands."""
    found = memory(len(small_world().title_ids))
    for place, (title, days, status) in enumerate(played):
        found.entries[place] = (title, 0.5, 0, DAY - days, status, 1)
        found.slot[title] = place
    found.size[0] = len(played)
    return found


def log_odds(
    s: Session, memory=None, picture: int = -1, of: WorldSettings | None = None
) -> np.ndarray:
    of = of or settings()
    out = np.empty(len(small_world().title_ids))
    law, goods = laws(small_world(), of), shelf(small_world().titles, of, DAY, 1)
    _log_odds(law, goods, people(who()), memory or remembering(), _mind(), s, picture, out)
    return out


def _mind():
    titles = small_world().titles
    return mind(*titles.factors.shape, titles.genres.shape[1], 6)


def told(s: Session, title: int, played: dict[int, int]) -> float:
    """The formula of docs/world.md for a title not played before, slowly; `played` are days since by title."""
    a, t, m = settings().appeal, small_world().titles, who()
    mix = t.genres / np.sqrt(np.maximum(t.genres.sum(axis=1), 1))[:, None]
    age = DAY - int(t.launched[title])
    turned = 2 * np.pi * DAY / settings().tastes.drift_days
    own = (m.other_taste if s.person else m.taste)[PROFILE]
    taste = np.cos(turned) * own + np.sin(turned) * m.drift[PROFILE]
    total = a.base + a.attraction * t.attraction[title] + a.quality * t.quality[title]
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
    total += a.mood * t.genres[title, s.mood]
    return total + a.long_on_phone * (s.device == 2 and t.seconds[title] > 60 * a.long_minutes)


def test_appeal_is_the_formula_of_the_document():
    played = {0: 1, 5: 2, 9: 7}
    for s in (session(), session(device=2, daypart=1, mood=4, person=1)):
        found = log_odds(
            s, remembering(*((title, days, FINISHED) for title, days in played.items()))
        )
        for title in range(10, 60):
            assert found[title] == pytest.approx(told(s, title, played), abs=1e-5)


def test_what_suits_the_taste_better_is_played_more_readily():
    stronger = log_odds(session(), of=with_terms("appeal", taste=2.0)) - log_odds(session())
    titles, likes = small_world().titles, who().genre_likes[PROFILE]
    turned = 2 * np.pi * DAY / settings().tastes.drift_days
    taste = np.cos(turned) * who().taste[PROFILE] + np.sin(turned) * who().drift[PROFILE]
    affinity = (
        titles.factors @ taste
        + titles.genres / np.sqrt(titles.genres.sum(axis=1, keepdims=True)) @ likes
    )
    order = np.argsort(affinity)
    assert (np.diff(stronger[order]) > -1e-6).all()
    assert stronger[order[-1]] > 0 > stronger[order[0]]


def test_what_was_played_lately_makes_its_like_less_wanted_and_that_fades():
    fresh, today, last_week = (
        log_odds(session(), m)
        for m in (remembering(), remembering((0, 0, FINISHED)), remembering((0, 7, FINISHED)))
    )
    genres = small_world().titles.genres
    alike = np.flatnonzero((genres & genres[0]).any(axis=1))[1:]
    apart = np.flatnonzero(~(genres & genres[0]).any(axis=1))
    assert (today[alike] < last_week[alike]).all()
    assert (last_week[alike] < fresh[alike]).all()
    assert today[apart] == pytest.approx(fresh[apart])


@pytest.mark.parametrize(
    ("status", "term"), [(FINISHED, "watched"), (BEGUN, "resume"), (ABANDONED, "abandoned")]
)
def test_a_title_played_before_is_wanted_by_how_that_ended_and_does_not_tire_of_itself(
    status: int, term: str
):
    change = log_odds(session(), remembering((4, 1, status)))[4] - log_odds(session())[4]
    assert change == pytest.approx(getattr(settings().appeal, term))


def test_a_picture_draws_by_its_theme_and_by_how_well_it_stands_for_the_title():
    titles = small_world().titles
    change = log_odds(session(), picture=7)[0] - log_odds(session())[0]
    liked = who().theme_likes[PROFILE, titles.picture_theme[7]] * titles.picture_represents[7]
    assert change == pytest.approx(settings().appeal.picture * liked, abs=1e-6)


def test_expected_appeal_is_the_mean_over_dayparts_devices_and_persons_without_mood():
    out = np.empty(len(small_world().title_ids))
    law, goods = laws(small_world(), settings()), shelf(small_world().titles, settings(), DAY, 1)
    _expected(law, goods, people(who()), remembering((0, 1, FINISHED)), _mind(), PROFILE, out)
    m, mean = who(), np.zeros(len(out))
    of = with_terms("appeal", mood=0.0)
    for device in range(3):
        for daypart in range(4):
            for person, share in enumerate((1 - m.shared[PROFILE], m.shared[PROFILE])):
                s = session(device, daypart, person=person)
                weight = m.devices[PROFILE, device] * m.dayparts[PROFILE, daypart] * share
                mean += weight * log_odds(s, remembering((0, 1, FINISHED)), of=of)
    assert out == pytest.approx(mean, abs=1e-4)
