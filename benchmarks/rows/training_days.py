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
BY_RECENCY = Arm(
    "lessons", TREATMENT, rows(), lambda profiles: replace(profiles, wish=None, p_continues=None)
)
CELL = ("title_id", "row_position", "column_position")


def stages_with_trained_rankers(stage: Stage, lessons: int) -> list[Stage]:
    """Two stages, each with half of the accounts and rankers trained on the other half.

    They are trained on `lessons` replications of the day, which no judged draw uses, on pages with
    the row by recency and first. So the rankers know neither the members whom they are judged by
    nor their random numbers.
    """
    (pages,) = pages_of(stage, [BY_RECENCY])
    index = pages["index"].to_numpy()
    found = pa.concat_tables(
        [
            _training_rows(stage, replicated_day(stage, index, pages, -1 - number), number)
            for number in range(lessons)
        ]
    )
    half = np.array(
        [bucket(account, "lessons", 2) for account in stage.states["account_id"].to_pylist()]
    )
    of_row = half[
        pc.index_in(found["profile_id"], stage.states["profile_id"].combine_chunks()).to_numpy()
    ]
    return [
        _judged(stage, half == side, sample_from(found.filter(pa.array(of_row != side))))
        for side in (0, 1)
    ]


def _judged(stage: Stage, members: NDArray[np.bool_], sample: ResumeSample) -> Stage:
    """The stage of some members, with rankers trained on a sample of others."""
    settings, kept = resume_settings(), pa.array(members)
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
        states=stage.states.filter(kept),
        features=stage.features.filter(kept),
        maker=replace(stage.maker, rankers=rankers),
    )


def _training_rows(stage: Stage, out: pa.Table, number: int) -> pa.Table:
    """The rows of `resumes` that one life of a day gives, as `build_resumes` makes them of the log."""
    events, impressions = (out[name].combine_chunks() for name in ("events", "impressions"))
    player, play = _entries(events, pc.equal(events.flatten().field("kind"), "play"))
    in_row = pa.array(rows().ordered_by("resume"))
    viewer, cell = _entries(impressions, pc.is_in(impressions.flatten().field("row_id"), in_row))
    taken = pc.is_in(play.field("row_id"), in_row).to_numpy(zero_copy_only=False)
    came = np.union1d(player, Ragged.from_arrow(impressions).owners)
    features = stage.features.take(
        pc.index_in(out["profile_id"], stage.features["profile_id"].combine_chunks())
    )
    cells = pa.StructArray.from_arrays([cell.field(name) for name in CELL], list(CELL))
    played = play.field("title_id")
    by_profile = {
        "played": Ragged.from_owners(player, len(out)).to_arrow(played),
        "taken": Ragged.from_owners(player[taken], len(out)).to_arrow(
            played.filter(pa.array(taken))
        ),
        "shown": Ragged.from_owners(viewer, len(out)).to_arrow(cells),
    }
    batch = features
    for name, lists in by_profile.items():
        batch = batch.append_column(name, lists)
    batch = batch.take(pa.array(came))
    made = pa.Table.from_batches(
        [
            resume_records(stage.maker.moment.catalogue, stage.maker.context, one)
            for one in batch.combine_chunks().to_batches()
        ]
    )
    return made.append_column("cut_at", pa.array(np.full(len(made), number, np.int64)))


def _entries(lists: pa.ListArray, keep: pa.BooleanArray) -> tuple[I64, pa.StructArray]:
    """The entries of the lists that are kept, and the list of each."""
    owners = Ragged.from_arrow(lists).owners
    return owners[keep.to_numpy(zero_copy_only=False)], lists.flatten().filter(keep)
