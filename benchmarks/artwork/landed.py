"""Days published, lived and landed: what an evaluation may know of each cell that came into view.

Pages are published with the propensity of every choice, clients send impressions and events, and
both are read from files of the landing contract by the code that ingest reads them with. Nothing of
the choice itself is handed on.
"""

# Tested by tests/benchmarks/artwork/test_landed.py.

from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.artwork.population import COLUMNS, ROUNDING, Population, PopulationDay
from features.sources.files import layout
from features.sources.layout import given_columns
from jobs.io.landing.files import landings
from jobs.io.landing.records import read_chunk
from models.artwork.choice import ArtworkChoices
from models.artwork.impressions import F64
from models.artwork.pools import INTS
from simulator.days import PIPELINE, simulated_log
from simulator.parameters import behaviour_parameters, catalogue_days
from simulator.records import EVENT, IMPRESSION, outcome_table
from simulator.served_pages import CELL, PAGES, ROW, served_pages

LANDED = ("impressions", "events")


@dataclass(frozen=True)
class LandedViews:
    """The N landed impressions of one life of a day, by profile and in order of view."""

    profile: INTS  # (N,)
    cell: INTS  # (N,) of the day
    artwork: INTS  # (N,)
    propensity: F64  # (N,) nan where the record has none
    reward: F64  # (N,) 1 for the last view of a cell that led to a quality play, else 0


def landed_views(
    population: Population, day: PopulationDay, choices: ArtworkChoices, replication: int
) -> LandedViews:
    """The landed impressions of a day that is lived with the chosen artwork.

    Another `replication` has the same sessions with other luck.
    """
    pages = published_pages(population, day, choices)
    with TemporaryDirectory() as folder:
        _send(population, day, pages, replication, Path(folder))
        impressions, events = (_landed(Path(folder), table) for table in LANDED)
    profile, cell = _cells(population, day, impressions)
    artwork_ids = pa.array(population.pools.artwork_ids, pa.string())
    artwork = pc.index_in(impressions["artwork_id"], value_set=artwork_ids)
    propensity = impressions["propensity"].cast(pa.float64())
    return LandedViews(
        profile=profile,
        cell=cell,
        artwork=artwork.to_numpy(zero_copy_only=False).astype(np.int64),
        propensity=propensity.to_numpy(zero_copy_only=False),
        reward=_rewards(population, day, cell, events),
    )


def published_pages(
    population: Population, day: PopulationDay, choices: ArtworkChoices
) -> pa.Table:
    """The day's pages as clients read them, each cell with its artwork and propensity."""
    title_ids = pa.array(population.truth.title_ids, pa.string())
    artwork_ids = pa.array(population.pools.artwork_ids, pa.string())
    sizes = np.diff(day.offsets)
    position = np.arange(len(day.title)) - np.repeat(day.offsets[:-1], sizes)
    cells = {
        "column_position": pa.array(1 + position % COLUMNS, pa.int32()),
        "title_id": title_ids.take(pa.array(day.title)),
        "artwork_id": artwork_ids.take(pa.array(choices.artwork)),
        "policy": pa.repeat("published", len(position)),
        "propensity": pa.array(choices.probability),
    }
    starts = np.flatnonzero(position % COLUMNS == 0)
    row_position = 1 + position[starts] // COLUMNS
    owner = np.repeat(np.arange(population.size), sizes)[starts]
    row_ids = pa.array([f"row{number}" for number in range(row_position.max(initial=0) + 1)])
    offsets = pa.array(np.append(starts, len(position)), pa.int32())
    cell_lists = pa.ListArray.from_arrays(offsets, _structs(cells, CELL))
    page_ids = pa.array([f"page-{profile_id}" for profile_id in population.profile_ids])
    rows = {
        "row_id": row_ids.take(pa.array(row_position)),
        "row_position": pa.array(row_position, pa.int32()),
        "page_id": page_ids.take(pa.array(owner)),
        "cells": cell_lists,
    }
    first = np.searchsorted(owner, np.arange(population.size + 1))
    lists = pa.ListArray.from_arrays(pa.array(first, pa.int32()), _structs(rows, ROW))
    return pa.Table.from_arrays([pa.array(population.members.index), lists], schema=PAGES)


def _structs(columns: dict[str, pa.Array], kind: pa.StructType) -> pa.StructArray:
    return pa.StructArray.from_arrays([columns[each.name] for each in kind], fields=list(kind))


def _send(
    population: Population, day: PopulationDay, pages: pa.Table, replication: int, folder: Path
) -> None:
    """Live the day with the pages and write what clients send of it."""
    truth, settings, batch = population.truth, population.settings, population.member_arrays
    parameters = behaviour_parameters(truth, settings, replication)
    catalogue = catalogue_days(truth.titles, settings, day.number, 1)
    served = served_pages(truth, population.members.index, pages)
    log, states = simulated_log(parameters, catalogue, batch, day.before, served.pages)
    outcome = outcome_table(truth, settings, batch, served, log, states, {PIPELINE: log})
    for table, kind in zip(LANDED, (IMPRESSION, EVENT), strict=True):
        records = outcome[table].combine_chunks().flatten()
        columns = pa.Table.from_arrays(records.flatten(), schema=pa.schema(list(kind)))
        pq.write_table(columns, folder / f"{table}.parquet")


def _landed(folder: Path, table: str) -> pa.Table:
    """The records of a landed file that keep the contract, as text."""
    name = f"{table}.parquet"
    (landing,) = landings([(table, name, folder / name)], layout)
    names = given_columns(landing.chunks)
    chunks = [replace(chunk, columns=names) for chunk in landing.chunks]
    records = pa.Table.from_batches([batch for chunk in chunks for batch in read_chunk(chunk)])
    return records.filter(pc.is_null(records["fault"]))


def _cells(population: Population, day: PopulationDay, records: pa.Table) -> tuple[INTS, INTS]:
    """Profile and cell of the day (N, N) of records that name a place on a page."""
    profile_ids = pa.array(population.profile_ids, pa.string())
    profile = pc.index_in(records["profile_id"], value_set=profile_ids)
    profile = profile.to_numpy(zero_copy_only=False).astype(np.int64)
    row, column = (_integers(records[name]) for name in ("row_position", "column_position"))
    return profile, day.offsets[profile] + (row - 1) * COLUMNS + column - 1


def _rewards(population: Population, day: PopulationDay, cell: INTS, events: pa.Table) -> F64:
    """1 for the last view of each cell (N,) from which there was a quality play."""
    is_play = pc.and_(pc.equal(events["kind"], "play"), pc.is_valid(events["page_id"]))
    plays = events.filter(is_play)
    _, played_cell = _cells(population, day, plays)
    watched, duration = (_integers(plays[name]) for name in ("watched_seconds", "duration_seconds"))
    least_share = population.settings.quality_play - ROUNDING
    quality_cells = played_cell[watched >= least_share * duration]
    last_view = np.full(len(day.title), -1)
    last_view[cell] = np.arange(len(cell))
    reward = np.zeros(len(cell))
    views = last_view[quality_cells]
    reward[views[views >= 0]] = 1
    return reward


def _integers(column: pa.ChunkedArray) -> INTS:
    return column.cast(pa.int64()).to_numpy(zero_copy_only=False)
