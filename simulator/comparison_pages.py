"""The pages that a served page is compared with, under the same rules: popular, random, and the oracle's.

A title stands once, is legal for the profile on that day, and was never played by it or can be gone on with. Rows are
plain grids; popular and random fill them in reading order, the oracle puts its best titles where the eye is most likely
to come.
"""

import numba
import numpy as np
from numpy.typing import NDArray

from conf.errors import UserMistake
from conf.world import PageShape
from simulator.browsing import Pages, patient
from simulator.compiled import inner_njit
from simulator.draws import POLICY, stream
from simulator.keyed_draws import chance
from simulator.memory import BEGUN, Memory, States, recall
from simulator.parameters import Laws, People, Shelf, legal
from simulator.truth import F32
from simulator.utility import Mind, expected_appeal

ARMS = ("popular", "random", "oracle")


def grids(
    arm: str,
    laws: Laws,
    shelf: Shelf,
    people: People,
    states: States,
    memory: Memory,
    mind: Mind,
    popular: F32,
    shape: PageShape,
) -> Pages:
    """The pages of one arm for the first day of the shelf; `popular` (countries, t) are plays that were observed."""
    if arm not in ARMS:
        raise UserMistake(
            f"no page can be made for the arm {arm!r}; choose from pipeline, {', '.join(ARMS)}"
        )
    if popular.shape != (shelf.open.shape[1], shelf.open.shape[2]):
        raise UserMistake(
            f"plays observed are {popular.shape}; give one number for each country and title"
        )
    ranked = np.argsort(-popular, axis=1, kind="stable")
    title = np.empty((len(people.each), shape.rows * shape.columns), np.int32)
    count = np.empty(len(people.each), np.int64)
    _fill(
        laws,
        shelf,
        people,
        states,
        memory,
        mind,
        ARMS.index(arm),
        ranked,
        shape.columns,
        title,
        count,
    )
    return _pages(title, count, shape.columns)


def _pages(title: NDArray[np.int32], count: NDArray[np.int64], columns: int) -> Pages:
    """Rows of `columns` cells from the first count[p] titles of each profile p."""
    rows = -(-count // columns)
    row_first = np.concatenate([[0], np.cumsum(rows)])
    cells = np.full(row_first[-1], columns)
    ends = row_first[1:][rows > 0] - 1
    cells[ends] = (count - (rows - 1) * columns)[rows > 0]
    shown = np.arange(title.shape[1]) < count[:, None]
    return Pages(
        row_first,
        np.concatenate([[0], np.cumsum(cells)]),
        title[shown],
        np.full(shown.sum(), -1, np.int32),
    )


@numba.njit(cache=True)
def _fill(laws, shelf, people, states, memory, mind, arm, ranked, columns, title, count):  # type: ignore[no-untyped-def]
    """Fill `title` (n, cells) in reading order and `count` (n,) of them."""
    most, worth = title.shape[1], np.empty(shelf.open.shape[2])
    for p in range(len(people.each)):
        recall(memory, states, p)
        if arm == 0:
            count[p] = _eligible(shelf, people, memory, p, ranked[people.each[p].country], title[p])
        elif arm == 1:
            count[p] = _shuffled(laws, shelf, people, memory, p, title[p])
        else:
            expected_appeal(laws, shelf, people, memory, mind, p, 0, worth)
            count[p] = _eligible(shelf, people, memory, p, np.argsort(-worth), title[p])
            places = np.argsort(-_reached(laws, people, p, min(count[p], most), columns))
            title[p][places] = title[p, : count[p]].copy()


@inner_njit()
def _eligible(shelf, people, memory, profile, order, out):  # type: ignore[no-untyped-def]
    """Copy to `out` the titles of `order` that may stand on the profile's page, as many as have room; their number."""
    count = 0
    for title in order:
        if count == len(out):
            break
        if _open(memory, title) and legal(shelf, people, profile, 0, title):
            out[count] = title
            count += 1
    return count


@inner_njit()
def _open(memory, title):  # type: ignore[no-untyped-def]
    """Whether there is something of the title to play: it was never begun, or it stopped before its end."""
    return memory.slot[title] < 0 or memory.entries[memory.slot[title]].status == BEGUN


@inner_njit()
def _shuffled(laws, shelf, people, memory, profile, out):  # type: ignore[no-untyped-def]
    """A random choice in random order (Fisher and Yates), by profile and day."""
    titles = np.arange(shelf.open.shape[2])
    start = stream(laws.seed, people.each[profile].index, shelf.first_day, POLICY)
    for place in range(len(titles) - 1):
        other = place + int(chance(start, 0, place) * (len(titles) - place))
        titles[place], titles[other] = titles[other], titles[place]
    return _eligible(shelf, people, memory, profile, titles, out)


@inner_njit()
def _reached(laws, people, profile, cells, columns):  # type: ignore[no-untyped-def]
    """(cells,) how likely the eye comes to each cell of the grid: down^row * right^column, mean over devices."""
    out = np.zeros(cells)
    for device in range(len(laws.down)):
        down = patient(laws.down[device], people.each[profile].patience)
        right = patient(laws.right[device], people.each[profile].patience)
        for cell in range(cells):
            out[cell] += (
                people.each[profile].devices[device]
                * down ** (cell // columns)
                * right ** (cell % columns)
            )
    return out
