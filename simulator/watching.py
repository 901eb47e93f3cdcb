"""What happens after a title is chosen: how far it is watched, what follows, stars and thumbs."""

from typing import NamedTuple

from conf.days import WHOLE_DAY_S
from simulator.arrays import (
    ABANDONED,
    FINISHED,
    IN_PROGRESS,
    Context,
    PageArrays,
    Session,
    SessionLog,
)
from simulator.compiled import inner_njit
from simulator.draws import FEEDBACK
from simulator.draws import WATCHING as WATCHING_STREAM
from simulator.keyed_draws import keyed_normal, keyed_uniform
from simulator.memory import entry_index
from simulator.returns import add_found
from simulator.utility import enjoyment, sigmoid

PLAY, RATING, THUMB, SEARCH = 0, 1, 2, 3
KINDS = ("play", "rating", "thumb", "search")
# Columns of `SessionLog.events`: SECOND counts from midnight UTC of day 0; WATCHED and DURATION
# are seconds; EPISODE is -1 for a film, CELL is -1 off the page.
PROFILE, TITLE, SECOND, KIND, VALUE, WATCHED, DURATION, EPISODE, DEVICE, CELL = range(10)
# Columns of `SessionLog.measures`, and their names in a record.
MEASURES = (
    "sessions",
    "taken",  # sessions with a play from the page
    "page_plays",
    "search_plays",
    "quality_plays",
    "seconds",  # watched
    "page_seconds",  # watched in plays from the page
    "seen",  # cells in view
    "illegal_seen",  # cells in view with a title that the profile cannot play
    "looked",  # titles looked at, each once in a session
    "playless",  # sessions in which nothing was played
    "new_plays",  # of page_plays: titles never played before nor come for, within two screens
    "young_plays",  # of new_plays: titles in their first days of conf's `exploration.days`
    "fetches",  # sessions that came for one title
    "fetch_seconds",  # watched of titles that sessions came for
)
SESSIONS, SESSIONS_WITH_PAGE_PLAY, PAGE_PLAYS, SEARCH_PLAYS, QUALITY_PLAYS = range(5)
WATCHED_SECONDS, PAGE_SECONDS, CELLS_IN_VIEW, ILLEGAL_IN_VIEW = range(5, 9)
TITLES_LOOKED_AT, SESSIONS_WITHOUT_PLAY, NEW_PLAYS, YOUNG_PLAYS = range(9, 13)
FETCHES, FETCH_SECONDS = range(13, 15)
NEAR_SCREENS = 2  # of a page: what lies within them is reached with one step down or to the right
LEAST_SECONDS = 60  # that have to be left of a session for anything more to begin
_MOST_SITTINGS = 1 << 12  # more than fit into a session: titles and episodes share one key


class Event(NamedTuple):
    """One event of a session, as the columns of `SessionLog.events` name its fields."""

    kind: int
    title: int
    value: int = 0
    watched: int = -1
    duration: int = -1
    episode: int = -1
    cell: int = -1


@inner_njit()
def add_event(log: SessionLog, session: Session, clock: int, event: Event) -> None:
    """Write one event at second `clock` of the session's day."""
    if not log.keeps_records:
        return
    if log.used[0] < len(log.events):
        record = log.events[log.used[0]]
        record[PROFILE] = session.profile
        record[TITLE] = event.title
        record[SECOND] = session.day * WHOLE_DAY_S + clock
        record[KIND] = event.kind
        record[VALUE] = event.value
        record[WATCHED] = event.watched
        record[DURATION] = event.duration
        record[EPISODE] = event.episode
        record[DEVICE] = session.device
        record[CELL] = event.cell
    log.used[0] += 1


@inner_njit()
def add_page_play(log: SessionLog, profile: int, title: int) -> None:
    """Write that the profile played the title from the page."""
    row = log.used[2]
    if row < len(log.page_plays):
        log.page_plays[row, 0] = profile
        log.page_plays[row, 1] = title
    log.used[2] += 1


@inner_njit()
def is_near_discovery(
    context: Context, pages: PageArrays, session: Session, cell: int, row: int
) -> bool:
    """Whether a play from the cell of the row is a discovery near the top of the page.

    The profile never played the title before, and no more than one screen, down or to the right,
    lies between the cell and the first screen.
    """
    browsing, memory = context.parameters.browsing, context.memory
    index = memory.entry_of_title[pages.title[cell]]
    if index >= 0 and memory.entries[index].plays > 0:
        return False
    down = (row - pages.row_first[session.profile]) // browsing.screen_rows[session.device]
    right = (cell - pages.cell_first[row]) // browsing.screen_columns[session.device]
    return down + right < NEAR_SCREENS


@inner_njit()
def watch_title(
    context: Context, log: SessionLog, session: Session, clock: int, title: int, cell: int
) -> int:
    """Play the title from second `clock` on; returns the second after it, feedback included.

    Each film or episode is finished with probability sigmoid(slope * (stars - finish_at)), else
    left after a Beta(1, stop) share of what remained; the end of the session cuts either. After a
    finished episode that was liked the next one follows with `next_episode`. What was left by
    choice before `abandon_below` of it is abandoned. `cell` is that of the page, -1 off it.
    """
    memory, watching = context.memory, context.parameters.watching
    start = context.scratch.stream_starts[WATCHING_STREAM]
    is_fresh = memory.entry_of_title[title] < 0
    entry = memory.entries[entry_index(memory, title)]
    if entry.status == FINISHED:
        entry.episode = 0
        entry.share = 0.0
    noise = keyed_normal(start, session.number, title)
    stars = enjoyment(context, session.profile, session.person, title, noise)
    began = clock
    is_quality_play = False
    for sitting in range(_MOST_SITTINGS):
        key = title * _MOST_SITTINGS + sitting
        goal = _leaving_share(context, session, key, stars, entry.share)
        clock, share = _watch_once(context, log, session, clock, title, goal, cell)
        is_quality_play = is_quality_play or share >= context.parameters.quality_play
        if not _finishes_episode(context, title, goal, share):
            break
        if stars < watching.finish_at:
            break
        if keyed_uniform(start, -200 - session.number, key) >= watching.next_episode:
            break
        if session.ends - clock < LEAST_SECONDS:
            break
    measures = log.measures[session.profile]
    measures[SEARCH_PLAYS if cell < 0 else PAGE_PLAYS] += 1
    measures[QUALITY_PLAYS] += is_quality_play
    if is_quality_play:
        add_found(context, is_fresh)
    measures[WATCHED_SECONDS] += clock - began
    measures[PAGE_SECONDS] += clock - began if cell >= 0 else 0
    return _add_feedback(context, log, session, clock, title, stars)


@inner_njit()
def _leaving_share(
    context: Context, session: Session, key: int, stars: float, share: float
) -> float:
    """The share of the film or episode at which it is left if time allows; 1 for its end."""
    watching, start = context.parameters.watching, context.scratch.stream_starts[WATCHING_STREAM]
    finish_probability = sigmoid(watching.slope * (stars - watching.finish_at))
    if keyed_uniform(start, -1 - session.number, key) < finish_probability:
        return 1.0
    x = keyed_uniform(start, -100 - session.number, key)
    return share + (1.0 - share) * (1.0 - (1.0 - x) ** (1.0 / watching.stop))


@inner_njit()
def _watch_once(
    context: Context,
    log: SessionLog,
    session: Session,
    clock: int,
    title: int,
    goal: float,
    cell: int,
) -> tuple[int, float]:
    """Watch up to the share `goal` or the end of the session, and write the play.

    Returns the second after it and the share reached.
    """
    entry = context.memory.entries[context.memory.entry_of_title[title]]
    record = context.catalogue.titles[title]
    share = min(goal, entry.share + (session.ends - clock) / record.seconds)
    watched = max(1, int((share - entry.share) * record.seconds))
    episode = entry.episode if record.episodes > 1 else -1
    add_event(log, session, clock, Event(PLAY, title, 0, watched, record.seconds, episode, cell))
    entry.share = share
    entry.last_day = session.day
    entry.plays += 1
    return clock + watched, share


@inner_njit()
def _finishes_episode(context: Context, title: int, goal: float, share: float) -> bool:
    """Set the title's status after a sitting; whether an episode was finished and more follow."""
    entry = context.memory.entries[context.memory.entry_of_title[title]]
    if share < 1.0:
        by_choice = share >= goal
        is_early = share < context.parameters.watching.abandon_below
        entry.status = ABANDONED if by_choice and is_early else IN_PROGRESS
        return False
    if entry.episode + 1 >= context.catalogue.titles[title].episodes:
        entry.status = FINISHED
        return False
    entry.episode += 1
    entry.share = 0.0
    entry.status = IN_PROGRESS
    return True


@inner_njit()
def _add_feedback(
    context: Context, log: SessionLog, session: Session, clock: int, title: int, stars: float
) -> int:
    """Write stars after a finished title and a thumb after any, each a second later.

    Returns the second after them.
    """
    parameters, start = context.parameters, context.scratch.stream_starts[FEEDBACK]
    entry = context.memory.entries[context.memory.entry_of_title[title]]
    rates = keyed_uniform(start, session.number, title) < parameters.feedback.rate_after_finish
    if entry.status == FINISHED and rates:
        clock += 1
        rating = min(5, max(1, round(stars)))
        add_event(log, session, clock, Event(RATING, title, rating, -1, -1, -1, -1))
    if keyed_uniform(start, -1 - session.number, title) < parameters.feedback.thumb:
        clock += 1
        thumb = 1 if stars >= parameters.watching.finish_at else -1
        add_event(log, session, clock, Event(THUMB, title, thumb, -1, -1, -1, -1))
    return clock + 1
