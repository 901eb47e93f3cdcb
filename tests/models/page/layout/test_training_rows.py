"""What the row model learns from, worked out by hand."""

import numpy as np
import pytest

from conf.pages import Pages
from conf.rows import rows
from models.page.layout.offer_batch import offer_batch
from models.page.layout.row_features import COUNT, FEATURES
from models.page.layout.training_rows import (
    TrainingRows,
    from_impressions,
    from_later_plays,
    joined_training_rows,
)
from models.page.rows.offers import Offers, offers
from tests.models.page import small
from tests.models.page.test_builders import KINDS, SHOP, TV, WISHES, layout

LAYOUT = layout("stagewise", TV, head=2, fresh=2)
RIGHT = 0.5  # of the only device


def goods_of(layout_: Pages = LAYOUT) -> tuple[Offers, object]:
    people = small.profiles(SHOP, {"ann": {"history": ["seen"]}})
    wishes = small.scores(SHOP, [WISHES])
    found = offers(SHOP, people, wishes, small.neighbours(SHOP, {}), KINDS, layout_)
    return found, offer_batch(SHOP, people, wishes, found, KINDS, layout_)


def test_rows_are_worth_the_later_plays_at_their_heads() -> None:
    quiet = LAYOUT.model_copy(
        update={"lessons": LAYOUT.lessons.model_copy(update={"noise": 0.0, "rows": 1})}
    )
    found, batch = goods_of(quiet)
    truth = np.isin(SHOP.title_ids, ["d0", "c1"]).astype(np.float32)[None, :]
    learned = from_later_plays(batch, truth, KINDS, quiet, seed=1)  # type: ignore[arg-type]
    kinds = [list(KINDS.kinds)[int(np.argmax(x[COUNT:]))] for x in learned.x]
    heads = {"top_picks": 1.0, "popular": RIGHT}  # d0 c0; c0 c1
    for kind, worth in heads.items():
        assert learned.played[kinds.index(kind)] == pytest.approx(worth)
    assert sorted(learned.played[[k == "genre" for k in kinds]]) == pytest.approx(
        [RIGHT, 1.0]
    )  # c0 c1; d0 d1
    assert len(learned.x) == len(found.kind) and set(learned.profile) == {0}


def test_rows_of_what_was_played_before_teach_nothing() -> None:
    again = rows().kinds["watch_again"].model_copy(update={"min_length": 1})
    kinds = KINDS.model_copy(update={"kinds": {**KINDS.kinds, "watch_again": again}})
    people = small.profiles(SHOP, {"ann": {"history": ["seen"]}})
    wishes = small.scores(SHOP, [WISHES])
    found = offers(SHOP, people, wishes, small.neighbours(SHOP, {}), kinds, LAYOUT)
    batch = offer_batch(SHOP, people, wishes, found, kinds, LAYOUT)
    repeats = found.kind == list(kinds.kinds).index("watch_again")
    assert repeats.any() and not repeats.all()
    truth = np.ones((1, SHOP.size), np.float32)
    later = from_later_plays(batch, truth, kinds, LAYOUT, seed=1)
    placed = np.array([[np.flatnonzero(repeats)[0], np.flatnonzero(~repeats)[0]]])
    looked_at, taken = np.ones((1, 2), np.float32), np.ones((1, 2), np.float32)
    seen = from_impressions(batch, placed, taken, looked_at, kinds, LAYOUT)
    assert len(seen.x) == 1, "the row of what was played before is left out"
    assert not np.concatenate([later.x, seen.x])[:, -1].any()


def test_noise_meets_rows_below_many_others() -> None:
    loud = LAYOUT.model_copy(
        update={"lessons": LAYOUT.lessons.model_copy(update={"noise": 5.0, "rows": 3})}
    )
    _, batch = goods_of(loud)
    truth = np.zeros((1, SHOP.size), np.float32)
    orders = set()
    for seed in range(12):
        learned = from_later_plays(batch, truth, KINDS, loud, seed)  # type: ignore[arg-type]
        assert set(learned.x[:, FEATURES.index("position")]) == {1.0, 2.0, 3.0}
        orders.add(learned.x[:, FEATURES.index("page_genres")].tobytes())
    assert len(orders) > 1
    again = from_later_plays(batch, truth, KINDS, loud, 3)  # type: ignore[arg-type]
    assert np.array_equal(again.x, from_later_plays(batch, truth, KINDS, loud, 3).x)  # type: ignore[arg-type]


def test_rows_in_view_are_described_below_those_that_stood_above() -> None:
    found, batch = goods_of()
    names = [list(KINDS.kinds)[kind] for kind in found.kind]
    top, popular = names.index("top_picks"), names.index("popular")
    placed = np.array([[top, popular, -1]])
    taken, weight = np.array([[0.5, 0.0, 0.0]], np.float32), np.array([[2.0, 3.0, 0.0]], np.float32)
    learned = from_impressions(batch, placed, taken, weight, KINDS, LAYOUT)  # type: ignore[arg-type]
    assert learned.played.tolist() == [0.5, 0.0] and learned.weight.tolist() == [2.0, 3.0]
    assert learned.x[:, FEATURES.index("position")].tolist() == [1.0, 2.0]
    # below d0 c0 the popular row (c0 c1 c2 ...) leads with c1 c2: worth of places 3 and 5, not of 2 and 3
    worth = LAYOUT.choice.worth
    left = (3 + worth.shift) ** -worth.power + RIGHT * (5 + worth.shift) ** -worth.power
    assert learned.x[1, FEATURES.index("log_worth")] == pytest.approx(np.log(left), abs=1e-5)


def test_rows_that_nobody_saw_teach_nothing_but_stand_above_others() -> None:
    found, batch = goods_of()
    names = [list(KINDS.kinds)[kind] for kind in found.kind]
    placed = np.array([[names.index("top_picks"), names.index("popular")]])
    unseen = np.array([[0.0, 1.0]], np.float32)
    learned = from_impressions(batch, placed, np.zeros((1, 2), np.float32), unseen, KINDS, LAYOUT)  # type: ignore[arg-type]
    assert len(learned.x) == 1 and learned.x[0, FEATURES.index("last_genres")] > 0


def test_lessons_of_several_days_keep_their_profiles_apart() -> None:
    one = TrainingRows(
        np.zeros((2, 3), np.float32), np.zeros(2), np.ones(2), np.array([0, 1]), np.zeros(2, int)
    )
    assert joined_training_rows([one, one, one]).profile.tolist() == [0, 1, 2, 3, 4, 5]
