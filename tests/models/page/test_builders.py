"""What every builder promises, and pages whose rows were chosen by score, worked out by hand."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from conf.pages import Continuing, Device, Pages, Search, pages
from conf.rows import Rows, rows
from models.catalogue.eligibility import allowed, showable
from models.page.build import build_pages
from models.page.layout.offer_batch import choice_parameters, offer_batch
from models.page.layout.placement import empty_rows, rules
from models.page.layout.row_features import COUNT, FEATURES, WORTH
from models.page.layout.row_model import RowModel
from models.page.layout.row_score import score_context, score_trace
from models.page.layout.stagewise import choose
from models.page.layout.trees import no_trees
from models.page.rows.offers import offers
from tests.models.page import small
from tests.models.page.test_template_properties import worlds

NO_TREES = RowModel("none", None)
NO_SEARCH = Search(rows=0, width=1, of=1, head=1, right=1.0)
BY_SCORE = ("independent", "stagewise")


def layout(builder: str, devices: dict[str, Device] | None = None, **choice: Any) -> Pages:
    """The layout of conf/pages.yaml with some numbers changed."""
    plain = {
        "alike": 1.0,
        "steps": 0.0,
        "diversity": 0.0,
        "calibration": 0.0,
        "search": NO_SEARCH,
        **choice,
    }
    update: dict[str, Any] = {"builder": builder, "choice": pages().choice.model_copy(update=plain)}
    return pages().model_copy(update=update | ({"devices": devices} if devices else {}))


@pytest.mark.parametrize("builder", BY_SCORE)
@settings(max_examples=40, deadline=None)
@given(made=worlds)
def test_pages_chosen_by_score_keep_every_promise(
    builder: str, made: tuple[Any, Any, Any, Any]
) -> None:
    shop, people, _, _ = made
    wanted = pages().model_copy(update={"builder": builder})
    built = build_pages(*made, "r", wanted, row_model=NO_TREES).to_pylist()
    legal, at = allowed(shop, people), {t: i for i, t in enumerate(shop.title_ids)}
    for owner, profile in enumerate(people.profile_ids):
        page = [row for row in built if row["profile_id"] == profile]
        own = set(shop.title_ids[people.history(owner)])
        assert bool(page) or not showable(shop, people)[owner], (
            "who can be shown something has a page"
        )
        assert [row["row_position"] for row in page] == list(range(1, len(page) + 1))
        assert len({row["row_id"] for row in page}) == len(page) <= wanted.rows
        heads = [
            c["title_id"]
            for row in page
            if not rows().kinds[row["row_kind"]].may_repeat
            for c in row["cells"][: wanted.lead]
        ]
        screen = [
            c["title_id"]
            for row, width in zip(page, wanted.screen, strict=False)
            if not rows().kinds[row["row_kind"]].may_repeat
            for c in row["cells"][:width]
        ]
        assert len(screen) == len(set(screen)) and set(screen) <= {*heads}
        for row, below in zip(page, [*page[1:], None], strict=False):
            kind, titles = (
                rows().kinds[row["row_kind"]],
                [cell["title_id"] for cell in row["cells"]],
            )
            assert kind.min_length <= len(titles) <= min(kind.max_length, wanted.columns)
            assert all(legal[owner, at[title]] for title in titles), (
                "mature, blocked or unavailable"
            )
            assert kind.watched != "hide" or not own & set(titles)
            if below and not (kind.may_repeat or rows().kinds[below["row_kind"]].may_repeat):
                other = {cell["title_id"] for cell in below["cells"]}
                assert len(other & set(titles)) <= wanted.choice.alike * len(other | set(titles))


@settings(max_examples=40, deadline=None)
@given(made=worlds)
def test_every_score_is_of_the_first_titles_that_lead_no_row_above(
    made: tuple[Any, Any, Any, Any],
) -> None:
    wanted, kinds = pages().model_copy(update={"builder": "stagewise"}), rows()
    found = offers(*made, kinds, wanted)
    batch = offer_batch(*made[:3], found, kinds, wanted)
    limits, numbers = rules(kinds, wanted, wanted.choice.fresh), choice_parameters(wanted)
    trace = score_trace(20_000, COUNT + len(kinds.kinds))
    out = empty_rows(len(batch.offers), len(batch.title))
    choose(score_context(batch, limits, numbers, no_trees()), out, trace)
    repeats = np.array([kind.may_repeat for kind in kinds.kinds.values()])[found.kind]
    leads = {
        row: set(batch.title[out.cells[out.ends[row] : out.ends[row + 1]][: limits.lead]])
        for row in range(int(out.rows[0]))
        if not repeats[out.offer[row]]
    }
    for entry, x in zip(trace.scores[: int(trace.used[0])], trace.x, strict=False):
        offer, owner = entry["offer"], found.profile[entry["offer"]]
        above: set[int] = set()
        for row, lead in leads.items():
            is_above = out.position[row] < entry["position"]
            above |= lead if is_above and found.profile[out.offer[row]] == owner else set()
        titles = batch.title[found.starts[offer] :][: found.counts[offer]]
        head = [t for t in titles if repeats[offer] or t not in above][: numbers.head]
        worth = sum(numbers.right**j * batch.worth[owner, t] for j, t in enumerate(head))
        assert x[FEATURES.index("fresh_cells")] == len(head)
        assert x[WORTH] == pytest.approx(np.log(worth), abs=1e-5)


@settings(max_examples=20, deadline=None)
@given(made=worlds)
def test_page_is_the_same_every_time(made: tuple[Any, Any, Any, Any]) -> None:
    assert build_pages(*made, "r", row_model=NO_TREES).equals(
        build_pages(*made, "r", row_model=NO_TREES)
    )


SHOP = small.catalogue(
    {
        **{f"c{i}": {"genres": ["Comedy"], "plays": 10 - i} for i in range(4)},
        **{f"d{i}": {"genres": ["Drama"], "plays": 6 - i} for i in range(4)},
        "seen": {"genres": ["Comedy"]},
        "old": {"genres": ["Drama"]},
    }
)
WISHES = {"d0": 9.0, "c0": 8.0, "c1": 7.0, "d1": 6.0, "c2": 5.0, "c3": 4.0, "d2": 3.0, "d3": 2.0}
TV = {"tv": Device(rows=6, columns=4, screen_rows=2, screen_columns=2, down=0.8, right=0.5)}
KINDS = Rows(
    kinds={
        name: rows().kinds[name].model_copy(update={"min_length": 2, "max_length": 4})
        for name in ("top_picks", "popular", "genre")
    },
    template=("popular",),
    then=(),
)


def page(
    builder: str,
    wishes: dict[str, float] = WISHES,
    devices: dict[str, Device] = TV,
    history: str = "seen",
    **choice: Any,
) -> list[str]:
    """The rows, by their id and titles, of a member who saw one comedy, or what `history` names."""
    wanted = layout(builder, devices, **{"head": 2, "fresh": 2, **choice})
    people = small.profiles(SHOP, {"ann": {"history": history.split()}})
    made = build_pages(
        SHOP,
        people,
        small.scores(SHOP, [wishes]),
        small.neighbours(SHOP, {}),
        "r",
        wanted,
        KINDS,
        NO_TREES,
    )
    return [f"{name}: {titles}" for name, titles in small.shown(made, "ann")]


@pytest.mark.parametrize("builder", BY_SCORE)
def test_page_is_the_same_whoever_else_is_in_the_batch(builder: str) -> None:
    facts = {"bob": {"history": ["c0", "old"]}, "ann": {"history": ["seen"]}, "new": {}}
    near, wanted = small.neighbours(SHOP, {"seen": {"c1": 0.9, "c2": 0.8}}), layout(builder, TV)
    built = [
        build_pages(
            SHOP,
            small.profiles(SHOP, {name: facts[name] for name in names}),
            small.scores(SHOP, [WISHES] * len(names)),
            near,
            "r",
            wanted,
            KINDS,
            NO_TREES,
        )
        for names in (["bob", "ann", "new"], ["ann"])
    ]
    assert small.shown(built[0], "ann") == small.shown(built[1], "ann")


def test_independent_rows_stand_by_what_each_is_worth_alone() -> None:
    # places: d0 1, c0 2, c1 3, d1 4; worth of heads: top picks d0 c0, drama d0 d1, comedy and popular c0 c1; of these
    # two, which are alike, comedy comes first by its place among equal scores or popular does
    found = page("independent")
    assert found[0] == "top_picks: d0 c0 c1 d1"
    assert found[1].startswith("genre:Drama: d1 d2"), "scored with d0, which stands above already"


def test_stagewise_rows_are_scored_by_what_they_still_add() -> None:
    # below top picks (d0 c0) comedy is left with c1 c2 of places 3 and 5, drama with d1 d2 of 4 and 7, popular c1 c2
    found = page("stagewise")
    assert found[0] == "top_picks: d0 c0 c1 d1"
    assert found[1].split()[1:3] == ["c1", "c2"]
    assert found[2].startswith("genre:Drama: d1 d2")


def test_first_rows_chosen_together_hold_the_best_titles_between_them() -> None:
    greedy, together = (
        page("stagewise"),
        page("stagewise", search=Search(rows=2, width=3, of=3, head=2, right=0.8)),
    )
    assert greedy[0].startswith("top_picks: d0 c0") and greedy[1].split()[1:3] == [
        "c1",
        "c2",
    ]  # places 1 2, then 3 5
    leading = {*together[0].split()[1:3], *together[1].split()[1:3]}
    assert leading == {"d0", "c0", "c1", "d1"}  # 2 3, then 1 4


def test_top_picks_does_not_wait_beyond_the_rows_that_are_chosen_together() -> None:
    for length in (1, 2, 3):
        found = page("stagewise", search=Search(rows=length, width=4, of=8, head=2, right=0.8))
        kinds = [row.split(":")[0] for row in found]
        assert kinds.index("top_picks") < max(length, 1) + 1, found


def test_row_that_may_not_stand_gives_its_place_to_the_best_that_may() -> None:
    together = {"search": Search(rows=3, width=4, of=8, head=2, right=0.8)}
    alike, strict = page("stagewise", **together), page("stagewise", alike=0.1, **together)
    assert len(strict) and strict != alike
    assert strict[0] == alike[0], "only a row below another one can be too much like it"


def continuing(p: float, **choice: Any) -> list[str]:
    """The kinds of row of a member who is in the middle of a title."""
    half = {"resume_s": 60, "length_s": 6000, "finished": 0}
    facts = {"history": ["seen"], "states": {"seen": half}}
    people = replace(small.profiles(SHOP, {"ann": facts}), p_continues=np.array([p], np.float32))
    resume = rows().kinds["continue_watching"]
    kinds = KINDS.model_copy(update={"kinds": {"continue_watching": resume, **KINDS.kinds}})
    where = Continuing(position=2, fresh_days=0.0, least=0.1, first_from=0.9)
    wanted = layout("stagewise", TV, head=2, fresh=2, continuing=where, **choice)
    scores, near = small.scores(SHOP, [WISHES]), small.neighbours(SHOP, {})
    made = build_pages(SHOP, people, scores, near, "r", wanted, kinds, NO_TREES)
    return [name for name, _ in small.shown(made, "ann")]


@pytest.mark.parametrize(
    "search", [NO_SEARCH, Search(rows=3, width=4, of=8, head=2, right=0.8)], ids=["alone", "search"]
)
def test_titles_to_continue_stand_second_below_something_new(search: Search) -> None:
    assert continuing(0.5, search=search).index("continue_watching") == 1
    assert continuing(0.95, search=search).index("continue_watching") == 0, "who surely goes on"
    assert continuing(0.09, search=search).index("continue_watching") > 1, "who surely does not"


def test_required_kind_stands_within_its_last_position() -> None:
    tight = {"tv": TV["tv"].model_copy(update={"rows": 2, "required": {"popular": 2}})}
    dull = {"d0": 9.0, "d1": 8.0, "d2": 7.0, "d3": 6.0, "c3": 1.0}
    assert not any(
        row.startswith("popular")
        for row in page("stagewise", dull, {"tv": TV["tv"].model_copy(update={"rows": 2})})
    )
    assert page("stagewise", dull, tight)[1].startswith("popular")


def test_forbidden_kind_is_left_out() -> None:
    forbids = {"tv": TV["tv"].model_copy(update={"forbidden": ("top_picks",)})}
    assert not any(row.startswith("top_picks") for row in page("stagewise", devices=forbids))


@pytest.mark.parametrize("weight", ["diversity", "calibration"])
def test_weights_bring_the_profiles_other_genre_up(weight: str) -> None:
    comedies = {"c0": 9.0, "c1": 8.0, "c2": 7.0, "c3": 6.0, "d0": 1.0, "d1": 0.5}
    plain = page("stagewise", comedies, history="seen old")
    mixed = page("stagewise", comedies, history="seen old", **{weight: 50.0})
    assert [row.split(":")[1] for row in plain[:2]] != [row.split(":")[1] for row in mixed[:2]]
    assert any("Drama" in row for row in mixed[:2]) and not any("Drama" in row for row in plain[:2])


def test_of_many_offers_the_best_compete_and_all_that_are_required() -> None:
    assert len(page("stagewise", candidates=1)) == 1
    needs = {"tv": TV["tv"].model_copy(update={"required": {"popular": 2}})}
    assert len(page("stagewise", devices=needs, candidates=1)) == 2


def test_without_a_row_model_or_a_ranker_the_template_serves() -> None:
    people = small.profiles(SHOP, {"ann": {"history": ["seen"]}})
    world = SHOP, people, small.scores(SHOP, [WISHES]), small.neighbours(SHOP, {})
    template = build_pages(*world, "r", layout("template"), KINDS, NO_TREES)
    assert build_pages(*world, "r", layout("stagewise"), KINDS).equals(template)
    untrained = build_pages(*world, layout=layout("stagewise"), kinds=KINDS, row_model=NO_TREES)
    assert [name for name, _ in small.shown(untrained, "ann")] == ["popular"]


@pytest.mark.parametrize("steps", [0.0, 0.5])
def test_equal_scores_keep_their_order_from_day_to_day(steps: float) -> None:
    one, other = (
        page("stagewise", steps=steps),
        page("stagewise", {**WISHES, "c1": 7.2}, steps=steps),
    )
    assert one == other


def test_scores_are_finite_for_a_member_of_nothing() -> None:
    people = small.profiles(SHOP, {"new": {}})
    made = build_pages(
        SHOP,
        people,
        np.full((1, SHOP.size), -np.inf, np.float32),
        small.neighbours(SHOP, {}),
        "r",
        layout("stagewise", TV),
        KINDS,
        NO_TREES,
    )
    assert small.shown(made, "new")
