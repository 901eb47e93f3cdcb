"""Arms of a long run: the same members and chance, each on its own pages for all its days."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from benchmarks.longrun.rankers import Rankers, trained_rankers
from benchmarks.longrun.service import Service, service
from benchmarks.longrun.service_log import ServiceLog, empty_log
from benchmarks.page.figures import BUILDERS, WORTH, page_grid
from closed_loop.popular_grid import BASELINE, popular_grid
from closed_loop.variants import client_pages
from conf.pages import pages
from conf.rows import rows
from conf.world import WorldSettings
from experiments.metrics.page import Grid
from models.page.build import build_pages
from simulator import days as living
from simulator.members import members, profile_ids
from simulator.truth import World

ARMS = (*BUILDERS, BASELINE)
RANKER = "longrun"
Say = Callable[[str], None]


@dataclass(frozen=True)
class Beginning:
    """What all arms begin with: the past without pages, and rankers that learned from it."""

    world: World
    settings: WorldSettings
    service: Service
    log: ServiceLog
    rankers: Rankers
    index: NDArray[np.int64]  # (m,) of the profiles, in the order of the sorted profile ids
    outcome: pa.Table  # of the past


@dataclass
class Life:
    """What one arm lived so far."""

    arm: str
    log: ServiceLog
    states: pa.Table  # index and state of each profile
    outcome: pa.Table  # of the newest day
    measures: list[pa.Table] = field(default_factory=list)  # by day, see `day_measures`
    shown: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    screens: list[Grid] = field(default_factory=list)  # of the newest two days


def beginning(world: World, settings: WorldSettings, say: Say) -> Beginning:
    """The past of all members, and the rankers that it teaches."""
    say(f"the past of {settings.accounts} accounts")
    outcome = living.past_outcome(world, settings, 0, settings.accounts)
    people = members(world, settings, 0, settings.accounts)
    names = profile_ids(people.index)
    log = empty_log(list(names), list(world.title_ids)).with_events(outcome)
    of_world = service(world, settings, people)
    order = np.argsort(np.array(names, object), kind="stable")
    say(f"training on {log.events.height:,} events")
    rankers = trained_rankers(of_world, log, -1, say)
    return Beginning(world, settings, of_world, log, rankers, people.index[order], outcome)


def lived_days(start: Beginning, arm: str, days: int) -> Iterator[Life]:
    """One arm after each of its days."""
    life = Life(arm, start.log, start.outcome.select(["index", "state"]), start.outcome)
    life.shown = np.zeros(len(start.world.title_ids), np.int64)
    for day in range(days):
        page_rows = daily_pages(start, life, day)
        _live(start, life, day, page_rows)
        yield life


def daily_pages(start: Beginning, life: Life, day: int) -> pa.Table:
    """The pages of an arm for a day, made the evening before, as records of `drafts`."""
    of_world, log = start.service, life.log
    joined = _members_on(start, life, day)
    if life.arm == BASELINE:
        catalogue = of_world.catalogue(log, day - 1)
        profiles = of_world.members(log, catalogue, joined)
        return popular_grid(catalogue, profiles, start.settings.pages)
    moment = of_world.moment(log, day - 1)
    layout = pages().model_copy(update={"builder": life.arm})
    parts = []
    for first in range(0, len(joined), moment.batch_size):
        batch = joined[first : first + moment.batch_size]
        profiles, scores = start.rankers.scored(
            moment, of_world.members(log, moment.catalogue, batch)
        )
        parts.append(
            build_pages(
                moment.catalogue, profiles, scores, moment.cosine, RANKER, layout, rows(), WORTH
            )
        )
    return pa.concat_tables(parts)


def _members_on(start: Beginning, life: Life, day: int) -> NDArray[np.int64]:
    """The profiles, by their place in the sorted ids, that are members on a day."""
    joined, left = (
        life.outcome.sort_by("profile_id")[name].to_numpy() for name in ("joined", "left")
    )
    return np.flatnonzero((joined <= day) & (day < left))


def _live(start: Beginning, life: Life, day: int, page_rows: pa.Table) -> None:
    """Live a day of the arm on its pages."""
    index = dict(zip(life.log.profile_ids, start.index.tolist(), strict=True))
    nobody_counts = np.zeros(
        (len(start.settings.countries), len(start.world.title_ids)), np.float32
    )
    outcome = living.day_outcome(
        start.world,
        start.settings,
        day,
        life.states,
        client_pages(page_rows, index),
        nobody_counts,
    )
    life.outcome, life.states = outcome, outcome.select(["index", "state"])
    life.log = life.log.with_events(outcome)
    life.measures.append(day_measures(outcome, day))
    life.shown += titles_in_view(outcome, start.world.title_ids)
    life.screens = [*life.screens[-1:], first_screens(page_rows, life.log)]


def day_measures(outcome: pa.Table, day: int) -> pa.Table:
    """The measures of a day by profile, with account_id and day."""
    measures = pa.Table.from_struct_array(outcome["measures"].combine_chunks().flatten())
    counts = measures.drop(["arm", "titles"])
    counts = counts.add_column(0, "account_id", outcome["account_id"])
    return counts.add_column(1, "day", pa.array(np.full(len(outcome), day), pa.int32()))


def titles_in_view(outcome: pa.Table, title_ids: tuple[str, ...]) -> NDArray[np.int64]:
    """How often each title of the world came into view on a day (t,)."""
    seen = outcome["impressions"].combine_chunks().flatten().field("title_id")
    title = pc.index_in(seen, pa.array(title_ids, pa.string())).to_numpy(zero_copy_only=False)
    return np.bincount(title, minlength=len(title_ids))


def first_screens(page_rows: pa.Table, log: ServiceLog) -> Grid:
    """The titles of each profile's first screens (m, rows, columns), -1 without a cell."""
    return page_grid(page_rows, log.profile_ids, log.title_ids, len(pages().screen), pages().lead)
