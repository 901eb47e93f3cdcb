"""What a profile remembers of titles: how far it came with each, when, and how that ended."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.compiled import inner_njit

BEGUN, FINISHED, ABANDONED = 1, 2, 3
ENTRY = np.dtype(
    [
        ("title", np.int32),
        ("share", np.float32),  # watched of the film, or of the current episode, 0..1
        ("episode", np.int32),  # the current one, from 0
        ("last_day", np.int32),
        ("status", np.int32),  # BEGUN, FINISHED or ABANDONED
        ("plays", np.int32),  # play events
    ]
)


class States(NamedTuple):
    """Memories of n profiles as one list; entries of profile p are first[p]:first[p + 1], in order of first play."""

    first: NDArray[np.int64]  # (n + 1,)
    entries: NDArray[Any]  # (e,) of ENTRY


class Memory(NamedTuple):
    """One profile's memory while it lives a day: its entries, and where each title stands among them."""

    slot: NDArray[np.int32]  # (t,) -1 for a title never played
    entries: NDArray[Any]  # (t,) of ENTRY
    size: NDArray[np.int64]  # (1,)


def memory(titles: int) -> Memory:
    """An empty memory for a catalogue of so many titles."""
    return Memory(np.full(titles, -1, np.int32), np.zeros(titles, ENTRY), np.zeros(1, np.int64))


def nothing(profiles: int) -> States:
    """The states of so many profiles that never played anything."""
    return States(np.zeros(profiles + 1, np.int64), np.zeros(0, ENTRY))


@inner_njit()
def recall(memory, states, profile):  # type: ignore[no-untyped-def]
    """Replace what is in `memory` by what `states` hold of the profile."""
    for place in range(memory.size[0]):
        memory.slot[memory.entries[place].title] = -1
    first, last = states.first[profile], states.first[profile + 1]
    memory.size[0] = last - first
    for entry in range(first, last):
        memory.entries[entry - first] = states.entries[entry]
        memory.slot[states.entries[entry].title] = entry - first


@inner_njit()
def place_of(memory, title):  # type: ignore[no-untyped-def]
    """Where the title stands in memory; a new one is appended, not begun and never played."""
    if memory.slot[title] < 0:
        place = memory.size[0]
        memory.slot[title] = place
        entry = memory.entries[place]
        entry.title, entry.share, entry.episode, entry.last_day, entry.status, entry.plays = (
            title,
            0.0,
            0,
            0,
            0,
            0,
        )
        memory.size[0] += 1
    return memory.slot[title]


@inner_njit()
def store(memory, states, profile, size):  # type: ignore[no-untyped-def]
    """Append the memory to `states`, of which `size` entries are used; the new size, which may be more than has room.

    Beyond the room nothing is written: the caller sees the size and comes again with more.
    """
    for place in range(min(memory.size[0], len(states.entries) - size)):
        states.entries[size + place] = memory.entries[place]
    states.first[profile + 1] = size + memory.size[0]
    return size + memory.size[0]
