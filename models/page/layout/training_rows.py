"""Training rows of the row model: rows where they stood, or might have stood, and their plays."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from conf.pages import Pages
from conf.rows import Rows
from models.page.layout.offer_batch import choice_parameters
from models.page.layout.placement import empty_rows, rules
from models.page.layout.row_features import COUNT, OfferBatch
from models.page.layout.row_score import Hindsight, score_context, score_trace
from models.page.layout.stagewise import choose
from models.page.layout.trees import Forest, no_trees
from models.ragged import Ragged

F32 = NDArray[np.float32]


class TrainingRows(NamedTuple):
    """N rows of pages: their features, plays, weights and profiles."""

    x: F32  # (N, features)
    played: NDArray[np.float64]  # (N,) how much was played from each
    weight: NDArray[np.float64]  # (N,) how much each counts
    profile: NDArray[np.int64]  # (N,) the profile that each was for
    window: NDArray[np.int64]  # (N,) number of the day or cut that each is of

    def where(self, keep: NDArray[np.bool_]) -> "TrainingRows":
        """The rows that a mask (N,) keeps; profiles are numbered as they were."""
        return TrainingRows(
            self.x[keep],
            self.played[keep],
            self.weight[keep],
            self.profile[keep],
            self.window[keep],
        )

    def of_window(self, number: int) -> "TrainingRows":
        """The same rows as those of one day or cut."""
        return self._replace(window=np.full(len(self.x), number, np.int64))


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
    settings = layout.lessons
    page_rules = rules(kinds, layout, layout.choice.fresh)
    rng = np.random.default_rng(seed)
    offers = batch.offers.copy()
    offers["jitter"] = settings.noise * rng.gumbel(size=len(offers))
    parameters = choice_parameters(layout)._replace(
        search_rows=0, full_rows=settings.rows, alone=False
    )
    context = score_context(
        batch._replace(offers=offers),
        page_rules._replace(rows=settings.rows),
        parameters,
        trees or no_trees(),
        Hindsight(np.zeros((0, 0), np.int64), truth),
    )
    trace = score_trace(settings.rows * len(offers), COUNT + len(kinds.kinds))
    choose(context, empty_rows(len(offers), len(batch.title)), trace)
    scores = trace.scores[: int(trace.used[0])]
    new = _may_offer_something_new(batch, scores["offer"], kinds)
    x, scores = trace.x[: len(scores)][new], scores[new]
    owner = np.searchsorted(batch.profiles["first"], scores["offer"], side="right") - 1
    window = np.zeros(len(x), np.int64)
    return TrainingRows(x, scores["truth"].copy(), np.ones(len(x)), owner, window)


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
    share of looks at the row that ended in a play of something new from it, `weight` (m, rows) what they count, 0 for
    rows nobody saw. Rows of what was played or chosen before are left out: they have nothing new.
    """
    page_rules = rules(kinds, layout, layout.choice.fresh)
    parameters = choice_parameters(layout)
    context = score_context(
        batch, page_rules, parameters, no_trees(), Hindsight(placed, np.zeros((0, 0), np.float32))
    )
    trace = score_trace(placed.size, COUNT + len(kinds.kinds))
    choose(context, empty_rows(placed.size, placed.size * page_rules.columns), trace)
    scores = trace.scores[: int(trace.used[0])]
    owner = np.searchsorted(batch.profiles["first"], scores["offer"], side="right") - 1
    cell = owner, scores["position"] - 1
    seen = (weight[cell] > 0) & _may_offer_something_new(batch, scores["offer"], kinds)
    played, counts = (each[cell][seen].astype(np.float64) for each in (taken, weight))
    window = np.zeros(len(played), np.int64)
    return TrainingRows(trace.x[: len(scores)][seen], played, counts, owner[seen], window)


def _may_offer_something_new(
    batch: OfferBatch, offers: NDArray[np.int64], kinds: Rows
) -> NDArray[np.bool_]:
    """Whether each offer's row is of a kind that does not go by what was played or chosen before."""
    may_repeat = np.array([kind.may_repeat for kind in kinds.kinds.values()])
    mask: NDArray[np.bool_] = ~may_repeat[batch.offers["kind"][offers]]
    return mask


def joined_training_rows(parts: list[TrainingRows]) -> TrainingRows:
    """All training rows, one part after another; no two parts share a profile."""
    counts = np.array([int(part.profile.max(initial=-1)) + 1 for part in parts], np.int64)
    shift = Ragged.from_counts(counts).starts
    return TrainingRows(
        np.concatenate([part.x for part in parts]),
        np.concatenate([part.played for part in parts]),
        np.concatenate([part.weight for part in parts]),
        np.concatenate([part.profile + start for part, start in zip(parts, shift, strict=True)]),
        np.concatenate([part.window for part in parts]),
    )
