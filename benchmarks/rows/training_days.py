"""Rankers of Continue Watching, trained on one half of the accounts and judged by the other."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from closed_loop.stage import Stage
from closed_loop.variants import TREATMENT, Arm, pages_of, replicated_day
from conf.keys import bucket
from conf.rankers import CONTINUATION, CONTINUE_WATCHING
from conf.resumes import resume_settings
from conf.rows import rows
from jobs.training.resume_examples import sample_from
from models.catalogue.arrays import Profiles
from models.ragged import Ragged
from models.rankers.continue_watching.examples import resume_records
from models.rankers.continue_watching.fit import (
    ResumeSample,
    continuation_rows,
    fit_continuation,
    fit_resume_order,
)
from models.rankers.package import ServingRanker, pack

I64 = NDArray[np.int64]


def _without_rankers(profiles: Profiles) -> Profiles:
    return replace(profiles, wish=None, p_continues=None)


BY_RECENCY = Arm("training", TREATMENT, rows(), _without_rankers)
CELL_FIELDS = ("title_id", "row_position", "column_position")


def stages_with_trained_rankers(stage: Stage, lessons: int) -> list[Stage]:
    """Two stages, each with half of the accounts and rankers trained on the other half.

    They are trained on `lessons` replications of the day, which no judged draw uses, on pages with
    the row by recency and first. So the rankers know neither the members whom they are judged by
    nor their random numbers.
    """
    (pages,) = pages_of(stage, [BY_RECENCY])
    index = pages["index"].to_numpy()
    rows_by_day = []
    for number in range(lessons):
        outcome = replicated_day(stage, index, pages, -1 - number)
        rows_by_day.append(_training_rows(stage, outcome, number))
    training_rows = pa.concat_tables(rows_by_day)
    accounts = stage.states["account_id"].to_pylist()
    half = np.array([bucket(account, "lessons", 2) for account in accounts])
    profile_ids = stage.states["profile_id"].combine_chunks()
    profile = pc.index_in(training_rows["profile_id"], profile_ids).to_numpy()
    half_of_row = half[profile]
    halves = []
    for side in (0, 1):
        sample = sample_from(training_rows.filter(pa.array(half_of_row != side)))
        halves.append(_with_rankers(stage, half == side, sample))
    return halves


def _with_rankers(stage: Stage, members: NDArray[np.bool_], sample: ResumeSample) -> Stage:
    """The stage of some members, with rankers trained on a sample of others."""
    settings = resume_settings()
    is_member = pa.array(members)
    order = pack(fit_resume_order(sample, settings), sample.matrix)
    days = continuation_rows(sample, settings)
    continuation = pack(fit_continuation(days), days.matrix)
    rankers = {
        **stage.maker.rankers,
        CONTINUE_WATCHING: ServingRanker(order, "learned"),
        CONTINUATION: ServingRanker(continuation, "learned"),
    }
    return replace(
        stage,
        states=stage.states.filter(is_member),
        features=stage.features.filter(is_member),
        maker=replace(stage.maker, rankers=rankers),
    )


def _training_rows(stage: Stage, outcome: pa.Table, number: int) -> pa.Table:
    """The rows of `resumes` of a simulated day, as `build_resumes` makes them of the log."""
    events = outcome["events"].combine_chunks()
    impressions = outcome["impressions"].combine_chunks()
    active_profiles = _active_profiles(events, impressions)
    features = stage.features.take(
        pc.index_in(outcome["profile_id"], stage.features["profile_id"].combine_chunks())
    )
    for name, lists in _resume_lists(events, impressions).items():
        features = features.append_column(name, lists)
    features = features.take(pa.array(active_profiles)).combine_chunks()
    maker = stage.maker
    records = [
        resume_records(maker.moment.catalogue, maker.context, batch)
        for batch in features.to_batches()
    ]
    training_rows = pa.Table.from_batches(records)
    numbers = np.full(len(training_rows), number, np.int64)
    return training_rows.append_column("cut_at", pa.array(numbers))


def _active_profiles(events: pa.ListArray, impressions: pa.ListArray) -> I64:
    """The positions of the profiles with a play or an impression, ascending."""
    player, _ = _plays(events)
    return np.union1d(player, Ragged.from_arrow(impressions).owners)


def _plays(events: pa.ListArray) -> tuple[I64, pa.StructArray]:
    return _entries(events, pc.equal(events.flatten().field("kind"), "play"))


def _resume_lists(events: pa.ListArray, impressions: pa.ListArray) -> dict[str, pa.ListArray]:
    """By profile: titles played, those of them from Continue Watching, and its cells in view."""
    row_ids = pa.array(rows().ordered_by("resume"))
    player, play = _plays(events)
    title = play.field("title_id")
    from_row = pc.is_in(play.field("row_id"), row_ids).to_numpy(zero_copy_only=False)
    viewer, impression = _entries(
        impressions, pc.is_in(impressions.flatten().field("row_id"), row_ids)
    )
    cells = pa.StructArray.from_arrays(
        [impression.field(name) for name in CELL_FIELDS], list(CELL_FIELDS)
    )
    profiles = len(events)
    titles_from_row = title.filter(pa.array(from_row))
    return {
        "played": Ragged.from_owners(player, profiles).to_arrow(title),
        "taken": Ragged.from_owners(player[from_row], profiles).to_arrow(titles_from_row),
        "shown": Ragged.from_owners(viewer, profiles).to_arrow(cells),
    }


def _entries(lists: pa.ListArray, keep: pa.BooleanArray) -> tuple[I64, pa.StructArray]:
    """The entries of the lists where `keep` is true, and the position of the list of each."""
    owners = Ragged.from_arrow(lists).owners
    owners_of_entries = owners[keep.to_numpy(zero_copy_only=False)]
    return owners_of_entries, lists.flatten().filter(keep)
