"""A profile's memory of titles: how far it came with each, when, and how that ended."""
# Tested by tests/simulator/test_watching.py.

import numpy as np

from simulator.arrays import MEMORY_ENTRY, NOT_YET, STANDING, Memory, Records, States
from simulator.compiled import inner_njit
from simulator.truth import NEVER


def empty_memory(titles: int) -> Memory:
    """An empty memory for a catalogue of so many titles."""
    entry_of_title = np.full(titles, -1, np.int32)
    entries = np.zeros(titles, MEMORY_ENTRY)
    return Memory(entry_of_title, entries, np.zeros(1, np.int64), first_standings(1))


def first_standings(profiles: int) -> Records:
    """The standings of so many profiles before their first day: as usual."""
    standings = np.zeros(profiles, STANDING)
    standings["level"], standings["day"], standings["left"] = 1.0, NOT_YET, NEVER
    return standings


def empty_states(profiles: int) -> States:
    """The states of so many profiles that never played anything."""
    first = np.zeros(profiles + 1, np.int64)
    return States(first, np.zeros(0, MEMORY_ENTRY), first_standings(profiles))


@inner_njit()
def load_memory(memory: Memory, states: States, profile: int) -> None:
    """Replace the content of `memory` by the profile's entries in `states`."""
    for index in range(memory.size[0]):
        memory.entry_of_title[memory.entries[index].title] = -1
    memory.standing[0] = states.standings[profile]
    first, last = states.first[profile], states.first[profile + 1]
    memory.size[0] = last - first
    for index in range(first, last):
        memory.entries[index - first] = states.entries[index]
        memory.entry_of_title[states.entries[index].title] = index - first


@inner_njit()
def entry_index(memory: Memory, title: int) -> int:
    """The index of the title's entry; a new title gets an entry that was never played."""
    if memory.entry_of_title[title] < 0:
        index = memory.size[0]
        memory.entry_of_title[title] = index
        entry = memory.entries[index]
        entry.title = title
        entry.share = 0.0
        entry.episode = 0
        entry.last_day = 0
        entry.status = 0
        entry.plays = 0
        memory.size[0] += 1
    return memory.entry_of_title[title]


@inner_njit()
def store_memory(memory: Memory, states: States, profile: int, size: int) -> int:
    """Append the memory to `states`, of which `size` entries are in use, and return the new size.

    Beyond the room of `states` nothing is written: the caller sees the size and allocates more.
    """
    for index in range(min(memory.size[0], len(states.entries) - size)):
        states.entries[size + index] = memory.entries[index]
    states.standings[profile] = memory.standing[0]
    states.first[profile + 1] = size + memory.size[0]
    return size + memory.size[0]
