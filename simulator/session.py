"""One day of one profile: when its sessions begin, whose they are, and what is done in each.

All of that is drawn by profile, day, session and title, never in the order in which it happens: the
same sessions meet every page that is compared.
"""
# Tested by tests/simulator/test_days.py.

import numpy as np

from conf.days import WHOLE_DAY_S
from simulator.arrays import (
    DISCOVER,
    FETCH,
    I64,
    Context,
    PageArrays,
    Session,
    SessionLog,
)
from simulator.browsing import browse, cell_in_first_screen
from simulator.compiled import inner_njit
from simulator.draws import REPLICATION_STRIDE, SESSIONS, stream
from simulator.keyed_draws import keyed_normal, keyed_uniform, poisson_count, weighted_index
from simulator.returns import begin_day
from simulator.search import search_title, title_in_mind
from simulator.utility import fill_genre_log_odds, fill_tastes, possible_intent
from simulator.watching import (
    FETCH_SECONDS,
    FETCHES,
    LEAST_SECONDS,
    NEW_PLAYS,
    SEARCH,
    SESSIONS_WITH_PAGE_PLAY,
    SESSIONS_WITHOUT_PLAY,
    WATCHED_SECONDS,
    YOUNG_PLAYS,
    Event,
    add_event,
    add_page_play,
    is_near_discovery,
    watch_title,
)
from simulator.watching import SESSIONS as SESSION_COUNT

_APART = 1800  # seconds at least between the beginnings of a profile's sessions
_SHORTEST = 600  # seconds
_LENGTH_SPREAD = 0.5  # of the logarithm of a session's length
_MOST_ROUNDS = 12  # of a session
# What a draw of a session is for.
_TIME, _DAYPART, _DEVICE, _PERSON, _MOOD, _LENGTH, _AGAIN, _SEARCHES, _COUNT, _INTENT = range(10)


@inner_njit()
def simulate_day(
    context: Context, pages: PageArrays, log: SessionLog, profile: int, day_index: int
) -> None:
    """Simulate a day of the profile: changes its memory and writes `log`.

    Nothing happens before it joins nor after it cancels.
    """
    member, scratch = context.members.records[profile], context.scratch
    day = context.catalogue.first_day + day_index
    if day < member.join_day or day >= member.cancel_day:
        return
    seed = context.parameters.seed
    replication_seed = seed + REPLICATION_STRIDE * context.parameters.replication
    for purpose in range(len(scratch.stream_starts)):
        purpose_seed = seed if purpose == SESSIONS else replication_seed
        scratch.stream_starts[purpose] = stream(purpose_seed, member.index, day, purpose)
    factor = begin_day(context, profile, day)
    count = _fill_session_starts(context, profile, day_index, factor)
    if count:
        fill_tastes(context, profile, day)
    earliest, latest = context.catalogue.session_window
    for number in range(count):
        if earliest <= scratch.session_starts[number] < latest:
            session = _session(context, profile, day_index, number, count)
            _simulate_session(context, pages, log, session)


@inner_njit()
def _fill_session_starts(context: Context, profile: int, day_index: int, factor: float) -> int:
    """Fill the scratch session starts, ascending and at least _APART; returns their number.

    The number is Poisson with `factor` times the profile's mean, on a weekend with its own factor.
    """
    parameters, member = context.parameters, context.members.records[profile]
    start, starts = context.scratch.stream_starts[SESSIONS], context.scratch.session_starts
    mean = (
        factor * member.sessions * (member.weekend if context.catalogue.weekend[day_index] else 1.0)
    )
    count = poisson_count(keyed_uniform(start, -1, _COUNT), mean, parameters.most_sessions)
    for number in range(count):
        daypart = weighted_index(keyed_uniform(start, number, _DAYPART), member.dayparts)
        begins, ends = parameters.daypart_hours[daypart], parameters.daypart_hours[daypart + 1]
        local_hour = begins + (ends - begins) * keyed_uniform(start, number, _TIME)
        hour = (local_hour - parameters.utc_hours[member.country]) % 24.0
        _insert(starts, number, int(3600 * hour))
    for number in range(count):
        earliest = starts[number - 1] + _APART if number else 0
        latest = WHOLE_DAY_S - (count - number) * _APART
        starts[number] = min(max(starts[number], earliest), latest)
    return count


@inner_njit()
def _insert(starts: I64, count: int, second: int) -> None:
    """Insert `second` among the first `count` entries, which are ascending."""
    index = count
    while index and starts[index - 1] > second:
        starts[index] = starts[index - 1]
        index -= 1
    starts[index] = second


@inner_njit()
def _session(context: Context, profile: int, day_index: int, number: int, count: int) -> Session:
    """The session: person, device, mood (a softmax of genre likes), intent and length."""
    parameters, member = context.parameters, context.members.records[profile]
    start, starts = context.scratch.stream_starts[SESSIONS], context.scratch.session_starts
    begins = starts[number]
    local_hour = (begins / 3600.0 + parameters.utc_hours[member.country]) % 24.0
    daypart = np.searchsorted(parameters.daypart_hours, local_hour, side="right") - 1
    # log-normal with the mean of conf
    log_length = _LENGTH_SPREAD * keyed_normal(start, number, _LENGTH) - _LENGTH_SPREAD**2 / 2
    minutes = parameters.session_minutes * np.exp(log_length)
    next_begins = starts[number + 1] if number + 1 < count else WHOLE_DAY_S
    ends = min(begins + max(_SHORTEST, int(60 * minutes)), next_begins - LEAST_SECONDS)
    person = 1 if keyed_uniform(start, number, _PERSON) < member.shared else 0
    device = weighted_index(keyed_uniform(start, number, _DEVICE), member.devices)
    mood_weights = np.exp(context.scratch.genre_likes)
    mood = weighted_index(keyed_uniform(start, number, _MOOD), mood_weights)
    intent_shares = parameters.intents[int(member.kids)]
    wish = weighted_index(keyed_uniform(start, number, _INTENT), intent_shares)
    intent = possible_intent(context, profile, day_index, wish)
    day = context.catalogue.first_day + day_index
    return Session(
        profile, day, day_index, number, person, device, daypart, mood, intent, begins, ends
    )


@inner_njit()
def _simulate_session(
    context: Context, pages: PageArrays, log: SessionLog, session: Session
) -> None:
    """Rounds of choosing and watching, each after the first with probability `again`.

    A session that comes for a title begins with it and discovers after that. Any other round
    chooses from the page, or by search in a session without a play from the page. The session ends
    where nothing is chosen or its time is over.
    """
    scratch, watching = context.scratch, context.parameters.watching
    scratch.session_count[0] += 1
    measures = log.measures[session.profile]
    measures[SESSION_COUNT] += 1
    clock = session.begins
    has_page_play = False
    for round_number in range(_MOST_ROUNDS):
        fill_genre_log_odds(context, session.day, session.daypart)
        fetches = session.intent == FETCH
        if fetches:
            cell, title, clock = _fetched(context, pages, log, session)
            measures[FETCHES] += 1
        else:
            cell, title, clock = _chosen(
                context, pages, log, session, clock, round_number, has_page_play
            )
        if title < 0:
            measures[SESSIONS_WITHOUT_PLAY] += round_number == 0
            break
        if cell >= 0:
            has_page_play = True
            row = int(np.searchsorted(pages.cell_first, cell, side="right")) - 1
            if not fetches and is_near_discovery(context, pages, session, cell, row):
                measures[NEW_PLAYS] += 1
                is_young = session.day < context.catalogue.titles[title].young_until
                measures[YOUNG_PLAYS] += is_young
            add_page_play(log, session.profile, title)
        else:
            add_event(log, session, clock, Event(SEARCH, title, 0, -1, -1, -1, -1))
            clock += 1
        seconds_before = measures[WATCHED_SECONDS]
        clock = watch_title(context, log, session, clock, title, cell)
        if fetches:
            measures[FETCH_SECONDS] += measures[WATCHED_SECONDS] - seconds_before
            session = _discovering(session)
        if session.ends - clock < LEAST_SECONDS:
            break
        start, key = scratch.stream_starts[SESSIONS], _AGAIN + 16 * round_number
        if keyed_uniform(start, -2 - session.number, key) >= watching.again:
            break
    measures[SESSIONS_WITH_PAGE_PLAY] += has_page_play


@inner_njit()
def _discovering(session: Session) -> Session:
    """The session with the intent to discover."""
    return Session(
        session.profile,
        session.day,
        session.day_index,
        session.number,
        session.person,
        session.device,
        session.daypart,
        session.mood,
        DISCOVER,
        session.begins,
        session.ends,
    )


@inner_njit()
def _fetched(
    context: Context, pages: PageArrays, log: SessionLog, session: Session
) -> tuple[int, int, int]:
    """The cell (-1 for search), the title that the session comes for, and the second after it."""
    title = title_in_mind(context, session)
    cell, clock = cell_in_first_screen(context, pages, log, session, title)
    return cell, title, clock


@inner_njit()
def _chosen(
    context: Context,
    pages: PageArrays,
    log: SessionLog,
    session: Session,
    clock: int,
    round_number: int,
    has_page_play: bool,
) -> tuple[int, int, int]:
    """The cell (-1 for search), the title (-1 for none) and the second after it, of one round."""
    cell = -1
    has_page = pages.row_first[session.profile + 1] > pages.row_first[session.profile]
    if has_page:
        cell, clock = browse(context, pages, log, session, clock, round_number)
    if cell >= 0:
        return cell, int(pages.title[cell]), clock
    if has_page_play or not _searches(context, session, has_page, round_number):
        return -1, -1, clock
    return -1, search_title(context, session, round_number), clock


@inner_njit()
def _searches(context: Context, session: Session, has_page: bool, round_number: int) -> bool:
    """Whether a session without a play from the page searches in this round.

    Without a page, rounds after the first always do.
    """
    probability = 1.0
    if has_page:
        probability = context.parameters.search.without_play
    elif round_number == 0:
        probability = context.parameters.search.past_play
    start = context.scratch.stream_starts[SESSIONS]
    return keyed_uniform(start, session.number, _SEARCHES + 16 * round_number) < probability
