"""What a profile remembers of titles: how far it came with each, when, and how that ended."""

from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

I32 = NDArray[np.int32]
BEGUN, FINISHED, ABANDONED = 1, 2, 3


class States(NamedTuple):
    """Memories of n profiles as flat lists; entries of profile p are first[p]:first[p + 1], oldest title first."""

    first: NDArray[np.int64]  # (n + 1,)
    title: I32
    share: NDArray[np.float32]  # of the film, or of the current episode, 0..1
    episode: I32  # the current one, from 0
    last_day: I32
    status: I32  # BEGUN, FINISHED or ABANDONED
    plays: I32  # play events


class Memory(NamedTuple):
    """One profile's memory while it lives a day: lists as in `States`, and where each title stands in them."""

    slot: I32  # (t,) -1 for a title never played
    title: I32  # (t,) as all below
    share: NDArray[np.float32]
    episode: I32
    last_day: I32
    status: I32
    plays: I32
    size: NDArray[np.int64]  # (1,)


def memory(titles: int) -> Memory:
    """An empty memory for a catalogue of so many titles."""
    lists = [np.zeros(titles, np.int32) for _ in range(5)]
    share = np.zeros(titles, np.float32)
    return Memory(np.full(titles, -1, np.int32), lists[0], share, *lists[1:], np.zeros(1, np.int64))


def nothing(profiles: int) -> States:
    """The states of so many profiles that never played anything."""
    empty = np.zeros(0, np.int32)
    return States(np.zeros(profiles + 1, np.int64), empty, np.zeros(0, np.float32), empty, empty, empty, empty)


@numba.njit(cache=True)
def recall(memory, states, profile):  # type: ignore[no-untyped-def]
    """Replace what is in `memory` by what `states` hold of the profile."""
    for place in range(memory.size[0]):
        memory.slot[memory.title[place]] = -1
    memory.size[0] = 0
    for entry in range(states.first[profile], states.first[profile + 1]):
        place = place_of(memory, states.title[entry])
        memory.share[place] = states.share[entry]
        memory.episode[place] = states.episode[entry]
        memory.last_day[place] = states.last_day[entry]
        memory.status[place] = states.status[entry]
        memory.plays[place] = states.plays[entry]


@numba.njit(cache=True)
def place_of(memory, title):  # type: ignore[no-untyped-def]
    """Where the title stands in memory; a new one is appended, not begun and never played."""
    if memory.slot[title] < 0:
        place = memory.size[0]
        memory.slot[title], memory.title[place] = place, title
        memory.share[place], memory.episode[place], memory.last_day[place] = 0.0, 0, 0
        memory.status[place], memory.plays[place] = 0, 0
        memory.size[0] += 1
    return memory.slot[title]


@numba.njit(cache=True)
def store(memory, states, profile, size):  # type: ignore[no-untyped-def]
    """Append the memory to `states`, of which `size` entries are used; the new size, which may be more than has room.

    Beyond the room nothing is written: the caller sees the size and comes again with more.
    """
    for place in range(memory.size[0]):
        entry = size + place
        if entry < len(states.title):
            states.title[entry], states.share[entry] = memory.title[place], memory.share[place]
            states.episode[entry], states.last_day[entry] = memory.episode[place], memory.last_day[place]
            states.status[entry], states.plays[entry] = memory.status[place], memory.plays[place]
    states.first[profile + 1] = size + memory.size[0]
    return size + memory.size[0]
