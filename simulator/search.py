"""The title that a search is for, by the session's intent, and the one that a session comes for."""
# Tested by tests/simulator/test_watching.py and tests/simulator/test_days.py.

import numpy as np

from simulator.arrays import CONTINUE, FINISHED, IN_PROGRESS, REWATCH, Context, Session
from simulator.compiled import inner_njit
from simulator.draws import SEARCH, SESSIONS
from simulator.keyed_draws import keyed_uniform
from simulator.parameters import is_playable
from simulator.utility import affinity

# keys of the draws of titles that come to mind lie above it, keys of the noise of a title below 0
_RECALL = 1 << 20


@inner_njit()
def search_title(context: Context, session: Session, round_number: int) -> int:
    """The title that a search in this round of the session is for, -1 for none.

    By intent that is the newest one in progress, one that was finished, or one never played.
    """
    if session.intent == CONTINUE:
        title = _newest_in_progress(context, session)
        if title >= 0:
            return title
    start = context.scratch.stream_starts[SEARCH]
    if session.intent == REWATCH:
        title = _finished_by_taste(context, session, start)
        if title >= 0:
            return title
    return _title_by_taste(context, session, start, round_number)


@inner_njit()
def title_in_mind(context: Context, session: Session) -> int:
    """The title that a session comes for, never played before; -1 where none comes to mind.

    It belongs to the session as its time does: every page, and every replication, meets the same.
    """
    return _title_by_taste(context, session, context.scratch.stream_starts[SESSIONS], 0)


@inner_njit()
def _newest_in_progress(context: Context, session: Session) -> int:
    """Of the titles in progress that can be played, the one watched last; -1 for none."""
    memory = context.memory
    newest, newest_day = -1, np.int64(-(2**40))
    for index in range(memory.size[0]):
        entry = memory.entries[index]
        day = np.int64(entry.last_day)
        if entry.status != IN_PROGRESS or day < newest_day:
            continue
        if is_playable(context, session.profile, session.day_index, entry.title):
            newest, newest_day = entry.title, day
    return newest


@inner_njit()
def _finished_by_taste(context: Context, session: Session, start: np.uint64) -> int:
    """One of the titles that were finished and can be played, by softmax(choosiness * affinity)."""
    memory = context.memory
    best, best_score = -1, -np.inf
    for index in range(memory.size[0]):
        title = memory.entries[index].title
        if memory.entries[index].status != FINISHED:
            continue
        if not is_playable(context, session.profile, session.day_index, title):
            continue
        score = _noisy_taste(context, session, start, title)
        if score > best_score:
            best, best_score = title, score
    return best


@inner_njit()
def _title_by_taste(context: Context, session: Session, start: np.uint64, round_number: int) -> int:
    """One of `heard_of` titles that come to mind by fame, by softmax(choosiness * affinity).

    -1 where none of them is new and can be played.
    """
    country = context.members.records[session.profile].country
    cumulative_fame = context.catalogue.cumulative_fame[session.day_index, country]
    if cumulative_fame[-1] <= 0:
        return -1
    best, best_score = -1, -np.inf
    for number in range(context.parameters.search.heard_of):
        x = keyed_uniform(start, session.number, _RECALL + round_number * _RECALL + number)
        index = np.searchsorted(cumulative_fame, x * cumulative_fame[-1], side="right")
        title = min(index, len(cumulative_fame) - 1)
        if context.memory.entry_of_title[title] >= 0:
            continue
        if not is_playable(context, session.profile, session.day_index, title):
            continue
        score = _noisy_taste(context, session, start, title)
        if score > best_score:
            best, best_score = title, score
    return best


@inner_njit()
def _noisy_taste(context: Context, session: Session, start: np.uint64, title: int) -> float:
    """choosiness * affinity and a Gumbel noise: the largest sum is a draw by softmax."""
    uniform = keyed_uniform(start, session.number, -1 - title)
    gumbel = -np.log(-np.log(uniform + 1e-300))
    return context.parameters.search.choosiness * affinity(context, session.person, title) + gumbel
