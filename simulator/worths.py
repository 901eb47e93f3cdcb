"""What each title is truly worth to each profile on a day: the means that no pipeline may know.

They are what the best order of the same rows is made by: chances once a title is looked at, before
it is known when, on what device and in what mood that will be.
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from conf.compiled import njit
from conf.world import WorldSettings
from simulator.arrays import F32, F64, IN_PROGRESS, Context, States
from simulator.compiled import inner_njit
from simulator.days import day_context
from simulator.memory import load_memory
from simulator.parameters import is_playable
from simulator.records import states_of
from simulator.truth import World
from simulator.utility import enjoyment, fill_expected_play_rates, sigmoid


class Worths(NamedTuple):
    """Mean worth of a look at each title to each profile, (n, t) in the order of the world's titles."""

    play_rate: F32  # the chance that it is played
    new_plays: F32  # that it is played and was never played before
    minutes: F32  # the minutes that are watched then, times the chance


def expected_worths(world: World, settings: WorldSettings, day: int, states: pa.Table) -> Worths:
    """The worths of a day before it begins; `states` has index and state of each profile."""
    context = day_context(world, settings, day, states["index"].to_numpy())
    shape = (len(states), len(world.title_ids))
    worths = Worths(*(np.zeros(shape, np.float32) for _ in Worths._fields))
    _fill_worths(context, states_of(states["state"]), worths)
    return worths


@njit()
def _fill_worths(context: Context, states: States, worths: Worths) -> None:
    """Fill the worths of all titles that a profile can play; the others keep 0."""
    chances: F64 = np.empty(worths.play_rate.shape[1])
    for profile in range(len(worths.play_rate)):
        load_memory(context.memory, states, profile)
        fill_expected_play_rates(context, profile, 0, chances)
        for title in range(len(chances)):
            if not is_playable(context, profile, 0, title):
                continue
            chance = chances[title]
            worths.play_rate[profile, title] = chance
            if context.memory.entry_of_title[title] < 0:
                worths.new_plays[profile, title] = chance
            minutes = _expected_minutes(context, profile, title)
            worths.minutes[profile, title] = chance * minutes


@inner_njit()
def _expected_minutes(context: Context, profile: int, title: int) -> float:
    """About how many minutes are watched once the title is played, at most a session's mean.

    A film or episode is finished with the probability of `watch_title`, its noise averaged out (a
    logistic curve over a normal is about one with a slope less by sqrt(1 + pi / 8 * variance)), and
    episodes go on as long as they are finished and liked.
    """
    watching, record = context.parameters.watching, context.catalogue.titles[title]
    stars = enjoyment(context, profile, 0, title, 0.0)
    spread = np.sqrt(1.0 + np.pi / 8.0 * (watching.slope * watching.noise) ** 2)
    finishes = sigmoid(watching.slope * (stars - watching.finish_at) / spread)
    share = finishes + (1.0 - finishes) / (1.0 + watching.stop)
    left, episodes = 1.0, record.episodes - 1
    index = context.memory.entry_of_title[title]
    if index >= 0 and context.memory.entries[index].status == IN_PROGRESS:
        left = 1.0 - context.memory.entries[index].share
        episodes -= context.memory.entries[index].episode
    total, goes_on = left * share, finishes * watching.next_episode
    for _ in range(episodes):
        if goes_on < 1e-3:
            break
        total += goes_on * share
        goes_on *= finishes * watching.next_episode
    return min(total * record.seconds / 60.0, context.parameters.session_minutes)
