"""Life, in batches: Arrow in, Arrow out, in memory bounded by the batch.

What a profile does depends on who it is and what it remembers, never on the batch or the order it comes in.
"""

import numba
import numpy as np
import pyarrow as pa

from conf.days import WHOLE_DAY_S
from conf.world import WorldSettings
from simulator.browsing import Pages
from simulator.comparison_pages import grids
from simulator.members import PLACES, members, members_of
from simulator.memory import ENTRY, Memory, States, memory, nothing, recall, store
from simulator.parameters import I64, Laws, People, Shelf, laws, people, shelf
from simulator.records import OUTCOME, outcome, states_of
from simulator.served_pages import served
from simulator.session import live
from simulator.truth import F32, Members, World
from simulator.utility import Mind, mind
from simulator.watching import COUNTS, Log

PIPELINE = "pipeline"  # the arm whose sessions are told to the outside


def past(world: World, settings: WorldSettings, first_account: int, accounts: int) -> pa.Table:
    """The days from -past_days to -1 of the profiles of some accounts, without pages; columns of OUTCOME."""
    who = people(members(world, settings, first_account, accounts))
    if not len(who.each):
        return OUTCOME.empty_table()
    law, goods = (
        laws(world, settings),
        shelf(world.titles, settings, -settings.past_days, settings.past_days),
    )
    pages = served(world, who.each["index"], None)
    log, states = _lived(
        law, goods, who, nothing(len(who.each)), pages.pages, *_scratch(law, goods), True
    )
    return outcome(world, settings, who, pages, log, states, {PIPELINE: log})


def day(
    world: World,
    settings: WorldSettings,
    day: int,
    states: pa.Table,
    pages: pa.Table | None,
    popular: F32,
    arms: tuple[str, ...] = (PIPELINE,),
    begins: tuple[int, int] = (0, WHOLE_DAY_S),
    luck: int = 0,
) -> pa.Table:
    """One day of the profiles in `states` (index, state; null for newcomers), in their order; columns of OUTCOME.

    Of the day only sessions that begin in the seconds `begins` after midnight UTC: lived in parts a day is the same.
    With another `luck` the same sessions come, at the same time, on the same device and in the same mood, and other
    chance decides what is looked at and played.
    `pages` are the published ones (index, rows as in `served.PAGES`); a profile that has none lives as in the past.
    `popular` (countries, titles) are observed plays, for the arm of that name. Every arm meets the same sessions; only
    the arm `pipeline` is told in events and impressions and remembered in the state.
    """
    if not len(states):
        return OUTCOME.empty_table()
    who = people(_members(world, settings, states["index"].to_numpy()))
    law = laws(world, settings)._replace(luck=luck)
    goods = shelf(world.titles, settings, day, 1)._replace(begins=begins)
    before, scratch = states_of(states["state"]), _scratch(law, goods)
    shown = served(world, who.each["index"], pages)
    log, after = _lived(law, goods, who, before, shown.pages, *scratch, True)
    measured = {PIPELINE: log}
    for arm in arms:
        if arm != PIPELINE:
            grid = grids(arm, law, goods, who, before, *scratch, popular, settings.pages)
            measured[arm] = _lived(law, goods, who, before, grid, *scratch, False)[0]
    return outcome(world, settings, who, shown, log, after, {arm: measured[arm] for arm in arms})


def lived(law: Laws, goods: Shelf, who: People, before: States, pages: Pages) -> tuple[Log, States]:
    """All days of the shelf with one page for each profile, as arrays: what was done and seen, and the states after."""
    return _lived(law, goods, who, before, pages, *_scratch(law, goods), True)


def _members(world: World, settings: WorldSettings, index: I64) -> Members:
    """The members of any indices, in their order."""
    drawn = members_of(world, settings, np.unique(index // PLACES))
    place = np.searchsorted(drawn.index, index)
    return Members._make(column[place] for column in drawn)


def _scratch(law: Laws, shelf: Shelf) -> tuple[Memory, Mind]:
    titles, genres = shelf.mix.shape
    return memory(titles), mind(titles, shelf.factors.shape[1], genres, law.most)


def _lived(
    law: Laws,
    goods: Shelf,
    who: People,
    before: States,
    pages: Pages,
    remembers: Memory,
    thinks: Mind,
    told: bool,
) -> tuple[Log, States]:
    """Live all days of the shelf; again with more room where the first guess of it was too small."""
    size, days = len(who.each), len(goods.weekend)
    room = np.array([8 * days, 80, 3]) * size
    entries = len(before.entries) + 4 * days * size
    while True:
        log = _log(room if told else room * [0, 0, 1], size, told)
        after = States(np.zeros(size + 1, np.int64), np.empty(entries if told else 0, ENTRY))
        entries_used = _days(law, goods, who, before, after, pages, remembers, thinks, log)
        if (
            log.used <= [len(log.events), len(log.seen), len(log.taken)]
        ).all() and entries_used <= len(after.entries):
            return log, States(after.first, after.entries[:entries_used])
        room, entries = np.maximum(room, log.used), max(entries, entries_used)


def _log(room: I64, size: int, told: bool) -> Log:
    events, seen, taken = (
        np.empty((rows, width), np.int64) for rows, width in zip(room, (10, 4, 2), strict=True)
    )
    return Log(
        events, seen, taken, np.zeros(3, np.int64), np.zeros((size, len(COUNTS)), np.int64), told
    )


@numba.njit(cache=True)
def _days(laws, shelf, people, before, after, pages, memory, mind, log):  # type: ignore[no-untyped-def]
    """Each profile lives through all days; the number of entries that the states after it have."""
    entries = 0
    for profile in range(len(people.each)):
        recall(memory, before, profile)
        for today in range(len(shelf.weekend)):
            live(laws, shelf, people, pages, memory, mind, log, profile, today)
        if log.told:
            entries = store(memory, after, profile, entries)
    return entries
