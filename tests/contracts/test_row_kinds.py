"""Every kind of row in conf/rows.yaml, and every one that is ever added, keeps these promises."""

from typing import Any

import pytest

from conf.pages import pages
from conf.rows import Rows, rows
from models.catalogue.arrays import Catalogue, Profiles
from models.catalogue.eligibility import allowed
from models.page.build import build_pages
from tests.models.page.test_template_properties import world

TITLES, PROFILES = 300, 12  # of a world that has rows of every kind


def only(name: str) -> Rows:
    """The rows of one kind, as many as there may be."""
    kind = rows().kinds[name]
    return Rows(kinds={name: kind}, template=(name,) * kind.most_rows, then=())


def titles_of(row: dict[str, Any]) -> set[str]:
    return {cell["title_id"] for cell in row["cells"]}


@pytest.mark.parametrize("name", rows().kinds)
def test_kind_makes_rows_that_keep_their_own_rules(name: str) -> None:
    kind = rows().kinds[name]
    catalogue, profiles, scores, neighbours = world(seed=5, titles=TITLES, size=PROFILES)
    page = build_pages(catalogue, profiles, scores, neighbours, "r", kinds=only(name)).to_pylist()
    assert page, "a rich world has rows of every kind"
    eligible = allowed(catalogue, profiles)
    for row in page:
        owner = list(profiles.profile_ids).index(row["profile_id"])
        titles = titles_of(row)
        played = set(catalogue.title_ids[profiles.history(owner)])
        unfinished = titles_to_continue(catalogue, profiles, owner)
        assert kind.min_length <= len(row["cells"]) <= min(kind.max_length, pages().columns)
        assert len(titles) == len(row["cells"])
        assert {
            "hide": not played & titles,
            "show": True,
            "only": titles <= played,
            "begun": titles <= unfinished,
            "finished": titles <= played - unfinished,
        }[kind.watched]
        assert titles <= set(catalogue.title_ids[eligible[owner]])
        if kind.per == "anchor":
            assert row["anchor_title_id"] in played
        else:
            assert row["anchor_title_id"] is None
        assert row["row_id"].startswith(name)
        assert row["row_title"]
        assert row["reason"]
        assert all(cell["evidence"] and cell["evidence_type"] for cell in row["cells"])
        assert played or not kind.needs_history


def titles_to_continue(catalogue: Catalogue, profiles: Profiles, owner: int) -> set[str]:
    """The titles of a profile that are half watched, or of which another episode comes next."""
    states, ids = profiles.states, catalogue.title_ids[profiles.title]
    half_watched = states.resume_s > 0
    next_is_due = (states.next_episode != "") & (states.finished > 0)
    entries = range(profiles.offsets[owner], profiles.offsets[owner + 1])
    return {ids[entry] for entry in entries if half_watched[entry] or next_is_due[entry]}


@pytest.mark.parametrize("name", rows().kinds)
def test_kind_has_a_position_in_the_template(name: str) -> None:
    assert name in rows().template


@pytest.mark.parametrize("name", [name for name, kind in rows().kinds.items() if kind.top_from > 0])
def test_kind_that_may_wait_has_a_second_position(name: str) -> None:
    assert (*rows().template, *rows().then).count(name) > 1


@pytest.mark.parametrize("name", rows().kinds)
def test_kind_is_the_same_every_time(name: str) -> None:
    inputs = world(seed=5, titles=TITLES, size=PROFILES)
    page = build_pages(*inputs, "r", kinds=only(name))
    assert build_pages(*inputs, "r", kinds=only(name)).equals(page)


@pytest.mark.parametrize("name", rows().kinds)
def test_kind_without_its_input_is_left_out(name: str) -> None:
    """No genres, no histories, no plays, no ages, no ranking: no row is made up."""
    inputs = world(seed=5, titles=40, size=5, bare=True)
    assert build_pages(*inputs, "r", kinds=only(name)).num_rows == 0
