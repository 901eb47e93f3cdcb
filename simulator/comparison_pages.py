"""The pages that a served page is compared with, under the same rules: popular, random and oracle.

A title stands once on a page, can be played by the profile on that day, and was never played by it
or is in progress. Rows are plain grids; popular and random fill them in reading order, the oracle
puts its best titles where they are most likely to be looked at.
"""

import numpy as np

from conf.compiled import njit
from conf.errors import UserMistake
from conf.world import PageShape
from simulator.arrays import (
    F32,
    F64,
    I32,
    I64,
    IN_PROGRESS,
    Context,
    Memory,
    PageArrays,
    States,
)
from simulator.browsing import look_probability
from simulator.compiled import inner_njit
from simulator.draws import POLICY, stream
from simulator.keyed_draws import keyed_uniform
from simulator.memory import load_memory
from simulator.parameters import is_playable
from simulator.utility import fill_expected_play_rates

ARMS = ("popular", "random", "oracle")


def comparison_pages(
    arm: str, context: Context, states: States, plays: F32, shape: PageShape
) -> PageArrays:
    """The pages of one arm for the first day of the catalogue.

    `plays` (countries, t) are the plays that were observed, for the arm `popular`.

    Raises UserMistake for an unknown arm, and for plays of another shape.
    """
    available, records = context.catalogue.available, context.members.records
    if arm not in ARMS:
        names = ", ".join(ARMS)
        raise UserMistake(f"no page can be made for the arm {arm!r}; choose from pipeline, {names}")
    if plays.shape != available.shape[1:]:
        raise UserMistake(
            f"plays observed are {plays.shape}; give one number for each country and title"
        )
    popularity_order = np.argsort(-plays, axis=1, kind="stable")
    titles = np.empty((len(records), shape.rows * shape.columns), np.int32)
    counts = np.empty(len(records), np.int64)
    if arm == "popular":
        _fill_popular(context, states, popularity_order, titles, counts)
    elif arm == "random":
        _fill_random(context, states, titles, counts)
    else:
        _fill_oracle(context, states, shape.columns, titles, counts)
    return _page_arrays(titles, counts, shape.columns)


def _page_arrays(titles: I32, counts: I64, columns: int) -> PageArrays:
    """Rows of `columns` cells from the first counts[p] titles of each profile p."""
    rows = -(-counts // columns)
    row_first = np.concatenate([[0], np.cumsum(rows)])
    row_lengths = np.full(row_first[-1], columns)
    last_rows = row_first[1:][rows > 0] - 1
    row_lengths[last_rows] = (counts - (rows - 1) * columns)[rows > 0]
    cell_first = np.concatenate([[0], np.cumsum(row_lengths)])
    on_page = np.arange(titles.shape[1]) < counts[:, None]
    no_artwork = np.full(on_page.sum(), -1, np.int32)
    return PageArrays(row_first, cell_first, titles[on_page], no_artwork)


@njit()
def _fill_popular(
    context: Context, states: States, popularity_order: I64, titles: I32, counts: I64
) -> None:
    """Fill `titles` (n, cells) by observed plays in the country, and `counts` (n,) of them."""
    for profile in range(len(counts)):
        load_memory(context.memory, states, profile)
        order = popularity_order[context.members.records[profile].country]
        counts[profile] = _fill_eligible(context, profile, order, titles[profile])


@njit()
def _fill_random(context: Context, states: States, titles: I32, counts: I64) -> None:
    """Fill `titles` (n, cells) in random order, and `counts` (n,) of them."""
    for profile in range(len(counts)):
        load_memory(context.memory, states, profile)
        order = _random_order(context, profile)
        counts[profile] = _fill_eligible(context, profile, order, titles[profile])


@njit()
def _fill_oracle(context: Context, states: States, columns: int, titles: I32, counts: I64) -> None:
    """Fill `titles` (n, cells) by true appeal and likelihood of a look, and `counts` (n,)."""
    appeal = np.empty(context.catalogue.available.shape[2])
    for profile in range(len(counts)):
        load_memory(context.memory, states, profile)
        fill_expected_play_rates(context, profile, 0, appeal)
        page = titles[profile]
        counts[profile] = _fill_eligible(context, profile, np.argsort(-appeal), page)
        cells = min(counts[profile], titles.shape[1])
        cell_order = np.argsort(-_look_probabilities(context, profile, cells, columns))
        page[cell_order] = page[: counts[profile]].copy()


@inner_njit()
def _fill_eligible(context: Context, profile: int, order: I64, page: I32) -> int:
    """Copy the eligible titles of `order` to `page`, as many as have room; returns their number."""
    count = 0
    for title in order:
        if count == len(page):
            break
        if _has_more(context.memory, title) and is_playable(context, profile, 0, title):
            page[count] = title
            count += 1
    return count


@inner_njit()
def _has_more(memory: Memory, title: int) -> bool:
    """Whether there is something of the title to play: it is new or in progress."""
    index = memory.entry_of_title[title]
    return index < 0 or memory.entries[index].status == IN_PROGRESS


@inner_njit()
def _random_order(context: Context, profile: int) -> I64:
    """All titles in random order by profile and day (Fisher and Yates)."""
    titles = np.arange(context.catalogue.available.shape[2])
    index, day = context.members.records[profile].index, context.catalogue.first_day
    start = stream(context.parameters.seed, index, day, POLICY)
    for position in range(len(titles) - 1):
        other = position + int(keyed_uniform(start, 0, position) * (len(titles) - position))
        titles[position], titles[other] = titles[other], titles[position]
    return titles


@inner_njit()
def _look_probabilities(context: Context, profile: int, cells: int, columns: int) -> F64:
    """(cells,) how likely each cell of the grid is looked at: the mean over the profile's devices.

    Rows that are skipped and moods are left out.
    """
    browsing, member = context.parameters.browsing, context.members.records[profile]
    out = np.zeros(cells)
    for device in range(len(browsing.down)):
        for cell in range(cells):
            row, column = cell // columns, cell % columns
            likely = look_probability(browsing, device, member.patience, row, column)
            out[cell] += member.devices[device] * likely
    return out
