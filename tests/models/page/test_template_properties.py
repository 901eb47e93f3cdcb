"""Promises that hold for any world of titles and profiles, not only for those worked out by hand."""

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from conf.pages import pages
from conf.rows import FACETS, rows
from models.catalogue.arrays import Catalogue, Neighbours, Profiles
from models.catalogue.eligibility import allowed, showable
from models.page.build import build_pages
from tests.models.page import small

GENRES = ("Comedy", "Crime", "Drama", "Sci-Fi")


def world(
    seed: int, titles: int, size: int, bare: bool = False
) -> tuple[Catalogue, Profiles, np.ndarray, Neighbours]:
    """A random world; `bare` has nothing but names."""
    rng = np.random.default_rng(seed)
    facts: dict[str, dict[str, Any]] = {
        f"t{i:03d}": {} if bare else _title(rng) for i in range(titles)
    }
    shop = small.catalogue(facts, countries=["NO"])
    ids = list(shop.title_ids)
    people = small.profiles(
        shop, {f"p{i}": {} if bare else _profile(rng, ids) for i in range(size)}
    )
    wishes = np.where(
        rng.random((size, titles)) < 0.7, rng.normal(size=(size, titles)).round(1), -np.inf
    )
    wishes = np.full((size, titles), -np.inf) if bare else wishes
    others = rng.random((titles, titles)) * (rng.random((titles, titles)) < 0.6) - 0.1
    near = (
        {
            a: {
                b: float(others[i, j]) for j, b in enumerate(ids) if i != j and others[i, j] != -0.1
            }
            for i, a in enumerate(ids)
        }
        if not bare
        else {}
    )
    return shop, people, wishes.astype(np.float32), small.neighbours(shop, near)


def _title(rng: np.random.Generator) -> dict[str, Any]:
    return {
        "genres": [g for g in GENRES if rng.random() < 0.4],
        "maturity": int(rng.choice([-1, 0, 6, 12, 18])),
        "plays": int(rng.choice([0, 1, 5, 50])),
        "before": int(rng.choice([0, 20, 400])),
        "seasons": (int(rng.choice([0, 30])), 60),
        "stars": float(rng.normal(3)),
        "rated": int(rng.choice([0, 9])),
        "since": {"NO": float(rng.choice([2, 20, 900]))},
        "back": {"NO": int(rng.random() < 0.2)},
        "plays_in": {"NO": (int(rng.choice([0, 4, 40])), int(rng.choice([0, 30])))},
        **{facet: [f"{facet} {rng.integers(3)}"] for facet in FACETS if facet != "genre"},
        "age": float(rng.choice([np.nan, 0, 10, 400])),
        "launch": float(rng.choice([np.nan, np.nan, -2, 3, 400])),
        "gone_in": {"NO": bool(rng.random() < 0.3)},
    }


def _profile(rng: np.random.Generator, ids: list[str]) -> dict[str, Any]:
    played = rng.choice(ids, size=int(rng.integers(0, max(2, len(ids) // 3))), replace=False)
    return {
        "history": [
            (t, float(rng.choice([np.nan, 1, 3, 4, 5])), int(rng.integers(1, 4))) for t in played
        ],
        "states": {str(t): _state(rng) for t in played},
        "listed": [
            str(t) for t in rng.choice(ids, size=min(len(ids), int(rng.integers(3))), replace=False)
        ],
        "country": str(rng.choice(["", "NO", "XX"])),
        "limit": int(rng.choice([6, 12, 99, 99])),
        "kids": bool(rng.random() < 0.2),
        "blocked": [str(t) for t in rng.choice(ids, size=min(len(ids), 2), replace=False)],
    }


def _state(rng: np.random.Generator) -> dict[str, Any]:
    """Nothing known, the middle of a film, its end, or an episode with or without a next one."""
    following, resume_s = str(rng.choice(["", "S01E02"])), float(rng.choice([0.0, 600.0]))
    known = {
        "resume_s": resume_s,
        "length_s": 3600.0,
        "finished": float(rng.integers(2)),
        "next_episode": following,
    }
    return known if rng.random() < 0.7 else {}


worlds = st.builds(world, st.integers(0, 10_000), st.integers(1, 60), st.integers(1, 4))


@settings(max_examples=60, deadline=None)
@given(worlds)
def test_pages_keep_their_promises(
    made: tuple[Catalogue, Profiles, np.ndarray, Neighbours],
) -> None:
    shop, people, _, _ = made
    built = build_pages(*made, "r").to_pylist()
    legal, at = allowed(shop, people), {t: i for i, t in enumerate(shop.title_ids)}
    for owner, profile in enumerate(people.profile_ids):
        page = [row for row in built if row["profile_id"] == profile]
        own = set(shop.title_ids[people.history(owner)])
        assert bool(page) or not showable(shop, people)[owner], (
            "who can be shown something has a page"
        )
        assert [row["row_position"] for row in page] == list(range(1, len(page) + 1))
        assert len({row["row_id"] for row in page}) == len(page) <= pages().rows
        for row in page:
            kind, titles = (
                rows().kinds[row["row_kind"]],
                [cell["title_id"] for cell in row["cells"]],
            )
            assert kind.min_length <= len(titles) <= min(kind.max_length, pages().columns)
            assert all(legal[owner, at[title]] for title in titles), (
                "mature, blocked or unavailable"
            )
            assert kind.watched != "hide" or not own & set(titles)
            anchor = row["anchor_title_id"]
            assert anchor is None or (anchor in own and anchor not in titles)


@settings(max_examples=60, deadline=None)
@given(worlds)
def test_first_screen_of_every_device_has_no_title_twice(made: tuple[Any, Any, Any, Any]) -> None:
    built = build_pages(*made, "r").to_pylist()
    for device in pages().devices.values():
        for profile in made[1].profile_ids:
            screen = [
                cell["title_id"]
                for row in built
                if row["profile_id"] == profile
                and row["row_position"] <= device.screen_rows
                and not rows().kinds[row["row_kind"]].may_repeat
                for cell in row["cells"][: device.screen_columns]
            ]
            assert len(set(screen)) == len(screen)


@settings(max_examples=20, deadline=None)
@given(worlds)
def test_pages_are_the_same_every_time(made: tuple[Any, Any, Any, Any]) -> None:
    assert build_pages(*made, "r").equals(build_pages(*made, "r"))
