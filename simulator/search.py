"""The title that a search is for: one in progress, or the best for one's taste of some known ones."""
# Tested by tests/simulator/test_watching.py and tests/simulator/test_days.py.

import numpy as np

from simulator.arrays import IN_PROGRESS, Context, Session
from simulator.compiled import inner_njit
from simulator.draws import SEARCH
from simulator.keyed_draws import keyed_uniform
from simulator.parameters import is_playable
from simulator.utility import affinity

# keys of the draws of titles that come to mind lie above it, keys of the noise of a title below 0
_RECALL = 1 << 20


@inner_njit()
def search_title(context: Context, session: Session, round_number: int) -> int:
    """The title that a search in this round of the session is for, -1 for none."""
    start = context.scratch.stream_starts[SEARCH]
    resumes = keyed_uniform(start, session.number, round_number) < context.parameters.search.resume
    if resumes:
        title = _newest_in_progress(context, session)
        if title >= 0:
            return title
    return _title_by_taste(context, session, round_number)


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
def _title_by_taste(context: Context, session: Session, round_number: int) -> int:
    """One of `heard_of` titles that come to mind by fame, by softmax(choosiness * affinity).

    Drawn as the largest sum with a Gumbel noise; -1 where none of them is new and can be played.
    """
    search, start = context.parameters.search, context.scratch.stream_starts[SEARCH]
    country = context.members.records[session.profile].country
    cumulative_fame = context.catalogue.cumulative_fame[session.day_index, country]
    if cumulative_fame[-1] <= 0:
        return -1
    best, best_score = -1, -np.inf
    for number in range(search.heard_of):
        x = keyed_uniform(start, session.number, _RECALL + round_number * _RECALL + number)
        index = np.searchsorted(cumulative_fame, x * cumulative_fame[-1], side="right")
        title = min(index, len(cumulative_fame) - 1)
        if context.memory.entry_of_title[title] >= 0:
            continue
        if not is_playable(context, session.profile, session.day_index, title):
            continue
        uniform = keyed_uniform(start, session.number, -1 - title)
        gumbel = -np.log(-np.log(uniform + 1e-300))
        score = search.choosiness * affinity(context, session.person, title) + gumbel
        if score > best_score:
            best, best_score = title, score
    return best
