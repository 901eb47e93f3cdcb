"""Worth of titles and what else the choice of rows is made from."""

from dataclasses import replace

import numpy as np
import pytest

from conf.days import DAY_S
from conf.pages import Continuing, Worth, pages
from conf.rows import rows
from models.page.layout.offer_batch import (
    continuation_positions,
    offer_batch,
    own_mix,
    tie_breaks,
    worth,
)
from models.page.rows.offers import offers
from tests.models.page import small
from tests.models.page.test_builders import KINDS, SHOP, WISHES, layout

CURVE = Worth(shift=1.0, power=1.0, unranked=9, own=3, continues=0.5)  # 1 / (place + 1)


def of(wishes: dict[str, float], history: list[str], **more: object) -> dict[str, float]:
    people = replace(small.profiles(SHOP, {"ann": {"history": history}}), **more)  # type: ignore[arg-type]
    found = worth(SHOP, people, small.scores(SHOP, [wishes]), CURVE)[0]
    return dict(zip(SHOP.title_ids.tolist(), found.tolist(), strict=True))


def test_worth_is_by_the_place_in_the_profiles_own_ranking() -> None:
    found = of({"d0": 3.0, "c1": 2.0}, ["seen"])
    assert (found["d0"], found["c1"]) == pytest.approx((1 / 2, 1 / 3))
    assert found["c0"] == pytest.approx(1 / 10), "not ranked"
    assert found["seen"] == pytest.approx(1 / 4), "played before"


def test_worth_of_a_profile_without_history_is_by_plays() -> None:
    found = of({"d3": 9.0}, [])
    assert (found["c0"], found["c1"]) == pytest.approx((1 / 2, 1 / 3))  # 10 and 9 plays


def test_what_can_be_gone_on_with_is_worth_more_the_more_probable_it_is() -> None:
    half = {"resume_s": 60, "length_s": 6000, "finished": 0}
    facts = {"history": ["seen", "old"], "states": {"seen": half, "old": half}}
    people = small.profiles(SHOP, {"ann": facts})
    asked = replace(
        people, wish=np.array([0.2, 0.6], np.float32), p_continues=np.array([0.25], np.float32)
    )
    found = worth(SHOP, asked, small.scores(SHOP, [{"d0": 1.0}]), CURVE)[0]
    at = dict(zip(SHOP.title_ids.tolist(), found.tolist(), strict=True))
    # the first of the ranking is worth 1 / 2; a probability of .25 is half of .5; old is wanted most
    assert (at["d0"], at["old"], at["seen"]) == pytest.approx((1 / 2, 1 / 4, 1 / 8))


def test_row_to_continue_stands_where_the_probability_of_going_on_puts_it() -> None:
    half = {"resume_s": 60, "length_s": 6000, "finished": 0}
    facts = {"history": ["seen"], "states": {"seen": half}}
    names = ("never", "may", "will")
    people = small.profiles(SHOP, dict.fromkeys(names, facts))
    as_of_s = float(people.last_at_s.max()) + 2 * DAY_S
    wishes = small.scores(SHOP, [{"d0": 1.0}] * 3)
    kinds, where = rows(), Continuing(position=2, fresh_days=1.0, least=0.2, first_from=0.8)

    def positions(p_continues: list[float] | None, at_s: float = as_of_s) -> list[list[int]]:
        p = None if p_continues is None else np.array(p_continues, np.float32)
        asked = replace(people, p_continues=p)
        found = offers(SHOP, asked, wishes, small.neighbours(SHOP, {}), kinds, pages())
        made = continuation_positions(asked, found, kinds, where, at_s)
        resumes = np.array(list(kinds.kinds))[found.kind] == "continue_watching"
        assert not made[~resumes].any(), "no other row has a position"
        return [made[resumes & (found.profile == index)].tolist() for index in range(3)]

    assert positions([0.1, 0.2, 0.8]) == [[0], [2], [1]]
    assert positions(None) == [[2], [2], [2]], "nobody knows who goes on"
    half_a_day_later = as_of_s - 1.5 * DAY_S
    assert positions([0.1, 0.2, 0.8], half_a_day_later) == [[0], [1], [1]], "in the middle of it"


def test_own_mix_is_the_mean_mix_of_the_history() -> None:
    people = small.profiles(SHOP, {"ann": {"history": ["seen", "old", "c0"]}, "new": {}})
    mix = np.array(
        [
            [g in f for g in ("Comedy", "Drama")]
            for f in [["Comedy"]] * 4 + [["Drama"]] * 4 + [["Drama"], ["Comedy"]]
        ],
        np.float32,
    )
    assert own_mix(people, mix)[0] == pytest.approx([2 / 3, 1 / 3]) and own_mix(people, mix)[
        1
    ].tolist() == [0, 0]


def test_ties_are_the_same_whoever_else_is_there_and_differ_between_profiles() -> None:
    near = small.neighbours(SHOP, {})
    made = []
    for names in (["ann"], ["bob", "ann"]):
        people = small.profiles(SHOP, {name: {"history": ["seen"]} for name in names})
        found = offers(
            SHOP,
            people,
            small.scores(SHOP, [WISHES] * len(names)),
            near,
            KINDS,
            layout("stagewise"),
        )
        made.append(
            [
                tie_breaks(SHOP, people, found, KINDS)[found.profile == place]
                for place in range(len(names))
            ]
        )
    assert made[0][0].tolist() == made[1][1].tolist() != made[1][0].tolist()
    assert all(0 <= tie < 1 for tie in made[1][0])


def test_best_offers_compete_and_all_that_are_required() -> None:
    wanted = layout("stagewise", candidates=1)
    people, wishes = (
        small.profiles(SHOP, {"ann": {"history": ["seen"]}}),
        small.scores(SHOP, [WISHES]),
    )
    found = offers(SHOP, people, wishes, small.neighbours(SHOP, {}), KINDS, wanted)
    batch = offer_batch(SHOP, people, wishes, found, KINDS, wanted)
    names = np.array(list(KINDS.kinds))[found.kind]
    assert set(pages().required) >= {"top_picks", "popular"}
    assert set(names[batch.offers["competes"]]) == {"top_picks", "popular"}
