"""What the row model learns from: rows where they stood, or might have stood, and whether they were played from."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from conf.pages import Pages
from conf.rows import Rows
from models.page.layout.offer_batch import choice_parameters
from models.page.layout.placement import placed_rows, rules
from models.page.layout.row_features import COUNT, OfferBatch
from models.page.layout.row_score import Hindsight, score_context, score_trace
from models.page.layout.stagewise import choose
from models.page.layout.trees import Forest, no_trees
from models.ragged import Ragged

F32 = NDArray[np.float32]


class TrainingRows(NamedTuple):
    """N rows: their features, how much was played from each, how much each counts, and the profile it was shown to."""

    x: F32  # (N, features)
    played: NDArray[np.float64]
    weight: NDArray[np.float64]
    profile: NDArray[np.int64]

    def where(self, keep: NDArray[np.bool_]) -> "TrainingRows":
        """The lessons that a mask (N,) keeps; profiles are numbered as they were."""
        return TrainingRows(self.x[keep], self.played[keep], self.weight[keep], self.profile[keep])


def from_later_plays(
    batch: OfferBatch,
    truth: F32,
    kinds: Rows,
    layout: Pages,
    seed: int,
    trees: Forest | None = None,
) -> TrainingRows:
    """Every row that might have stood at each of the first positions of pages that chance had a hand in.

    `truth` (m, n) is 1 where a profile played the title later, else 0; a row is worth the sum of right^j over the
    places j of its head that were. Pages are built by score with noise (Gumbel), so that rows are met below many
    others, not only below those that a policy would have chosen.
    """
    told, law = layout.lessons, rules(kinds, layout, layout.choice.fresh)
    rng = np.random.default_rng(seed)
    offers = batch.offers.copy()
    offers["jitter"] = told.noise * rng.gumbel(size=len(offers))
    numbers = choice_parameters(layout)._replace(look_ahead=0, full_rows=told.rows, alone=False)
    context = score_context(
        batch._replace(offers=offers),
        law._replace(rows=told.rows),
        numbers,
        trees or no_trees(),
        Hindsight(np.zeros((0, 0), np.int64), truth),
    )
    kept = score_trace(told.rows * len(offers), COUNT + len(kinds.kinds))
    choose(context, placed_rows(len(offers), len(batch.title)), kept)
    size = int(kept.used[0])
    made = kept.scores[:size]
    owner = np.searchsorted(batch.profiles["first"], made["offer"], side="right") - 1
    return TrainingRows(kept.x[:size], made["truth"].copy(), np.ones(size), owner)


def from_impressions(
    batch: OfferBatch,
    placed: NDArray[np.int64],
    taken: F32,
    weight: F32,
    kinds: Rows,
    layout: Pages,
) -> TrainingRows:
    """The rows that came into view, each below those that stood above it.

    `placed` (m, rows) names the offer that stood at each position, -1 where none is known; `taken` (m, rows) is the
    share of looks at the row that ended in a play from it, `weight` (m, rows) what they count, 0 for rows nobody saw.
    """
    law, numbers = rules(kinds, layout, layout.choice.fresh), choice_parameters(layout)
    context = score_context(
        batch, law, numbers, no_trees(), Hindsight(placed, np.zeros((0, 0), np.float32))
    )
    kept = score_trace(placed.size, COUNT + len(kinds.kinds))
    choose(context, placed_rows(placed.size, placed.size * law.columns), kept)
    made = kept.scores[: int(kept.used[0])]
    owner = np.searchsorted(batch.profiles["first"], made["offer"], side="right") - 1
    cell = owner, made["position"] - 1
    seen = weight[cell] > 0
    played, counts = (each[cell][seen].astype(np.float64) for each in (taken, weight))
    return TrainingRows(kept.x[: len(made)][seen], played, counts, owner[seen])


def joined_training_rows(parts: list[TrainingRows]) -> TrainingRows:
    """All lessons, one after the other; profiles are numbered on, so that no two parts share one."""
    counts = np.array([int(part.profile.max(initial=-1)) + 1 for part in parts], np.int64)
    shift = Ragged.from_counts(counts).starts
    return TrainingRows(
        np.concatenate([part.x for part in parts]),
        np.concatenate([part.played for part in parts]),
        np.concatenate([part.weight for part in parts]),
        np.concatenate([part.profile + start for part, start in zip(parts, shift, strict=True)]),
    )
