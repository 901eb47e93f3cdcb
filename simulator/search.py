"""What is found without the page: something begun before, or the best for one's taste of what comes to mind."""

import numpy as np

from simulator.compiled import inner_njit
from simulator.draws import SEARCH
from simulator.keyed_draws import chance
from simulator.memory import BEGUN
from simulator.parameters import legal
from simulator.utility import affinity

_HEARD = 1 << 20  # keys of titles heard of lie above it, keys of titles weighed below 0


@inner_njit()
def find(laws, shelf, people, memory, mind, s, bout):  # type: ignore[no-untyped-def]
    """The title that a search in round `bout` of the session is for, -1 where nothing comes to mind."""
    if chance(mind.streams[SEARCH], s.number, bout) < laws.search_resume:
        begun = _newest_begun(shelf, people, memory, s)
        if begun >= 0:
            return begun
    return _come_to_mind(laws, shelf, people, memory, mind, s, bout)


@inner_njit()
def _newest_begun(shelf, people, memory, s):  # type: ignore[no-untyped-def]
    """Of the titles begun, neither finished nor abandoned and still there, the one watched last; -1 for none."""
    found, last = -1, np.int64(-(2**40))
    for place in range(memory.size[0]):
        title, day = memory.entries[place].title, np.int64(memory.entries[place].last_day)
        if (
            memory.entries[place].status == BEGUN
            and day >= last
            and legal(shelf, people, s.profile, s.today, title)
        ):
            found, last = title, day
    return found


@inner_njit()
def _come_to_mind(laws, shelf, people, memory, mind, s, bout):  # type: ignore[no-untyped-def]
    """One of `heard_of` titles by softmax(choosiness * affinity), drawn as the largest sum with a Gumbel noise."""
    heard = shelf.heard[s.today, people.each[s.profile].country]
    if heard[-1] <= 0:
        return -1
    best, found = -np.inf, -1
    for draw in range(laws.heard_of):
        x = chance(mind.streams[SEARCH], s.number, _HEARD + bout * _HEARD + draw)
        title = min(np.searchsorted(heard, x * heard[-1], side="right"), len(heard) - 1)
        if memory.slot[title] >= 0 or not legal(shelf, people, s.profile, s.today, title):
            continue
        noise = -np.log(-np.log(chance(mind.streams[SEARCH], s.number, -1 - title) + 1e-300))
        wanted = laws.choosiness * affinity(mind, shelf, s.person, title) + noise
        if wanted > best:
            best, found = wanted, title
    return found
