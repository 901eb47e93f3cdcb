"""How a page is looked at, by one of two laws; each world has one.

`cascade`: from the top, the next row is reached with probability `down`, the next cell of a row
with `right`, and the first title that is played ends it (Craswell, Zoeter, Taylor and Ramsey, An
experimental comparison of click position-bias models, WSDM 2008, in two dimensions). A swipe brings
a screen of the row into view, which is entered anywhere rather than at the left; whoever likes what
it shows goes on in the row.

`position`: each cell in view is looked at or not whatever else there is (the position-based model
of Richardson, Dominowska and Ragno, WWW 2007), and of the titles wanted any one is played.
"""

import numpy as np

from conf.days import WHOLE_DAY_S
from simulator.arrays import I32, BrowsingParameters, Context, PageArrays, Session, SessionLog
from simulator.compiled import inner_njit
from simulator.draws import BROWSING, CHOICE
from simulator.keyed_draws import keyed_uniform
from simulator.parameters import is_playable
from simulator.utility import log_odds, sigmoid
from simulator.watching import CELLS_IN_VIEW, ILLEGAL_IN_VIEW, LEAST_SECONDS, TITLES_LOOKED_AT

_SPAN = 1 << 14  # rows and cells of a page share one key
_MOST_COLUMNS = 40  # of a row, beyond which nobody looks by the law `position`
# First keys of draws, beside -1 and the session's number itself.
_ENTERS_LEFT, _ENTERS, _ORDER, _DEPTH = -100, -200, -300, -400


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
def look_probability(
    browsing: BrowsingParameters, device: int, patience: float, row: int, column: int
) -> float:
    """How likely a cell is looked at where no row is skipped and no title suits the mood.

    A cell of a screen further right is reached over all cells of those before it; within it, it is
    the next one that is looked at with as many steps to the right as lie between it and the cell at
    which the screen was entered.
    """
    down = with_patience(browsing.down[device], patience)
    right = with_patience(browsing.right[device], patience)
    if browsing.by_position:
        return down**row * right**column
    width = browsing.screen_columns[device]
    screen, place = column // width, column % width
    within = right**place
    if screen > 0:
        anywhere = (1.0 - right**width) / (1.0 - right) / width if right < 1.0 else 1.0
        within = browsing.enters_left * within + (1.0 - browsing.enters_left) * anywhere
    swipe = with_patience(browsing.swipe[device], patience)
    return down**row * (right ** (width - 1) * swipe) ** screen * within


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

    `clock` is the second of the day at which the look begins.
    """
    if context.parameters.browsing.by_position:
        return _browse_by_position(context, pages, log, session, clock, round_number)
    return _browse_in_cascade(context, pages, log, session, clock, round_number)


@inner_njit()
def _browse_in_cascade(
    context: Context,
    pages: PageArrays,
    log: SessionLog,
    session: Session,
    clock: int,
    round_number: int,
) -> tuple[int, int]:
    """A look by the law `cascade`: rows from the top until one has what is played."""
    browsing, start = context.parameters.browsing, context.scratch.stream_starts[BROWSING]
    patience = context.members.records[session.profile].patience
    down = with_patience(browsing.down[session.device], patience)
    top = pages.row_first[session.profile]
    for row in range(top, pages.row_first[session.profile + 1]):
        key = (round_number * _SPAN + row - top) * _SPAN
        if row > top and keyed_uniform(start, session.number, key) >= down:
            break
        if clock >= session.ends - LEAST_SECONDS:
            break
        first, last = pages.cell_first[row], pages.cell_first[row + 1]
        view_end = min(first + browsing.screen_columns[session.device], last)
        _add_impressions(context, pages, log, session, clock, first, view_end)
        clock += 1
        if first == last or _skips_row(context, session, pages.title[first:view_end], key):
            continue
        cell, clock = _look_along_row(context, pages, log, session, clock, row, key)
        if cell >= 0:
            return cell, clock
    return -1, clock


@inner_njit()
def _look_along_row(
    context: Context,
    pages: PageArrays,
    log: SessionLog,
    session: Session,
    clock: int,
    row: int,
    key: int,
) -> tuple[int, int]:
    """The cell of a row that is played (-1 for none) and the second after it.

    Within a screen looks go to the right from where it was entered, and from its end on to what was
    left out at its beginning. The odds of going on are `interest` times as high after a title that
    suits the mood.
    """
    browsing, start = context.parameters.browsing, context.scratch.stream_starts[BROWSING]
    patience = context.members.records[session.profile].patience
    right = with_patience(browsing.right[session.device], patience)
    swipe = with_patience(browsing.swipe[session.device], patience)
    first, last = pages.cell_first[row], pages.cell_first[row + 1]
    columns = browsing.screen_columns[session.device]
    for screen_first in range(first, last, columns):
        screen_key = key + screen_first - first
        width = min(columns, last - screen_first)
        entered = 0
        if screen_first > first:
            if keyed_uniform(start, session.number, screen_key) >= swipe:
                break
            _add_impressions(
                context, pages, log, session, clock, screen_first, screen_first + width
            )
            if (
                keyed_uniform(start, _ENTERS_LEFT - session.number, screen_key)
                >= browsing.enters_left
            ):
                entered = int(width * keyed_uniform(start, _ENTERS - session.number, screen_key))
        going_on = right
        for step in range(width):
            if step > 0 and keyed_uniform(start, session.number, screen_key + step) >= going_on:
                return -1, clock
            cell = screen_first + (entered + step) % width
            clock += browsing.title_seconds
            if _looks_and_plays(context, pages, log, session, cell):
                return cell, clock
            suits = context.catalogue.genre_vectors[pages.title[cell], session.mood] > 0
            going_on = with_patience(right, browsing.interest) if suits else right
    return -1, clock


@inner_njit()
def _browse_by_position(
    context: Context,
    pages: PageArrays,
    log: SessionLog,
    session: Session,
    clock: int,
    round_number: int,
) -> tuple[int, int]:
    """A look by the law `position`: any one of the titles that are looked at and wanted.

    The page is scrolled to row r with probability down^r, in one draw for all rows.
    """
    browsing, start = context.parameters.browsing, context.scratch.stream_starts[BROWSING]
    patience = context.members.records[session.profile].patience
    down = with_patience(browsing.down[session.device], patience)
    depth = keyed_uniform(start, _DEPTH - session.number, round_number)
    top, chosen, least = pages.row_first[session.profile], -1, 2.0
    for row in range(top, pages.row_first[session.profile + 1]):
        if depth >= down ** (row - top) or clock >= session.ends - LEAST_SECONDS:
            break
        key = (round_number * _SPAN + row - top) * _SPAN
        first, last = pages.cell_first[row], pages.cell_first[row + 1]
        seen = first + browsing.screen_columns[session.device]
        for cell in range(first, min(last, first + _MOST_COLUMNS)):
            if _is_looked_at(context, session, cell - first, key):
                seen = max(seen, cell + 1)
        seen = min(seen, last)
        _add_impressions(context, pages, log, session, clock, first, seen)
        clock += 1
        for cell in range(first, seen):
            if not _is_looked_at(context, session, cell - first, key):
                continue
            clock += browsing.title_seconds
            if _looks_and_plays(context, pages, log, session, cell):
                choice = context.scratch.stream_starts[CHOICE]
                order = keyed_uniform(choice, _ORDER - session.number, pages.title[cell])
                if order < least:
                    chosen, least = cell, order
    return chosen, clock


@inner_njit()
def _is_looked_at(context: Context, session: Session, column: int, row_key: int) -> bool:
    """Whether the cell in a column of a row in view is looked at by the law `position`."""
    browsing, start = context.parameters.browsing, context.scratch.stream_starts[BROWSING]
    patience = context.members.records[session.profile].patience
    right = with_patience(browsing.right[session.device], patience)
    return keyed_uniform(start, session.number, row_key + column) < right**column


@inner_njit()
def _looks_and_plays(
    context: Context, pages: PageArrays, log: SessionLog, session: Session, cell: int
) -> bool:
    """Whether a cell that is looked at is played; a title is judged once in a session."""
    scratch, title = context.scratch, pages.title[cell]
    if scratch.last_session[title] == scratch.session_count[0]:
        return False
    scratch.last_session[title] = scratch.session_count[0]
    log.measures[session.profile, TITLES_LOOKED_AT] += 1
    _mark_look(log, cell)
    return _plays(context, session, title, pages.artwork[cell])


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
        _add_impressions(context, pages, log, session, clock, first, view_end)
        for cell in range(first, view_end):
            if pages.title[cell] == title and cell_of_title < 0:
                cell_of_title = cell
        clock += 1
    return cell_of_title, clock


@inner_njit()
def _add_impressions(
    context: Context,
    pages: PageArrays,
    log: SessionLog,
    session: Session,
    clock: int,
    first: int,
    last: int,
) -> None:
    """Count and log the cells first:last, which came into view together."""
    for cell in range(first, last):
        _add_impression(context, pages, log, session, clock, cell)


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
