"""The arrays and numbers that the compiled loops of the simulator take, each with its shape and unit.

Shapes: n profiles, t titles, g genres, k taste factors, d days in a row. "Log-odds" are on the scale of
`simulator/utility.py`; seconds of a day count from midnight UTC.
"""
# Tested by tests/simulator/test_utility.py.

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from conf.days import WHOLE_DAY_S

BOOL = NDArray[np.bool_]
F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I32 = NDArray[np.int32]
I64 = NDArray[np.int64]
U64 = NDArray[np.uint64]
Records = NDArray[Any]  # a structured array

IN_PROGRESS, FINISHED, ABANDONED = 1, 2, 3  # the status of a title that a profile played
CONTINUE, DISCOVER, FETCH, REWATCH = range(4)  # the intents of a session, in the order of conf
MEMORY_ENTRY = np.dtype(
    [
        ("title", np.int32),
        ("share", np.float32),  # watched of the film, or of the current episode, 0..1
        ("episode", np.int32),  # the current one, from 0
        ("last_day", np.int32),
        ("status", np.int32),  # IN_PROGRESS, FINISHED or ABANDONED
        ("plays", np.int32),  # play events
    ]
)
NOT_YET = -(2**30)  # the day of a profile that no day was counted for
STANDING = np.dtype(  # how a profile stands to the service
    [
        ("level", np.float32),  # what it finds a day, as a share of what is usual; from 1
        ("found", np.float32),  # titles on `day` so far
        ("day", np.int32),  # the last one counted, NOT_YET for none
        ("left", np.int32),  # first day after it left for good, NEVER for none
    ]
)


class BrowsingParameters(NamedTuple):
    """How a page is looked at, by device; see `simulator/browsing.py`."""

    down: F64  # (devices,) probability of going on to the next row
    right: F64  # (devices,) probability of going on to the next cell
    swipe: F64  # (devices,) probability of bringing the next screen of a row into view
    enters_left: float  # probability of entering it at its first cell, else at any
    interest: float  # multiplies the odds of going on in a row after a title that suits the mood
    by_position: bool  # whether each cell is looked at or not whatever else there is
    screen_columns: I64  # (devices,) cells that come into view with a row
    screen_rows: I64  # (devices,) rows in view without scrolling
    skip: float  # probability of skipping a row of which no cell in view suits the mood
    title_seconds: int  # for which a title is looked at


class AppealParameters(NamedTuple):
    """The weights of the log-odds of playing a title; see `simulator/utility.py`."""

    taste: float
    mood: float
    daypart: float
    picture: float
    satiation: float
    satiation_days: float
    new: F64  # (intents,) of a title never played
    resume: F64  # (intents,) of one in progress
    watched: F64  # (intents,) of one that was finished
    abandoned: float
    long_on_phone: float


class WatchingParameters(NamedTuple):
    """How far a title is watched; see `simulator/watching.py`."""

    overall: float  # stars
    spread: float  # stars per unit of affinity
    noise: float  # stars
    finish_at: float  # stars
    slope: float
    stop: float
    abandon_below: float  # share of the title
    next_episode: float  # probability
    again: float  # probability


class SearchParameters(NamedTuple):
    """What is found without the page; see `simulator/search.py`."""

    without_play: float  # probability
    heard_of: int  # titles
    choosiness: float
    past_play: float  # probability


class ReturnParameters(NamedTuple):
    """How what was found brings people back; see `simulator/returns.py`."""

    usual: float  # titles found a session
    fresh: float  # what a title never played before counts for beyond 1
    days: float  # over which it is felt
    gain: float  # power of the level in how often a profile comes
    least: float  # level, below which it is not felt to be lower
    most: float  # level, above which it is not felt to be higher
    monthly: float  # share that leaves in a month at the usual level
    loss: float  # power of 1 / level in leaving


class FeedbackParameters(NamedTuple):
    """How often members rate what they watched: probabilities."""

    rate_after_finish: float
    thumb: float


class Parameters(NamedTuple):
    """The numbers of `conf/world.yaml` that a session needs, devices and dayparts in its order."""

    browsing: BrowsingParameters
    appeal: AppealParameters
    watching: WatchingParameters
    search: SearchParameters
    feedback: FeedbackParameters
    returns: ReturnParameters
    intents: F64  # (2, intents) shares of sessions: of grown-ups and of children
    phone: BOOL  # (devices,)
    daypart_hours: I64  # (dayparts + 1,) local hours in which each begins, the last one 24
    daypart_genres: F64  # (dayparts, g) 1 where a genre is liked better then
    utc_hours: F64  # (countries,) local time minus UTC
    quality_play: float  # share of the title
    most_sessions: int  # of a profile on a day
    session_minutes: float  # mean
    drift_days: float
    seed: int
    # another number: the same sessions, but other random numbers for what is done in them
    replication: int = 0


class CatalogueDays(NamedTuple):
    """The catalogue on d days in a row. Records, since they compile faster than columns."""

    first_day: int
    weekend: BOOL  # (d,)
    common_log_odds: F64  # (d, t) the part of the appeal that is the same for everybody
    local_log_odds: F64  # (countries, t) what a country adds to it
    available: BOOL  # (d, countries, t) launched and in its window
    cumulative_fame: F64  # (d, countries, t) running sums of the weights of being thought of
    genre_vectors: F32  # (t, g) genres, scaled to length 1
    factors: F32  # (t, k)
    # (t,) quality, seconds, episodes, maturity, spoken (bits), long (for a phone), young_until (a day)
    titles: Records
    artworks: Records  # (artworks,) theme, represents, shared
    # seconds of the day from and before which the sessions begin that are simulated
    session_window: tuple[int, int] = (0, WHOLE_DAY_S)


class MemberArrays(NamedTuple):
    """A batch of n profiles.

    What is as wide as the catalogue has genres or factors is no field of a record, so that one
    compilation serves all catalogues.
    """

    records: Records  # (n,) the other fields of `TrueMembers`, `understands` as bits
    tastes: F32  # (n, 3, k) of the first person, of the second, and where they drift to
    genre_likes: F32  # (n, g)


class PageArrays(NamedTuple):
    """Pages of n profiles, as flat arrays: rows in order by profile, cells in order by row."""

    row_first: I64  # (n + 1,) rows of profile p are row_first[p]:row_first[p + 1]
    cell_first: I64  # (rows + 1,) cells of row r are cell_first[r]:cell_first[r + 1]
    title: I32  # (cells,)
    artwork: I32  # (cells,) -1 for none


class States(NamedTuple):
    """What n profiles remember of titles, as flat arrays in order of first play by profile."""

    first: I64  # (n + 1,) entries of profile p are first[p]:first[p + 1]
    entries: Records  # (e,) of MEMORY_ENTRY
    standings: Records  # (n,) of STANDING


class Memory(NamedTuple):
    """What one profile remembers while its day is simulated."""

    entry_of_title: I32  # (t,) index of the title's entry, -1 for a title never played
    entries: Records  # (t,) of MEMORY_ENTRY, of which the first `size` are in use
    size: I64  # (1,)
    standing: Records  # (1,) of STANDING


class Scratch(NamedTuple):
    """Arrays that the loops fill for the profile, day and session at hand."""

    tastes: F64  # (2, k) of the first and the second person on this day
    genre_likes: F64  # (g,)
    genre_log_odds: F64  # (g,) log-odds per unit of a genre vector in this session
    last_session: I64  # (t,) number of the last session in which a title was looked at
    session_count: I64  # (1,) sessions so far, over all profiles
    stream_starts: U64  # (purposes,) start of the random stream of each purpose
    session_starts: I64  # (most_sessions,) of today, seconds of the day


class Context(NamedTuple):
    """What every session meets: the parameters, the catalogue, the members and their memory."""

    parameters: Parameters
    catalogue: CatalogueDays
    members: MemberArrays
    memory: Memory
    scratch: Scratch


class Session(NamedTuple):
    """One session of one person."""

    profile: int
    day: int
    day_index: int  # of the day in `CatalogueDays`
    number: int  # of the session within the profile's day
    person: int  # 0, or 1 for the second person of a shared profile
    device: int
    daypart: int
    mood: int  # a genre
    intent: int  # CONTINUE, DISCOVER, FETCH or REWATCH
    begins: int  # second of the day
    ends: int  # second of the day


class SessionLog(NamedTuple):
    """What the loops write. Beyond the room of an array nothing is written, but `used` counts on."""

    events: I64  # (room, 10) columns as `watching` names them
    # (room, 5) profile, cell, second from midnight of day 0, device, whether its title was looked at
    impressions: I64
    page_plays: I64  # (room, 2) profile, title played from the page
    used: I64  # (3,) rows of each
    measures: I64  # (n, k) columns as `watching` names them
    keeps_records: bool  # whether events and impressions are written; the others always are
