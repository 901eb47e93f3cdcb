"""Lives of one day's profiles on given pages: the same sessions for all pages, many draws of chance.

A draw is a day of everybody by other random numbers; the same draw of two variants has the same
sessions. So many draws after another stand for the days of a test.
"""
# Tested by tests/benchmarks/experiments/test_run.py.

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from benchmarks.experiments.variants import EndOfPast
from closed_loop.variants import client_pages
from simulator import days as living
from simulator.draws import REPLICATION_STRIDE

Values = NDArray[np.float64]
COUNTS = ("sessions", "taken", "new_plays", "seconds", "quality_plays")
QUALITY_SECONDS = 600  # of a play, from which on it counts


@dataclass(frozen=True)
class Members:
    """The profiles that live, and whose they are."""

    past: EndOfPast
    states: pa.Table  # index and state
    account: NDArray[np.int64]  # (m,) from 0
    index: dict[str, int]  # of each profile id in the world

    @property
    def profile_ids(self) -> list[str]:
        """The profiles in their order."""
        return self.states["profile_id"].to_pylist()

    @property
    def accounts(self) -> int:
        """How many there are."""
        return int(self.account.max()) + 1

    def by_account(self, values: Values) -> Values:
        """Sums (..., accounts) of values (..., m)."""
        is_theirs = self.account[:, None] == np.arange(self.accounts)
        return values @ is_theirs.astype(np.float64)


def members_of(past: EndOfPast) -> Members:
    """The members of the first day; each profile lives from the same state in every draw."""
    outcome = past.start.outcome.filter(pc.less_equal(past.start.outcome["joined"], 0))
    outcome = outcome.sort_by("index")
    _, account = np.unique(outcome["account_id"].to_numpy().astype(str), return_inverse=True)
    index = dict(zip(outcome["profile_id"].to_pylist(), outcome["index"].to_pylist(), strict=True))
    return Members(past, outcome.select(["index", "state", "profile_id"]), account, index)


def draw_of(members: Members, page_rows: pa.Table | None, draw: int) -> pa.Table:
    """One draw of everybody on pages as records of `drafts`, as OUTCOME; None is no page."""
    start = members.past.start
    world = replace(start.world, seed=start.world.seed + REPLICATION_STRIDE * (draw + 1))
    served = None if page_rows is None else client_pages(page_rows, members.index)
    nobody = np.zeros((len(start.settings.countries), len(start.world.title_ids)), np.float32)
    states = members.states.select(["index", "state"])
    return living.day_outcome(world, start.settings, 0, states, served, nobody)


def lived(members: Members, page_rows: pa.Table | None, draws: range) -> dict[str, Values]:
    """COUNTS of each draw and profile (draws, m)."""
    found: dict[str, list[Values]] = {name: [] for name in COUNTS}
    for draw in draws:
        measures = draw_of(members, page_rows, draw)["measures"].combine_chunks().flatten()
        for name in COUNTS:
            found[name].append(measures.field(name).to_numpy(zero_copy_only=False))
    return {name: np.array(values, np.float64) for name, values in found.items()}


def plays_of(outcome: pa.Table) -> pa.Table:
    """profile_id, row_position (null off the page) and title_id of each title played well in a draw."""
    events = pa.Table.from_struct_array(outcome["events"].combine_chunks().flatten())
    is_play = pc.equal(events["kind"], "play")
    is_good = pc.greater_equal(events["watched_seconds"], QUALITY_SECONDS)
    good = events.filter(pc.and_kleene(is_play, is_good))
    keys = ["profile_id", "row_position", "title_id"]
    return good.group_by(keys).aggregate([])


def plays_before(members: Members, days: int) -> Values:
    """(accounts,) quality plays of the last days of the past: what CUPED may know."""
    log = members.past.start.outcome
    events = pa.Table.from_struct_array(log["events"].combine_chunks().flatten())
    newest = pc.max(events["event_at"]).as_py().timestamp()
    at = pc.cast(pc.cast(events["event_at"], pa.int64()), pa.float64()).to_numpy() / 1e6
    is_good = pc.fill_null(pc.greater_equal(events["watched_seconds"], QUALITY_SECONDS), False)
    is_recent = (at > newest - 86_400 * days) & is_good.to_numpy()
    place = {name: number for number, name in enumerate(members.profile_ids)}
    counts = np.zeros(len(place))
    for name in events["profile_id"].filter(pa.array(is_recent)).to_pylist():
        if name in place:
            counts[place[name]] += 1
    return members.by_account(counts)
