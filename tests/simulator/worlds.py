"""Lives in the small world, and pages to be served in it."""

from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from conf.world import INTENTS, Intents, PageShape, WorldSettings
from simulator import days
from simulator.households import PROFILES_PER_ACCOUNT
from simulator.members import members
from simulator.served_pages import PAGES
from simulator.truth import TrueMembers, World
from tests.simulator.small import small_settings, small_world

ACCOUNTS = 150


@cache
def settings() -> WorldSettings:
    """Four weeks of past and pages that do not hold the whole small catalogue."""
    return small_settings().model_copy(
        update={"past_days": 28, "pages": PageShape(rows=6, columns=8)}
    )


def with_terms(part: str, **terms: object) -> WorldSettings:
    """The settings with some terms of one part changed."""
    changed = getattr(settings(), part).model_copy(update=terms)
    return settings().model_copy(update={part: changed})


def only(intent: str, of: WorldSettings | None = None) -> WorldSettings:
    """The settings with sessions of one intent alone."""
    shares = {name: float(name == intent) for name in INTENTS}
    intents = Intents(grown_ups=shares, children=shares)
    return (of or settings()).model_copy(update={"intents": intents})


@cache
def past() -> pa.Table:
    return days.past_outcome(small_world(), settings(), 0, ACCOUNTS)


def states(outcome: pa.Table) -> pa.Table:
    return outcome.select(["index", "state"])


@cache
def observed() -> np.ndarray:
    """Plays of each title in each country in the past, float32 (countries, titles)."""
    plays = records(past(), "events")
    plays = plays.filter(pc.equal(plays["kind"], "play"))
    title = pc.index_in(plays["title_id"], value_set=pa.array(small_world().title_ids)).to_numpy()
    country = pc.index_in(
        plays["country"], value_set=pa.array(list(settings().countries))
    ).to_numpy()
    counts = np.zeros((len(settings().countries), len(small_world().title_ids)), np.float32)
    np.add.at(counts, (country, title), 1)
    return counts


def records(outcome: pa.Table, column: str) -> pa.Table:
    """All entries of a column of lists as one table."""
    return pa.Table.from_struct_array(outcome[column].combine_chunks().flatten())


def people(index: np.ndarray) -> TrueMembers:
    """The members of the first ACCOUNTS accounts that have these indices."""
    everybody = members(small_world(), settings(), 0, ACCOUNTS)
    place = np.searchsorted(everybody.index, index)
    return TrueMembers._make(column[place] for column in everybody)


def place_in_world(title_ids: pa.ChunkedArray) -> np.ndarray:
    return pc.index_in(title_ids, value_set=pa.array(small_world().title_ids)).to_numpy()


def legal_for(world: World, who: TrueMembers, day: int) -> np.ndarray:
    """(n, t) what each member may play on that day, told from the truth without any of the simulator's code."""
    t = world.titles
    opened = (
        (day >= t.opens[:, who.country].T)
        & (day < t.closes[:, who.country].T)
        & (t.launch_day <= day)
    )
    spoken = (who.understands[:, None, :] & t.spoken[None]).any(axis=2)
    return opened & spoken & (t.maturity <= who.limit[:, None])


def published(index: np.ndarray, titles: list[list[list[str]]]) -> pa.Table:
    """Pages as a client reads them: for each profile its rows, for each row its titles in order."""
    rows = [
        [
            {
                "row_id": f"row{r}",
                "row_position": r + 1,
                "page_id": f"page{i}",
                "cells": [
                    {
                        "column_position": c + 1,
                        "title_id": title,
                        "artwork_id": None,
                        "policy": "v1",
                        "propensity": 0.5,
                    }
                    for c, title in enumerate(row)
                ],
            }
            for r, row in enumerate(page)
        ]
        for i, page in zip(index, titles, strict=True)
    ]
    return pa.table(
        {"index": index, "rows": pa.array(rows, PAGES.field("rows").type)}, schema=PAGES
    )


def same_page(index: np.ndarray, titles: list[str], columns: int = 8) -> pa.Table:
    """One page for everybody, filled in reading order."""
    page = [titles[first : first + columns] for first in range(0, len(titles), columns)]
    return published(index, [page] * len(index))


def household(account: int) -> range:
    first = account * PROFILES_PER_ACCOUNT
    return range(first, first + PROFILES_PER_ACCOUNT)
