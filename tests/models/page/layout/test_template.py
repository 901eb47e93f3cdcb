"""The template page, worked out by hand on a catalogue of ten titles."""

from datetime import UTC, datetime

import numpy as np
import pytest

from conf.pages import Device, Pages, pages
from conf.rows import RowKind, Rows, rows
from models.page.build import build_pages
from tests.models.page import small

LAYOUT = pages().model_copy(
    update={
        "devices": {
            "tv": Device(rows=6, columns=4, screen_rows=2, screen_columns=2, down=0.9, right=0.8)
        },
        "choice": pages().choice.model_copy(update={"alike": 1.0}),  # of ten titles rows are alike
    }
)
KINDS = Rows(
    kinds={
        name: kind.model_copy(
            update={"min_length": min(kind.min_length, 2), "personal_weight": 0.0}
        )
        for name, kind in rows().kinds.items()
    },
    template=("top_picks", "because_you_watched", "popular", "genre", "trending", "watch_again"),
    then=("genre", "new"),
)
SHOP = small.catalogue(
    {
        "a": {"genres": ["Comedy"], "plays": 9},
        "b": {"genres": ["Comedy"], "plays": 8, "before": 9},
        "c": {"genres": ["Comedy", "Drama"], "plays": 7, "before": 0},
        "d": {"genres": ["Drama"], "plays": 6, "age": 3, "ends": {"": small.AS_OF_S + 5}},
        "e": {"genres": ["Drama"], "plays": 5, "age": 2},
        "f": {"genres": ["Drama"], "plays": 4},
        "g": {"plays": 3},
        "h": {"plays": 0},
        "i": {"genres": ["Comedy"], "plays": 2, "art": [{"artwork_id": "i-close-up"}]},
        "j": {"genres": ["Drama"], "plays": 1},
    }
)
NEIGHBOURS = small.neighbours(
    SHOP, {"i": {"b": 0.9, "a": 0.8, "c": 0.7, "h": -0.4}, "j": {"d": 0.5, "e": 0.4}}
)
WISHES = {"a": 5.0, "b": 4.0, "c": 3.0, "d": 2.0, "e": 1.0, "f": 0.5, "g": 0.4, "h": 0.1}


def made(
    people: dict[str, dict],
    wishes: list[dict[str, float]] | None = None,
    shop=SHOP,
    kinds=KINDS,
    layout=LAYOUT,
    by="r",
):  # type: ignore[no-untyped-def]
    wished = wishes if wishes is not None else [WISHES] * len(people)
    near = NEIGHBOURS if shop is SHOP else small.neighbours(shop, {})
    return build_pages(
        shop, small.profiles(shop, people), small.scores(shop, wished), near, by, layout, kinds
    )


def test_page_is_the_one_worked_out_by_hand() -> None:
    page = made({"ann": {"history": [("i", 5.0, 2), ("j", 2.0, 1)]}})
    assert small.shown(page, "ann") == [
        ("top_picks", "a b c d"),
        # similar to i: b, a, c; a and b stand above, c alone is below the least number of two: left out
        (
            "popular",
            "c d a b",
        ),  # a and b give way to what is not above; then they may follow, out of the screen
        (
            "genre:Drama",
            "e f c d",
        ),  # Comedy, as often in her history and more played by all, has nothing new left
        ("watch_again", "i"),  # j had two stars
        # b and c rise, but both stand above
        # what is new, d and e, stands above too
    ]


def test_row_too_like_the_one_above_waits() -> None:
    strict = LAYOUT.model_copy(update={"choice": pages().choice.model_copy(update={"alike": 0.5})})
    rows_ = [
        name
        for name, _ in small.shown(
            made({"ann": {"history": ["i", ("j", 2.0, 1)]}}, layout=strict), "ann"
        )
    ]
    assert rows_[:2] == [
        "top_picks",
        "genre:Drama",
    ]  # popular would show c d a b, all of them in Top Picks


def test_no_title_comes_twice_in_the_first_screen() -> None:
    rows_ = small.shown(made({"ann": {"history": ["i"]}}), "ann")
    screen = [title for _, titles in rows_[:2] for title in titles.split()[:2]]
    assert len(screen) == len(set(screen)) == 4


def test_anchor_is_a_liked_play_and_stays_out_of_its_row() -> None:
    kinds = KINDS.model_copy(update={"template": ("because_you_watched",), "then": ()})
    page = made({"ann": {"history": [("j", 1.0, 1), "i"]}}, kinds=kinds)
    assert small.shown(page, "ann") == [("because_you_watched:i", "b a c")]  # h speaks against i
    (row,) = page.to_pylist()
    assert (row["anchor_title_id"], row["row_title"]) == ("i", "Because You Watched Name i")
    assert row["reason"] == "You watched Name i on April 21, 1998"


def test_each_row_gives_its_true_reason() -> None:
    kinds = KINDS.model_copy(update={"template": ("genre", "popular"), "then": ()})
    page = made({"ann": {"history": ["i", "j", "f"]}, "new": {}}, kinds=kinds)
    reasons = {(row["profile_id"], row["row_id"]): row["reason"] for row in page.to_pylist()}
    assert reasons["ann", "genre:Drama"] == "Drama: 2 of the 3 titles in your history"
    assert reasons["new", "genre:Comedy"] == "Comedy: popular with all members"
    assert reasons["ann", "popular"] == (
        "What all members play, most plays in the last 30 days first;"
        " titles from rows above come later"
    )


def test_profile_without_history_gets_an_unpersonalised_page() -> None:
    page = made({"new": {}, "ann": {"history": ["i"]}})
    kinds = {row["row_kind"] for row in page.to_pylist() if row["profile_id"] == "new"}
    assert kinds == {"popular", "genre"}


def test_member_with_one_event_has_a_page() -> None:
    page = made({"ann": {"history": ["a"]}}, [{t: s for t, s in WISHES.items() if t != "a"}])
    assert ("watch_again", "a") in small.shown(page, "ann")


@pytest.mark.parametrize(
    ("history", "expected"),
    [([], [("popular", "x")]), (["x"], [("watch_again", "x")])],
    ids=["new", "seen"],
)
def test_catalogue_of_one_title_has_a_page(
    history: list[str], expected: list[tuple[str, str]]
) -> None:
    shop = small.catalogue({"x": {"plays": 1}})
    wish: dict[str, float] = {} if history else {"x": 1.0}
    page = build_pages(
        shop,
        small.profiles(shop, {"p": {"history": history}}),
        small.scores(shop, [wish]),
        small.neighbours(shop, {}),
        "r",
    )
    assert small.shown(page, "p") == expected


def test_profile_that_may_see_nothing_has_no_page_and_disturbs_nobody() -> None:
    people = {"child": {"kids": True}, "ann": {"history": ["i"]}}
    page = made(people)  # no title's maturity is known, so none is for a child
    assert small.shown(page, "child") == []
    assert small.shown(page, "ann") == small.shown(made({"ann": {"history": ["i"]}}), "ann")


def test_without_a_ranker_no_row_says_it_was_ranked_for_the_profile() -> None:
    page = made({"ann": {"history": ["i"]}}, by="popularity")
    assert "top_picks" not in {row["row_kind"] for row in page.to_pylist()}
    assert set(page["ranker_id"].to_pylist()) == {"popularity"}


def test_catalogue_without_genres_leaves_genre_rows_out() -> None:
    shop = small.catalogue({t: {"plays": 1} for t in "abcdefgh"})
    page = made({"p": {}}, [{}], shop)
    assert small.shown(page, "p") == [("popular", "a b c d")]


def test_page_is_valid_until_the_first_of_its_titles_ends() -> None:
    page = made({"ann": {"history": ["i"]}})
    ends = datetime.fromtimestamp(small.AS_OF_S + 5, UTC)
    assert {
        abs((end - ends).total_seconds()) < 1e-3 for end in page["valid_until"].to_pylist()
    } == {True}
    without_d = made({"ann": {"history": ["i"], "blocked": ["d"]}})
    assert set(without_d["valid_until"].to_pylist()) == {None}


def test_cells_carry_picture_policy_and_probability() -> None:
    page = made({"ann": {"history": ["f"]}}, [{"i": 1.0, "a": 0.5}])
    cells = {cell["title_id"]: cell for row in page.to_pylist() for cell in row["cells"]}
    assert (cells["i"]["artwork_id"], cells["a"]["artwork_id"]) == ("i-close-up", "title-card")
    assert {(cell["policy"], cell["propensity"]) for cell in cells.values()} == {("default", 1.0)}


def test_same_input_gives_the_same_page_whoever_else_is_in_the_batch() -> None:
    alone = made({"ann": {"history": ["i"]}})
    together = made({"bob": {"history": ["j"]}, "ann": {"history": ["i"]}})
    mine = together.filter(np.array(together["profile_id"].to_pylist()) == "ann")
    assert mine.combine_chunks().equals(alone.combine_chunks())


def test_new_kind_of_row_needs_only_configuration() -> None:
    loved = RowKind(
        title="Most Played Ever",
        reason="Most plays in {window_days} days",
        evidence="popular",
        order="popularity",
        window_days=365,
        min_length=1,
        max_length=3,
    )
    kinds = Rows(kinds={**KINDS.kinds, "ever": loved}, template=("ever",), then=())
    assert small.shown(made({"p": {}}, kinds=kinds), "p") == [("ever", "a b c")]


def test_stored_page_is_as_large_as_the_largest_device() -> None:
    layout = Pages(
        **{
            **pages().model_dump(),
            "devices": {
                "phone": {
                    "rows": 3,
                    "columns": 2,
                    "screen_rows": 2,
                    "screen_columns": 1,
                    "down": 0.9,
                    "right": 0.8,
                },
                "tv": {
                    "rows": 2,
                    "columns": 4,
                    "screen_rows": 1,
                    "screen_columns": 2,
                    "down": 0.9,
                    "right": 0.8,
                },
            },
        }
    )
    assert (layout.rows, layout.columns, layout.lead, layout.screen) == (3, 4, 2, (2, 1))
    shown = small.shown(made({"ann": {"history": ["i"]}}, layout=layout), "ann")
    assert len(shown) == 3
    assert max(len(titles.split()) for _, titles in shown) == 4


def test_anchor_stays_out_of_its_row_even_where_watched_titles_may_show() -> None:
    kind = KINDS.kinds["because_you_watched"].model_copy(update={"watched": "show"})
    near = small.neighbours(SHOP, {"i": {"i": 1.0, "b": 0.9, "j": 0.8}})
    people = small.profiles(SHOP, {"ann": {"history": ["i", ("j", 1.0, 1)]}})
    kinds = Rows(kinds={"because_you_watched": kind}, template=("because_you_watched",), then=())
    page = build_pages(SHOP, people, small.scores(SHOP, [WISHES]), near, "r", LAYOUT, kinds)
    assert small.shown(page, "ann") == [("because_you_watched:i", "b j")]


def test_blend_is_personal_only_for_profiles_with_a_history() -> None:
    trend = KINDS.kinds["trending"].model_copy(update={"personal_weight": 1.0})
    kinds = Rows(kinds={"trending": trend}, template=("trending",), then=())
    page = made(
        {"ann": {"history": ["i"]}, "new": {}}, kinds=kinds
    )  # both are scored alike: b above c
    assert small.shown(page, "ann") == [("trending", "b c")]
    assert small.shown(page, "new") == [("trending", "c b")]  # c rises more
