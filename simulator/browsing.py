"""How a page is looked at: rows from the top, cells from the left, each time going on by chance.

The cascade model of Craswell, Zoeter, Taylor and Ramsey (An experimental comparison of click
position-bias models, WSDM 2008) in two dimensions, as in models of how grids of carousels are
browsed: the next row is reached with probability `down`, the next cell of a row with `right`, and
the first title that is played ends it.
"""

import numpy as np

from conf.days import WHOLE_DAY_S
from simulator.arrays import I32, Context, PageArrays, Session, SessionLog
from simulator.compiled import inner_njit
from simulator.draws import BROWSING, CHOICE
from simulator.keyed_draws import keyed_uniform
from simulator.parameters import is_playable
from simulator.utility import log_odds, sigmoid
from simulator.watching import CELLS_IN_VIEW, ILLEGAL_IN_VIEW, LEAST_SECONDS, TITLES_LOOKED_AT

_SPAN = 1 << 14  # rows and cells of a page share one key


def no_pages(profiles: int) -> PageArrays:
    """No page for any of so many profiles."""
    no_cells = np.zeros(0, np.int32)
    row_first, cell_first = np.zeros(profiles + 1, np.int64), np.zeros(1, np.int64)
    return PageArrays(row_first, cell_first, no_cells, no_cells)


@inner_njit()
def with_patience(probability: float, patience: float) -> float:
    """The probability whose odds are `patience` times those of `probability`."""
    return patience * probability / (patience * probability + 1.0 - probability)


@inner_njit()
def browse(
    context: Context,
    pages: PageArrays,
    log: SessionLog,
    session: Session,
    clock: int,
    round_number: int,
) -> tuple[int, int]:
    """The cell that is played (-1 for none) and the second after it, for one look at the page.

    A row that is reached brings a screen's width of cells into view, and each step further right
    one more. `clock` is the second of the day at which the look begins.
    """
    browsing, scratch = context.parameters.browsing, context.scratch
    start = scratch.stream_starts[BROWSING]
    patience = context.members.records[session.profile].patience
    down = with_patience(browsing.down[session.device], patience)
    right = with_patience(browsing.right[session.device], patience)
    top = pages.row_first[session.profile]
    for row in range(top, pages.row_first[session.profile + 1]):
        key = (round_number * _SPAN + row - top) * _SPAN
        if row > top and keyed_uniform(start, session.number, key) >= down:
            break
        if clock >= session.ends - LEAST_SECONDS:
            break
        first, last = pages.cell_first[row], pages.cell_first[row + 1]
        view_end = min(first + browsing.screen_columns[session.device], last)
        for cell in range(first, view_end):
            _add_impression(context, pages, log, session, clock, cell)
        clock += 1
        if first == last:
            continue
        titles_in_view = pages.title[first:view_end]
        if _skips_row(context, session, titles_in_view, key):
            continue
        for cell in range(first, last):
            step = key + cell - first
            if cell > first and keyed_uniform(start, session.number, step) >= right:
                break
            if cell >= view_end:
                _add_impression(context, pages, log, session, clock, cell)
            clock += browsing.title_seconds
            title = pages.title[cell]
            if scratch.last_session[title] == scratch.session_count[0]:
                continue
            scratch.last_session[title] = scratch.session_count[0]
            log.measures[session.profile, TITLES_LOOKED_AT] += 1
            _mark_look(log, cell)
            if _plays(context, session, title, pages.artwork[cell]):
                return cell, clock
    return -1, clock


@inner_njit()
def cell_in_first_screen(
    context: Context, pages: PageArrays, log: SessionLog, session: Session, title: int
) -> tuple[int, int]:
    """The cell of the first screen in which a title stands (-1 for none) and the second after it.

    Whoever comes for a title glances at what is in view without scrolling, and at nothing else.
    """
    browsing, clock, cell_of_title = context.parameters.browsing, session.begins, -1
    top = pages.row_first[session.profile]
    last = min(top + browsing.screen_rows[session.device], pages.row_first[session.profile + 1])
    for row in range(top, last):
        first = pages.cell_first[row]
        view_end = min(first + browsing.screen_columns[session.device], pages.cell_first[row + 1])
        for cell in range(first, view_end):
            _add_impression(context, pages, log, session, clock, cell)
            if pages.title[cell] == title and cell_of_title < 0:
                cell_of_title = cell
        clock += 1
    return cell_of_title, clock


@inner_njit()
def _add_impression(
    context: Context,
    pages: PageArrays,
    log: SessionLog,
    session: Session,
    clock: int,
    cell: int,
) -> None:
    """Count and log a cell that came into view, whether it is looked at or not."""
    playable = is_playable(context, session.profile, session.day_index, pages.title[cell])
    log.measures[session.profile, CELLS_IN_VIEW] += 1
    log.measures[session.profile, ILLEGAL_IN_VIEW] += not playable
    if not log.keeps_records:
        return
    if log.used[1] < len(log.impressions):
        record = log.impressions[log.used[1]]
        record[0] = session.profile
        record[1] = cell
        record[2] = session.day * WHOLE_DAY_S + clock
        record[3] = session.device
        record[4] = 0
    log.used[1] += 1


@inner_njit()
def _mark_look(log: SessionLog, cell: int) -> None:
    """Mark the newest impression of a cell as looked at for the first time in the session."""
    for row in range(min(log.used[1], len(log.impressions)) - 1, -1, -1):
        if log.impressions[row, 1] == cell:
            log.impressions[row, 4] = 1
            return


@inner_njit()
def _skips_row(context: Context, session: Session, titles: I32, key: int) -> bool:
    """Whether a row is skipped: `skip` times the share of its titles that do not suit the mood."""
    suitable = 0
    for title in titles:
        suitable += context.catalogue.genre_vectors[title, session.mood] > 0
    start = context.scratch.stream_starts[BROWSING]
    probability = context.parameters.browsing.skip * (1.0 - suitable / len(titles))
    return keyed_uniform(start, -1 - session.number, key) < probability


@inner_njit()
def _plays(context: Context, session: Session, title: int, artwork: int) -> bool:
    """Whether a title that is looked at for the first time in the session is played."""
    if not is_playable(context, session.profile, session.day_index, title):
        return False
    probability = sigmoid(log_odds(context, session, title, artwork))
    start = context.scratch.stream_starts[CHOICE]
    return keyed_uniform(start, session.number, title) < probability
