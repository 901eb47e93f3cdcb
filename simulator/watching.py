"""What happens after a title is chosen: how far it is watched, what follows, stars and thumbs; and the log of it."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from conf.days import WHOLE_DAY_S
from simulator.compiled import inner_njit
from simulator.draws import FEEDBACK, WATCHING
from simulator.keyed_draws import bell, chance
from simulator.memory import ABANDONED, BEGUN, FINISHED, place_of
from simulator.utility import sigmoid, stars

PLAY, RATING, THUMB, SEARCHED = 0, 1, 2, 3
KINDS = ("play", "rating", "thumb", "search")
# Columns of `Log.events`; `SECOND` counts from midnight UTC of day 0, `CELL` is -1 off the page, `EPISODE` for a film.
PROFILE, TITLE, SECOND, KIND, VALUE, WATCHED, DURATION, EPISODE, DEVICE, CELL = range(10)
# Columns of `Log.measures`.
(
    SESSIONS,
    TAKEN,
    PAGE_PLAYS,
    SEARCH_PLAYS,
    QUALITY_PLAYS,
    SECONDS,
    PAGE_SECONDS,
    SEEN,
    ILLEGAL_SEEN,
) = range(9)
LOOKED, PLAYLESS = (
    9,
    10,
)  # titles looked at, each once in a session; sessions in which nothing was played
COUNTS = (
    "sessions",
    "taken",
    "page_plays",
    "search_plays",
    "quality_plays",
    "seconds",
    "page_seconds",
    "seen",
    "illegal_seen",
    "looked",
    "playless",
)
_EPISODES = 1 << 12  # more than anybody can watch in a session: titles and episodes share one key
_BREATH = 60  # s that have to be left of a session for another play to begin


class Log(NamedTuple):
    """What compiled loops write. Beyond the room of an array nothing is written, but `used` goes on counting."""

    events: NDArray[np.int64]  # (room, 10)
    seen: NDArray[np.int64]  # (room, 4) profile, cell, second, device
    taken: NDArray[np.int64]  # (room, 2) profile, title played from the page
    used: NDArray[np.int64]  # (3,) rows of each
    measures: NDArray[np.int64]  # (n, 11)
    told: bool  # whether events and impressions are written; measures and `taken` always are


class Session(NamedTuple):
    """One sitting of one person."""

    profile: int
    day: int
    today: int  # the day's place in the shelf
    number: int
    person: int
    device: int
    daypart: int
    mood: int
    starts: int  # s after midnight UTC
    ends: int


@inner_njit()
def add_event(log, s, clock, kind, title, value, watched, duration, episode, cell):  # type: ignore[no-untyped-def]
    """Write one event at `clock` s after midnight of the session's day."""
    if not log.told:
        return
    row = log.used[0]
    if row < len(log.events):
        out = log.events[row]
        out[PROFILE], out[TITLE], out[SECOND], out[KIND] = (
            s.profile,
            title,
            s.day * WHOLE_DAY_S + clock,
            kind,
        )
        out[VALUE], out[WATCHED], out[DURATION], out[EPISODE] = value, watched, duration, episode
        out[DEVICE], out[CELL] = s.device, cell
    log.used[0] += 1


@inner_njit()
def add_taken(log, profile, title):  # type: ignore[no-untyped-def]
    """Note that the profile played the title from the page."""
    if log.used[2] < len(log.taken):
        log.taken[log.used[2], 0], log.taken[log.used[2], 1] = profile, title
    log.used[2] += 1


@inner_njit()
def watch(laws, shelf, people, memory, mind, log, s, clock, title, cell):  # type: ignore[no-untyped-def]
    """Play the title from second `clock` on; the second at which it ends, feedback included.

    Each film or episode is finished with probability sigmoid(slope * (stars - finish_at)), else left after a
    Beta(1, stop) share of what remained; either is cut when the session ends. After a finished episode that was liked
    the next one follows with `next_episode`. What is left of its own will under `abandon_below` is abandoned.
    """
    place = place_of(memory, title)
    if memory.entries[place].status == FINISHED:
        memory.entries[place].episode, memory.entries[place].share = 0, 0.0
    noise = bell(mind.streams[WATCHING], s.number, title)
    enjoyed = stars(laws, shelf, people, mind, s.profile, s.person, title, noise)
    began, good = clock, False
    for sitting in range(_EPISODES):
        key = title * _EPISODES + sitting
        goal = _goal(laws, mind, s, key, enjoyed, memory.entries[place].share)
        clock, reached = _sit(laws, shelf, memory, log, s, clock, place, goal, cell)
        good = good or reached >= laws.quality_play
        if (
            not _goes_on(laws, shelf, memory, mind, s, place, key, enjoyed, goal, reached)
            or s.ends - clock < _BREATH
        ):
            break
    measures = log.measures[s.profile]
    measures[SEARCH_PLAYS if cell < 0 else PAGE_PLAYS] += 1
    measures[QUALITY_PLAYS] += good
    measures[SECONDS] += clock - began
    measures[PAGE_SECONDS] += clock - began if cell >= 0 else 0
    return _speak(laws, memory, mind, log, s, clock, place, enjoyed)


@inner_njit()
def _goal(laws, mind, s, key, enjoyed, share):  # type: ignore[no-untyped-def]
    """The share of the film or episode after which it is left if time allows; 1 to the end."""
    if chance(mind.streams[WATCHING], -1 - s.number, key) < sigmoid(
        laws.slope * (enjoyed - laws.finish_at)
    ):
        return 1.0
    x = chance(mind.streams[WATCHING], -100 - s.number, key)
    return share + (1.0 - share) * (1.0 - (1.0 - x) ** (1.0 / laws.stop))


@inner_njit()
def _sit(laws, shelf, memory, log, s, clock, place, goal, cell):  # type: ignore[no-untyped-def]
    """Watch up to `goal` or the end of the session; writes the play and gives the clock and the share reached."""
    title, share = memory.entries[place].title, memory.entries[place].share
    length = shelf.titles[title].seconds
    reached = min(goal, share + (s.ends - clock) / length)
    watched = max(1, int((reached - share) * length))
    episode = memory.entries[place].episode if shelf.titles[title].episodes > 1 else -1
    add_event(log, s, clock, PLAY, title, 0, watched, length, episode, cell)
    memory.entries[place].share, memory.entries[place].last_day = reached, s.day
    memory.entries[place].plays += 1
    return clock + watched, reached


@inner_njit()
def _goes_on(laws, shelf, memory, mind, s, place, key, enjoyed, goal, reached):  # type: ignore[no-untyped-def]
    """Set how the title stands after a sitting; whether the next episode is wanted at once."""
    if reached < 1.0:
        left = reached >= goal and reached < laws.abandon_below
        memory.entries[place].status = ABANDONED if left else BEGUN
        return False
    if memory.entries[place].episode + 1 >= shelf.titles[memory.entries[place].title].episodes:
        memory.entries[place].status = FINISHED
        return False
    memory.entries[place].episode += 1
    memory.entries[place].share, memory.entries[place].status = 0.0, BEGUN
    return (
        enjoyed >= laws.finish_at
        and chance(mind.streams[WATCHING], -200 - s.number, key) < laws.next_episode
    )


@inner_njit()
def _speak(laws, memory, mind, log, s, clock, place, enjoyed):  # type: ignore[no-untyped-def]
    """Stars after a finished title, a thumb after any; each a second later. The clock after them."""
    title = memory.entries[place].title
    done = memory.entries[place].status == FINISHED
    if done and chance(mind.streams[FEEDBACK], s.number, title) < laws.rate_after_finish:
        clock += 1
        add_event(log, s, clock, RATING, title, min(5, max(1, round(enjoyed))), -1, -1, -1, -1)
    if chance(mind.streams[FEEDBACK], -1 - s.number, title) < laws.thumb:
        clock += 1
        add_event(
            log, s, clock, THUMB, title, 1 if enjoyed >= laws.finish_at else -1, -1, -1, -1, -1
        )
    return clock + 1
