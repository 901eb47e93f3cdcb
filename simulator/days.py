"""Days of the simulated service, in batches of profiles: Arrow in, Arrow out.

Memory is bounded by the batch. What a profile does depends on who it is and what it remembers,
never on the batch or the order it comes in.
"""

import numpy as np
import pyarrow as pa

from conf.compiled import njit
from conf.days import WHOLE_DAY_S
from conf.world import WorldSettings
from simulator.arrays import (
    F32,
    I64,
    MEMORY_ENTRY,
    CatalogueDays,
    Context,
    MemberArrays,
    PageArrays,
    Parameters,
    SessionLog,
    States,
)
from simulator.comparison_pages import comparison_pages
from simulator.households import PROFILES_PER_ACCOUNT
from simulator.members import members, members_of_accounts
from simulator.memory import empty_memory, empty_states, load_memory, store_memory
from simulator.parameters import behaviour_parameters, catalogue_days, member_arrays
from simulator.records import OUTCOME, outcome_table, states_of
from simulator.served_pages import served_pages
from simulator.session import simulate_day
from simulator.truth import TrueMembers, World
from simulator.utility import empty_scratch
from simulator.watching import MEASURES

PIPELINE = "pipeline"  # the arm whose sessions reach the event log
_LOG_COLUMNS = (10, 5, 2)  # of events, impressions and page plays
# Rows for which room is first made in a log: for each profile, of the first two by day.
_EVENTS_A_DAY, _IMPRESSIONS, _PAGE_PLAYS = 8, 80, 3
_ENTRIES_A_DAY = 4  # of a profile's memory


def past_outcome(
    world: World, settings: WorldSettings, first_account: int, accounts: int
) -> pa.Table:
    """The days -past_days to -1 of the profiles of some accounts, without pages.

    The columns are those of OUTCOME; events and impressions are of all days, states of the last.
    """
    batch = member_arrays(members(world, settings, first_account, accounts))
    if not len(batch.records):
        return OUTCOME.empty_table()
    parameters = behaviour_parameters(world, settings)
    days = settings.past_days
    catalogue = catalogue_days(world.titles, settings, -days, days)
    context = _context(parameters, catalogue, batch)
    pages = served_pages(world, batch.records["index"], None)
    log, states = _simulate(context, empty_states(len(batch.records)), pages.pages, True)
    return outcome_table(world, settings, batch, pages, log, states, {PIPELINE: log})


def day_outcome(
    world: World,
    settings: WorldSettings,
    day: int,
    states: pa.Table,
    pages: pa.Table | None,
    plays: F32,
    arms: tuple[str, ...] = (PIPELINE,),
    session_window: tuple[int, int] = (0, WHOLE_DAY_S),
    replication: int = 0,
) -> pa.Table:
    """One day of the profiles in `states`, in their order; the columns are those of OUTCOME.

    Args:
        states: index and state of each profile; a null state for a newcomer.
        pages: the published pages, with the columns of `served_pages.PAGES`; a profile without one
            searches as in the past.
        plays: (countries, titles) plays that were observed, for the arm `popular`.
        arms: every arm meets the same sessions; only the arm `pipeline` writes events and
            impressions, and its states are those after the day.
        session_window: seconds of the day from and before which the sessions begin that are
            simulated; a day in parts is the same as the whole.
        replication: another number has the same sessions, at the same time, on the same device and
            in the same mood, with other random numbers for what is looked at and played.
    """
    if not len(states):
        return OUTCOME.empty_table()
    context = day_context(world, settings, day, states["index"].to_numpy(), replication)
    batch = context.members
    catalogue = context.catalogue._replace(session_window=session_window)
    context = context._replace(catalogue=catalogue)
    states_before = states_of(states["state"])
    served = served_pages(world, batch.records["index"], pages)
    log, states_after = _simulate(context, states_before, served.pages, True)
    logs = {}
    for arm in arms:
        logs[arm] = log
        if arm != PIPELINE:
            arm_pages = comparison_pages(arm, context, states_before, plays, settings.pages)
            logs[arm], _ = _simulate(context, states_before, arm_pages, False)
    return outcome_table(world, settings, batch, served, log, states_after, logs)


def day_context(
    world: World, settings: WorldSettings, day: int, index: I64, replication: int = 0
) -> Context:
    """What the sessions of one day meet, for the members of any indices; nobody remembers anything yet."""
    batch = member_arrays(members_at(world, settings, index))
    parameters = behaviour_parameters(world, settings, replication)
    return _context(parameters, catalogue_days(world.titles, settings, day, 1), batch)


def simulated_log(
    parameters: Parameters,
    catalogue: CatalogueDays,
    batch: MemberArrays,
    states: States,
    pages: PageArrays,
) -> tuple[SessionLog, States]:
    """The log of all days of the catalogue with one page for each profile, and the states after."""
    return _simulate(_context(parameters, catalogue, batch), states, pages, True)


def members_at(world: World, settings: WorldSettings, index: I64) -> TrueMembers:
    """The members of any indices, in their order."""
    accounts = np.unique(index // PROFILES_PER_ACCOUNT)
    households = members_of_accounts(world, settings, accounts)
    rows = np.searchsorted(households.index, index)
    return TrueMembers._make(column[rows] for column in households)


def _context(parameters: Parameters, catalogue: CatalogueDays, batch: MemberArrays) -> Context:
    """The context with an empty memory and scratch arrays of its own."""
    titles, genres = catalogue.genre_vectors.shape
    factors = catalogue.factors.shape[1]
    scratch = empty_scratch(titles, factors, genres, parameters.most_sessions)
    return Context(parameters, catalogue, batch, empty_memory(titles), scratch)


def _simulate(
    context: Context, states: States, pages: PageArrays, keeps_records: bool
) -> tuple[SessionLog, States]:
    """Simulate all days of the catalogue; again with more room where the first guess was small."""
    profiles, days = len(context.members.records), len(context.catalogue.weekend)
    room = np.array([_EVENTS_A_DAY * days, _IMPRESSIONS, _PAGE_PLAYS]) * profiles
    entry_room = len(states.entries) + _ENTRIES_A_DAY * days * profiles
    if not keeps_records:
        room[:2] = 0
    while True:
        log = _empty_log(room, profiles, keeps_records)
        entries = np.empty(entry_room if keeps_records else 0, MEMORY_ENTRY)
        states_after = States(np.zeros(profiles + 1, np.int64), entries, states.standings.copy())
        entries_used = _simulate_profiles(context, states, states_after, pages, log)
        if (log.used <= room).all() and entries_used <= len(entries):
            return log, states_after._replace(entries=entries[:entries_used])
        room = np.maximum(room, log.used)
        entry_room = max(entry_room, entries_used)


def _empty_log(room: I64, profiles: int, keeps_records: bool) -> SessionLog:
    events, impressions, page_plays = (
        np.empty((rows, columns), np.int64)
        for rows, columns in zip(room, _LOG_COLUMNS, strict=True)
    )
    measures = np.zeros((profiles, len(MEASURES)), np.int64)
    used = np.zeros(3, np.int64)
    return SessionLog(events, impressions, page_plays, used, measures, keeps_records)


@njit()
def _simulate_profiles(
    context: Context, states: States, states_after: States, pages: PageArrays, log: SessionLog
) -> int:
    """Simulate all days of each profile; returns the entries that its states after them need."""
    entries = 0
    for profile in range(len(context.members.records)):
        load_memory(context.memory, states, profile)
        for day_index in range(len(context.catalogue.weekend)):
            simulate_day(context, pages, log, profile, day_index)
        if log.keeps_records:
            entries = store_memory(context.memory, states_after, profile, entries)
    return entries
