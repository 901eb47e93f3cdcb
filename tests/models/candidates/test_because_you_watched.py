"""Which titles are shown because one was watched, worked out by hand."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from conf.rows import rows
from models.candidates.because_you_watched import because, contents
from models.catalogue.arrays import Catalogue, Neighbours
from tests.models.page import small

KIND = (
    rows()
    .kinds["because_you_watched"]
    .model_copy(update={"least_plays": 2, "popularity_share": 0.5})
)
SHOP = small.catalogue(
    {
        "a": {"plays": 9, "genres": ["Crime"]},
        "b": {"plays": 3, "genres": ["Crime"]},
        "c": {"plays": 99, "genres": ["Drama"]},
        "n": {"plays": 1, "genres": ["Crime"]},
        "o": {"plays": 0, "genres": ["Drama", "Crime"]},
    }
)
WATCHED = small.neighbours(SHOP, {"a": {"b": 0.5, "c": 0.4, "n": 0.9}, "n": {"c": 0.9}})


def shown(found: Neighbours, title: str, shop: Catalogue = SHOP) -> str:
    at = list(shop.title_ids).index(title)
    return " ".join(shop.title_ids[found.title[found.offsets[at] : found.offsets[at + 1]]])


def test_popularity_has_its_share() -> None:
    # b: .5 x sqrt(4) = 1, c: .4 x sqrt(100) = 4; without the share b leads
    assert shown(because(KIND, SHOP, WATCHED), "a").startswith("c b")
    alone = KIND.model_copy(update={"popularity_share": 0.0})
    assert shown(because(alone, SHOP, WATCHED), "a").startswith("b c")


def test_new_titles_stand_behind_what_is_known_by_content() -> None:
    # n is all that a is, o is half of it; what few plays say of n counts for nothing
    assert shown(because(KIND, SHOP, WATCHED), "a") == "c b n o"


def test_new_title_has_similars_by_content() -> None:
    # the same genre as a and b, of which a is played more; o has it too
    assert shown(because(KIND, SHOP, WATCHED), "n") == "a b o"


def test_of_titles_as_like_a_new_one_the_more_played_stands_first() -> None:
    shop = small.catalogue(
        {
            "a": {"plays": 3, "genres": ["Crime"]},
            "b": {"plays": 99, "genres": ["Crime"]},
            "d": {"plays": 9, "genres": ["Drama"]},
            "n": {"plays": 0, "genres": ["Crime"]},
        }
    )
    assert shown(because(KIND, shop, small.neighbours(shop, {})), "n", shop) == "b a"


def test_nothing_new_leaves_co_watching_alone() -> None:
    every = KIND.model_copy(update={"least_plays": 0, "popularity_share": 0.0})
    assert shown(because(every, SHOP, WATCHED), "a") == "n b c"


def test_content_vectors_have_length_one_and_rare_tags_weigh_more() -> None:
    vectors = contents(SHOP).toarray()
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1)
    o = vectors[list(SHOP.title_ids).index("o")]
    assert o[1] > o[0]  # Drama, of two titles, and Crime, of four


def test_catalogue_without_tags_has_no_similars_for_new_titles() -> None:
    shop = small.catalogue({t: {"plays": 0} for t in "ab"})
    assert len(because(KIND, shop, small.neighbours(shop, {"a": {"b": 1.0}})).title) == 0


@given(st.lists(st.lists(st.integers(0, 3), min_size=9, max_size=9), min_size=9, max_size=9))
def test_a_row_keeps_three_times_its_length_in_order_of_weight_and_title(
    weights: list[list[int]],
) -> None:
    names = "abcdefghi"
    shop = small.catalogue({name: {"plays": 9, "genres": ["Crime"]} for name in names})
    told = {
        name: {other: float(w) for other, w in zip(names, of, strict=True) if w}
        for name, of in zip(names, weights, strict=True)
    }
    short = KIND.model_copy(update={"max_length": 2, "popularity_share": 0.0})
    found = because(short, shop, small.neighbours(shop, told))
    for name in names:
        best = sorted(told[name], key=lambda other: (-told[name][other], other))[:6]
        assert shown(found, name, shop).split() == best
