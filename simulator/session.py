"""One day of one profile: when it comes, as whom and in what mood, and what each session then does.

All of that is drawn by profile, day, session and title, never in the order things happen: the same sessions meet every
page that is compared.
"""

import numpy as np

from conf.days import WHOLE_DAY_S
from simulator.browsing import look
from simulator.compiled import inner_njit
from simulator.draws import LUCK, SESSIONS, stream
from simulator.keyed_draws import bell, by_weight, chance, poisson
from simulator.search import find
from simulator.utility import lean, turn
from simulator.watching import PLAYLESS, SEARCHED, TAKEN, Session, add_event, add_taken, watch
from simulator.watching import SESSIONS as MET

_APART = 1800  # s; sessions of a profile begin so far apart
_LENGTH_SPREAD = 0.5  # of the log-normal over sessions
_WHEN, _PART, _DEVICE, _WHO, _MOOD, _LENGTH, _AGAIN, _FINDS, _COUNT = 0, 1, 2, 3, 4, 5, 6, 7, 8
_BOUTS = 12  # rounds of a session at most


@inner_njit()
def live(laws, shelf, people, pages, memory, mind, log, profile, today):  # type: ignore[no-untyped-def]
    """Live day `today` of the shelf: changes `memory`, writes `log`. No life before joining nor after leaving."""
    day = shelf.first_day + today
    if day < people.each[profile].joined or day >= people.each[profile].left:
        return
    for purpose in range(len(mind.streams)):
        seed = laws.seed if purpose == SESSIONS else laws.seed + LUCK * laws.luck
        mind.streams[purpose] = stream(seed, people.each[profile].index, day, purpose)
    count = _arrivals(laws, shelf, people, mind, profile, today)
    if count:
        turn(mind, people, profile, day, laws.drift_days)
    for number in range(count):
        if mind.starts[number] < shelf.begins[0] or mind.starts[number] >= shelf.begins[1]:
            continue
        s = _session(laws, shelf, people, mind, profile, today, number, count)
        _sit_down(laws, shelf, people, pages, memory, mind, log, s)


@inner_njit()
def _arrivals(laws, shelf, people, mind, profile, today):  # type: ignore[no-untyped-def]
    """The number of sessions, Poisson; fills `mind.starts` with when they begin, in order and at least _APART."""
    start = mind.streams[SESSIONS]
    mean = people.each[profile].sessions * (
        people.each[profile].weekend if shelf.weekend[today] else 1.0
    )
    count = poisson(chance(start, -1, _COUNT), mean, laws.most)
    for number in range(count):
        part = _daypart(people, start, profile, number)
        begins, ends = laws.daypart_begins[part], laws.daypart_begins[part + 1]
        local = begins + (ends - begins) * chance(start, number, _WHEN)
        hour = (local - laws.utc_hours[people.each[profile].country]) % 24.0
        _insert(mind.starts, number, int(3600 * hour))
    for number in range(count):
        earliest = mind.starts[number - 1] + _APART if number else 0
        latest = WHOLE_DAY_S - (count - number) * _APART
        mind.starts[number] = min(max(mind.starts[number], earliest), latest)
    return count


@inner_njit()
def _insert(starts, count, second):  # type: ignore[no-untyped-def]
    """Put `second` among the first `count` entries, which are in order."""
    place = count
    while place and starts[place - 1] > second:
        starts[place] = starts[place - 1]
        place -= 1
    starts[place] = second


@inner_njit()
def _daypart(people, start, profile, number):  # type: ignore[no-untyped-def]
    return by_weight(chance(start, number, _PART), people.each[profile].dayparts)


@inner_njit()
def _session(laws, shelf, people, mind, profile, today, number, count):  # type: ignore[no-untyped-def]
    """Who sits down at the session's start, where, in which mood (softmax of genre likes) and until when."""
    start, starts = mind.streams[SESSIONS], mind.starts[number]
    hour = (starts / 3600.0 + laws.utc_hours[people.each[profile].country]) % 24.0
    daypart = np.searchsorted(laws.daypart_begins, hour, side="right") - 1
    minutes = laws.minutes * np.exp(
        _LENGTH_SPREAD * bell(start, number, _LENGTH) - _LENGTH_SPREAD**2 / 2
    )
    until = mind.starts[number + 1] if number + 1 < count else WHOLE_DAY_S
    return Session(
        profile,
        shelf.first_day + today,
        today,
        number,
        1 if chance(start, number, _WHO) < people.each[profile].shared else 0,
        by_weight(chance(start, number, _DEVICE), people.each[profile].devices),
        daypart,
        by_weight(chance(start, number, _MOOD), np.exp(mind.likes)),
        starts,
        min(starts + max(600, int(60 * minutes)), until - 60),
    )


@inner_njit()
def _sit_down(laws, shelf, people, pages, memory, mind, log, s):  # type: ignore[no-untyped-def]
    """Rounds of finding and watching, each after the first with `again`, until nothing is found or time is up."""
    mind.counted[0] += 1
    log.measures[s.profile, MET] += 1
    clock, taken = s.starts, False
    has_page = pages.row_first[s.profile + 1] > pages.row_first[s.profile]
    for bout in range(_BOUTS):
        cell, title = -1, -1
        lean(mind, laws, shelf, memory, s.day, s.daypart)
        if has_page:
            cell, clock = look(laws, shelf, people, pages, memory, mind, log, s, clock, bout)
        if cell >= 0:
            title, taken = pages.title[cell], True
            add_taken(log, s.profile, title)
        elif not taken and _turns_to_search(laws, mind, s, has_page, bout):
            title = find(laws, shelf, people, memory, mind, s, bout)
            if title >= 0:
                add_event(log, s, clock, SEARCHED, title, 0, -1, -1, -1, -1)
                clock += 1
        if title < 0:
            log.measures[s.profile, PLAYLESS] += bout == 0
            break
        clock = watch(laws, shelf, people, memory, mind, log, s, clock, title, cell)
        if (
            s.ends - clock < 60
            or chance(mind.streams[SESSIONS], -2 - s.number, _AGAIN + 16 * bout) >= laws.again
        ):
            break
    log.measures[s.profile, TAKEN] += taken


@inner_njit()
def _turns_to_search(laws, mind, s, has_page, bout):  # type: ignore[no-untyped-def]
    """Whether a session that took nothing from a page searches; without pages the rounds after the first always do."""
    share = laws.without_play if has_page else laws.past_play if bout == 0 else 1.0
    return chance(mind.streams[SESSIONS], s.number, _FINDS + 16 * bout) < share
