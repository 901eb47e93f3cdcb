"""How a page is looked at: rows from the top, cells from the left, each time going on with a probability.

The cascade model of Craswell, Zoeter, Taylor and Ramsey (An experimental comparison of click position-bias models,
WSDM 2008) in two dimensions, as in models of how grids of carousels are browsed: the eye reaches the next row with
`down`, the next cell of a row with `right`, and stops for good at the first title that is played.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from conf.days import WHOLE_DAY_S
from simulator.compiled import inner_njit
from simulator.draws import CHOICE, EYES
from simulator.keyed_draws import chance
from simulator.parameters import legal
from simulator.utility import appeal, sigmoid
from simulator.watching import ILLEGAL_SEEN, LOOKED, SEEN

_SPAN = 1 << 14  # rows and cells of a page share one key


class Pages(NamedTuple):
    """Pages of n profiles: rows of profile p are row_first[p]:row_first[p + 1], cells of a row likewise, in order."""

    row_first: NDArray[np.int64]  # (n + 1,)
    cell_first: NDArray[np.int64]  # (rows + 1,)
    title: NDArray[np.int32]  # (cells,)
    picture: NDArray[np.int32]  # (cells,) -1 for none


def no_pages(profiles: int) -> Pages:
    """No page for anybody."""
    empty = np.zeros(0, np.int32)
    return Pages(np.zeros(profiles + 1, np.int64), np.zeros(1, np.int64), empty, empty)


@inner_njit()
def patient(share, patience):  # type: ignore[no-untyped-def]
    """The probability whose odds are `patience` times those of `share`."""
    return patience * share / (patience * share + 1.0 - share)


@inner_njit()
def _note(log, shelf, people, pages, s, clock, cell):  # type: ignore[no-untyped-def]
    """A cell came into view, whether it is looked at or not."""
    log.measures[s.profile, SEEN] += 1
    log.measures[s.profile, ILLEGAL_SEEN] += not legal(
        shelf, people, s.profile, s.today, pages.title[cell]
    )
    if log.told:
        if log.used[1] < len(log.seen):
            out = log.seen[log.used[1]]
            out[0], out[1], out[2], out[3] = s.profile, cell, s.day * WHOLE_DAY_S + clock, s.device
        log.used[1] += 1


@inner_njit()
def _passed_over(laws, shelf, mind, pages, s, key, first, last):  # type: ignore[no-untyped-def]
    """Whether the row is skipped: `skip` times the share of its cells in view that the mood is not for."""
    fits = 0
    for cell in range(first, last):
        fits += shelf.mix[pages.title[cell], s.mood] > 0
    return chance(mind.streams[EYES], -1 - s.number, key) < laws.skip * (
        1.0 - fits / (last - first)
    )


@inner_njit()
def _plays(laws, shelf, people, pages, memory, mind, s, cell):  # type: ignore[no-untyped-def]
    """Whether the cell that is looked at is played; a title is judged once in a session."""
    title = pages.title[cell]
    if mind.judged[title] == mind.counted[0]:
        return False
    mind.judged[title] = mind.counted[0]
    if not legal(shelf, people, s.profile, s.today, title):
        return False
    wanted = appeal(laws, shelf, people, memory, mind, s, title, pages.picture[cell])
    return chance(mind.streams[CHOICE], s.number, title) < sigmoid(wanted)


@inner_njit()
def look(laws, shelf, people, pages, memory, mind, log, s, clock, bout):  # type: ignore[no-untyped-def]
    """Go over the page once, from second `clock` on; the cell that is played, -1 for none, and the clock then.

    `bout` counts the rounds of the session. A row that is reached brings a screen's width of cells into view, and the
    eye moving right brings one more each time.
    """
    down = patient(laws.down[s.device], people.each[s.profile].patience)
    right = patient(laws.right[s.device], people.each[s.profile].patience)
    top = pages.row_first[s.profile]
    for row in range(top, pages.row_first[s.profile + 1]):
        key = (bout * _SPAN + row - top) * _SPAN
        if (
            row > top and chance(mind.streams[EYES], s.number, key) >= down
        ) or clock >= s.ends - 60:
            break
        first, last = pages.cell_first[row], pages.cell_first[row + 1]
        in_view = min(first + laws.screen[s.device], last)
        for cell in range(first, in_view):
            _note(log, shelf, people, pages, s, clock, cell)
        clock += 1
        if first == last or _passed_over(laws, shelf, mind, pages, s, key, first, in_view):
            continue
        for cell in range(first, last):
            if cell > first and chance(mind.streams[EYES], s.number, key + cell - first) >= right:
                break
            if cell >= in_view:
                _note(log, shelf, people, pages, s, clock, cell)
            clock += laws.title_seconds
            log.measures[s.profile, LOOKED] += mind.judged[pages.title[cell]] != mind.counted[0]
            if _plays(laws, shelf, people, pages, memory, mind, s, cell):
                return cell, clock
    return -1, clock
