"""Pictures and sentences of a stored page: none that the profile may not see, each true."""

from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.catalogue.profile_settings import by_settings
from models.page.online.assemble import Visit, assemble
from models.page.online.catalogue_view import CatalogueView
from tests.models.page import small
from tests.models.page.online.test_assemble import NOW_S, all_titles, alone, built, in_time
from tests.models.page.test_template_properties import worlds

SHOP = small.catalogue(
    {
        f"c{i:02d}": {
            "genres": ["Comedy"],
            "plays": 60 - i,
            "maturity": 6,
            "art": [
                {"artwork_id": f"c{i:02d} dark", "maturity": 16, "representativeness": 1.0},
                {"artwork_id": f"c{i:02d} plain", "representativeness": 0.5},
                {"artwork_id": f"c{i:02d} dull", "representativeness": 0.1},
            ],
        }
        for i in range(12)
    }
    | {
        "grim": {
            "genres": ["Drama"],
            "plays": 3,
            "maturity": 16,
            "art": [{"artwork_id": "grim dark"}],
        }
    }
    | {"bare": {"plays": 70, "maturity": 6, "art": [{"artwork_id": "bare dark", "maturity": 18}]}}
)
VIEW = CatalogueView(SHOP)
PAGE = built(
    SHOP, small.profiles(SHOP, {"me": {}}), small.scores(SHOP, [{}]), small.neighbours(SHOP, {}), 0
)


def shown(page: pa.Table, view: CatalogueView = VIEW, **known: Any) -> list[dict[str, Any]]:
    """The rows of a page for a profile with these settings."""
    profile = by_settings("me", known, view.title_index)
    return assemble(page, profile, view, Visit(NOW_S), in_time).rows.to_pylist()


def with_cells(page: pa.Table, **values: Any) -> pa.Table:
    """The page with other values in every cell."""
    rows = page.to_pylist()
    for row in rows:
        for cell in row["cells"]:
            cell.update(values)
    return pa.Table.from_pylist(rows, page.schema)


def cells(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [cell for row in rows for cell in row["cells"]]


def test_picture_above_the_limit_gives_way_to_the_best_one_below_it() -> None:
    assert {cell["artwork_id"][-4:] for cell in cells(shown(PAGE))} == {"dark"}
    found = cells(shown(PAGE, maturity_limit=12))
    assert found and len({cell["title_id"] for cell in found}) == 13
    for cell in found:
        best = f"{cell['title_id']} plain" if cell["title_id"] != "bare" else "title-card"
        assert (cell["artwork_id"], cell["policy"], cell["propensity"]) == (best, "default", 1.0)


@pytest.mark.parametrize("picture", ["c00 dark", "nowhere", "", None])
def test_picture_of_another_title_or_of_none_is_replaced(picture: str | None) -> None:
    page = with_cells(PAGE, artwork_id=picture, policy="learned", propensity=0.5)
    for cell in cells(shown(page)):
        own = picture == f"{cell['title_id']} dark"
        expected = f"{cell['title_id']} dark"
        assert cell["artwork_id"] == expected, cell
        assert (cell["policy"], cell["propensity"]) == (
            ("learned", 0.5) if own else ("default", 1.0)
        )


def test_title_card_stays() -> None:
    page = with_cells(PAGE, artwork_id="title-card", policy="learned", propensity=0.5)
    assert {(cell["artwork_id"], cell["policy"]) for cell in cells(shown(page))} == {
        ("title-card", "learned")
    }


def test_picture_of_unknown_age_counts_as_its_title_and_that_as_for_adults() -> None:
    unknown = replace(
        SHOP, maturity=np.where(SHOP.maturity == 6, -1, SHOP.maturity).astype(np.int16)
    )
    pools = replace(SHOP.gallery.pools, maturity=np.full(SHOP.gallery.pools.size, -1, np.int16))
    view = CatalogueView(replace(unknown, gallery=replace(SHOP.gallery, pools=pools)))
    assert set(view.artwork_ages.tolist()) == {16, 18}
    below = cells(shown(PAGE, view, maturity_limit=17))
    assert {cell["title_id"] for cell in below} == {"grim"}, "the only title of known age"
    assert {cell["artwork_id"] for cell in below} == {"grim dark"}


NAMED = {
    "evidence_type": "watched",
    "evidence": "Because you watched Grim",
    "evidence_payload": {"subject": "grim", "count": 0, "days": 0},
}


@pytest.mark.parametrize(
    "known", [{"maturity_limit": 12}, {"kids": True}, {"blocked_titles": ["grim"]}]
)
def test_sentence_about_a_title_that_may_not_be_met_gives_way_to_the_genre(
    known: dict[str, Any],
) -> None:
    page = with_cells(PAGE, **NAMED)
    assert all(cell["evidence_payload"]["subject"] == "grim" for cell in cells(shown(page)))
    found = cells(shown(page, **known))
    assert found
    for cell in found:
        genre = SHOP.genres[SHOP.genre_matrix[VIEW.title_index[cell["title_id"]]].argmax()]
        assert (cell["evidence_type"], cell["evidence"]) == ("genre", f"Genre: {genre}")
        assert cell["evidence_payload"] == {"subject": genre, "count": 0, "days": 0}
    assert "bare" not in {cell["title_id"] for cell in found}, "nothing true can be said of it"


def test_sentence_is_in_the_language_of_the_profile() -> None:
    page = with_cells(PAGE, **NAMED)
    german = cells(shown(page, maturity_limit=12, languages=["de"]))
    assert {cell["evidence"].split(":")[0] for cell in german} == {"Genre"}


@pytest.mark.parametrize(
    "values",
    [
        {"evidence_type": "made up"},
        {"evidence_type": None},
        {"evidence_type": "watched", "evidence_payload": {"subject": "gone"}},
        {"evidence_type": "watched", "evidence_payload": {"subject": None}},
        {"evidence_type": "watched", "evidence_payload": None},
    ],
)
def test_sentence_of_no_known_kind_or_subject_is_replaced(values: dict[str, Any]) -> None:
    found = cells(shown(with_cells(PAGE, **values)))
    assert found and {cell["evidence_type"] for cell in found} == {"genre"}


@pytest.mark.parametrize(
    ("anchor", "stays"), [("c00", True), ("grim", False), ("gone", False), (None, False)]
)
def test_row_about_a_title_that_may_not_be_met_goes(anchor: str | None, stays: bool) -> None:
    rows = PAGE.to_pylist()[:1]
    rows[0] |= {
        "row_kind": "because_you_watched",
        "row_title": "Because You Watched X",
        "anchor_title_id": anchor,
    }
    page = pa.Table.from_pylist(rows, PAGE.schema)
    assert bool(shown(page, maturity_limit=12)) == stays


@settings(max_examples=60, deadline=None)
@given(
    made=worlds,
    limit=st.sampled_from([None, 0, 6, 12, 16]),
    kids=st.sampled_from([None, True, False]),
    seed=st.integers(0, 1000),
)
def test_whatever_settings_ages_and_pictures_change_nothing_unsuitable_is_seen(
    made: tuple[Any, ...], limit: int | None, kids: bool | None, seed: int
) -> None:
    """Judged by the names, ages and lists alone."""
    shop, people, *_ = made
    rng = np.random.default_rng(seed)
    ages = np.where(
        rng.random(shop.size) < 0.2, rng.choice([-1, 6, 12, 18], shop.size), shop.maturity
    )
    blocked = [str(title) for title in rng.choice(shop.title_ids, 1 + shop.size // 10)]
    view = CatalogueView(replace(shop, maturity=ages.astype(np.int16)))
    for owner in range(people.size):
        page = built(*made, owner)
        known = {
            "country": str(alone(people, owner).country[0]),
            "maturity_limit": limit,
            "kids": kids,
            "blocked_titles": blocked,
        }
        may_meet = meets(
            dict(zip(shop.title_ids, ages.tolist(), strict=True)), limit, kids, blocked
        )
        pictures = ages_of_pictures(shop)
        rows = shown(page, view, **known)
        for row in rows:
            assert row["anchor_title_id"] is None or row["anchor_title_id"] in may_meet
            for cell in row["cells"]:
                assert cell["title_id"] in may_meet
                subject = (cell["evidence_payload"] or {}).get("subject")
                assert cell["evidence_type"] != "watched" or subject is None or subject in may_meet
                if cell["artwork_id"] != "title-card":
                    age = pictures[cell["title_id"], cell["artwork_id"]]
                    assert age is None or age <= strictest(limit, kids)
        assert all_titles(pa.Table.from_pylist(rows, page.schema)) <= may_meet


def strictest(limit: int | None, kids: bool | None) -> int:
    return min(99 if limit is None else limit, 12 if kids else 99)


def meets(
    ages: dict[str, int], limit: int | None, kids: bool | None, blocked: list[str]
) -> set[str]:
    """The titles that such a profile may meet."""
    return {
        title
        for title, age in ages.items()
        if (18 if age < 0 else age) <= strictest(limit, kids) and title not in blocked
    }


def ages_of_pictures(shop: Any) -> dict[tuple[str, str], int | None]:
    """The own age of each picture, None where it has none."""
    pools = shop.gallery.pools
    return {
        (str(shop.title_ids[title]), str(name)): None if age < 0 else int(age)
        for title, name, age in zip(pools.title, pools.artwork_ids, pools.maturity, strict=True)
    }
