"""The two rankers of a page: Top-N orders the candidates, PVR all that a profile may be shown."""

from dataclasses import replace

import numpy as np
import pytest

from conf.rankers import UNTRAINED, ranker_names, ranker_settings
from conf.rows import Rows, rows
from models.candidates.features import CONTEXT, FEATURES, PROFILE, TITLE
from models.candidates.moment import Moment
from models.catalogue.arrays import Profiles, RankerScores, no_neighbours
from models.page.build import build_pages
from models.page.maker import PageMaker, ordered, scored
from models.rankers.lambdarank import Queries, fit_ranker
from models.rankers.package import ServingRanker
from models.rankers.quickscorer import Scorer, scorer
from tests.models.page import small

NAMES = ranker_settings("pvr").features(FEATURES)
SHOP = small.catalogue(
    {t: {"plays": plays, "genres": ["Crime"]} for plays, t in enumerate("abcdefgh")}
)
SHOP.features.update(
    {name: np.zeros(SHOP.size, np.float32) for name in TITLE if name not in SHOP.features}
)
GENRE = Rows(kinds={"genre": rows().kinds["genre"]}, template=("genre",), then=())
MOMENT = Moment(
    SHOP,
    no_neighbours(SHOP.size),
    no_neighbours(SHOP.size),
    dict.fromkeys(CONTEXT, 0.0),
    per_source=1,
)


def people(facts: dict[str, dict[str, list[str]]]) -> Profiles:
    made = small.profiles(SHOP, facts)
    made.features.update({name: np.zeros(made.size, np.float32) for name in PROFILE})
    return made


PEOPLE = people({"ann": {"history": ["a"]}})
HEAD = small.scores(SHOP, [{"b": 3, "c": 2, "d": 1}])  # its candidates
WHOLE = RankerScores(
    "pvr-1", small.scores(SHOP, [dict(zip("bcdefgh", range(7), strict=True))])
)  # most wanted: h


def row(who: Profiles, kinds: Rows = GENRE) -> tuple[str, str]:
    """The titles of the one row of a page, and the ranker that it names."""
    (made,) = build_pages(
        SHOP, who, HEAD, no_neighbours(SHOP.size), "head-1", kinds=kinds
    ).to_pylist()
    return "".join(cell["title_id"] for cell in made["cells"]), made["ranker_id"]


def test_genre_rows_begin_with_the_candidates_go_on_by_pvr_and_name_it() -> None:
    assert row(replace(PEOPLE, pvr=WHOLE)) == ("bcdhgfe", "pvr-1")


def test_genre_rows_may_be_by_pvr_alone() -> None:
    alone = GENRE.kinds["genre"].model_copy(update={"personal_weight": 0.0})
    assert row(
        replace(PEOPLE, pvr=WHOLE), GENRE.model_copy(update={"kinds": {"genre": alone}})
    ) == ("hgfedcb", "pvr-1")


def test_genre_rows_hold_candidates_only_until_pvr_serves() -> None:
    short = GENRE.kinds["genre"].model_copy(update={"min_length": 1})
    assert row(PEOPLE, GENRE.model_copy(update={"kinds": {"genre": short}})) == ("bcd", "head-1")


@pytest.fixture(scope="module")
def pvr() -> Scorer:
    """A ranker that learned to want what few play."""
    draw = np.random.default_rng(1)
    matrix = draw.normal(size=(2000, len(NAMES))).astype(np.float32)
    plays = NAMES.index("title_plays_count_30d")
    matrix[:, plays] = np.log1p(draw.integers(0, 8, 2000))
    labels = (matrix[:, plays] < np.log1p(3.5)).astype(int)
    settings = ranker_settings("pvr").model_copy(update={"trees": 20, "feature_share": 1.0})
    return scorer(fit_ranker(Queries(matrix, labels, np.full(20, 100)), settings, NAMES))


def test_pvr_orders_every_title_that_may_be_shown_candidate_or_not(pvr: Scorer) -> None:
    """One source gives one candidate here; PVR orders all but the title that ann played, those of few plays first."""
    found = ordered(MOMENT, PEOPLE, pvr, NAMES, "pvr-1")
    assert MOMENT.pairs(PEOPLE).counts.sum() < 4
    assert np.isneginf(found.scores[0]).tolist() == [True] + [False] * 7
    assert found.scores[0, 1:4].min() > found.scores[0, 4:].max()


def test_the_order_of_a_profile_is_its_own_whoever_stands_in_the_batch(pvr: Scorer) -> None:
    histories = {"ann": {"history": ["a"]}, "bob": {"history": ["g", "h"]}, "cy": {}}
    together = ordered(MOMENT, people(histories), pvr, NAMES, "").scores
    alone = [
        ordered(MOMENT, people({name: facts}), pvr, NAMES, "").scores
        for name, facts in histories.items()
    ]
    assert np.array_equal(together, np.concatenate(alone))


def test_without_a_ranker_of_the_head_pvr_orders_the_candidates_and_without_both_popularity(
    pvr: Scorer,
) -> None:
    candidates, whole = MOMENT.pairs(PEOPLE), ordered(MOMENT, PEOPLE, pvr, NAMES, "pvr-1")
    assert scored(candidates, None, whole).tolist() == whole.scores[0, candidates.title].tolist()
    plays = SHOP.features["title_plays_count_30d"][candidates.title]
    assert scored(candidates, None).tolist() == np.log1p(plays).tolist()


def test_what_was_refused_is_told_with_what_serves_in_its_place() -> None:
    rankers = {name: ServingRanker(None, UNTRAINED) for name in ranker_names()}
    maker = PageMaker(MOMENT, rankers, MOMENT.context, no_neighbours(SHOP.size))
    assert maker.degraded == []
    top_picks = ServingRanker(None, UNTRAINED, ("top_picks-2: its hash",))
    degraded = replace(
        maker,
        rankers=rankers | {"top_picks": top_picks},
        refused_policies=("policy of 2026-01-05: its hash",),
    ).degraded
    assert degraded == [
        "top_picks: nothing serves; refused: top_picks-2: its hash",
        f"artwork: {SHOP.gallery.version} serves; refused: policy of 2026-01-05: its hash",
    ]
