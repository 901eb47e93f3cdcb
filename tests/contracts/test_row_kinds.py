"""Every kind of row in conf/rows.yaml, and every one that is ever added, keeps this."""

import pytest

from conf.pages import pages
from conf.rows import Rows, rows
from models.catalogue.arrays import Catalogue, Profiles
from models.catalogue.eligibility import allowed
from models.page.build import build_pages
from tests.models.page.test_template_properties import world


@pytest.mark.parametrize("name", rows().kinds)
def test_kind_makes_rows_that_keep_their_own_rules(name: str) -> None:
    kind = rows().kinds[name]
    shop, people, scores, near = world(seed=5, titles=300, size=12)
    only = Rows(kinds={name: kind}, template=(name,) * kind.most_rows, then=())
    made = build_pages(shop, people, scores, near, "r", kinds=only).to_pylist()
    assert made, "a rich world has rows of every kind"
    legal = allowed(shop, people)
    for row in made:
        owner = list(people.profile_ids).index(row["profile_id"])
        titles = [cell["title_id"] for cell in row["cells"]]
        own = set(shop.title_ids[people.history(owner)])
        assert kind.min_length <= len(titles) <= min(kind.max_length, pages().columns)
        assert len(set(titles)) == len(titles)
        left = to_continue(shop, people, owner)
        assert {
            "hide": not own & set(titles),
            "show": True,
            "only": set(titles) <= own,
            "begun": set(titles) <= left,
            "finished": set(titles) <= own - left,
        }[kind.watched]
        assert set(titles) <= set(shop.title_ids[legal[owner]])
        assert (
            (row["anchor_title_id"] in own)
            if kind.per == "anchor"
            else row["anchor_title_id"] is None
        )
        assert row["row_id"].startswith(name) and row["row_title"] and row["reason"]
        assert all(cell["evidence"] and cell["evidence_type"] for cell in row["cells"])
        assert not (kind.needs_history and not own)


def to_continue(shop: Catalogue, people: Profiles, owner: int) -> set[str]:
    """The titles of a profile that stand half watched, or of which another episode comes next."""
    entries = range(people.offsets[owner], people.offsets[owner + 1])
    states, ids = people.states, shop.title_ids[people.title]
    return {
        ids[e]
        for e in entries
        if states.resume_s[e] > 0 or (states.next_episode[e] and states.finished[e] > 0)
    }


@pytest.mark.parametrize("name", rows().kinds)
def test_kind_has_a_place_in_the_template(name: str) -> None:
    assert name in rows().template


@pytest.mark.parametrize("name", [name for name, kind in rows().kinds.items() if kind.top_from > 0])
def test_kind_that_may_wait_has_a_second_place(name: str) -> None:
    assert (*rows().template, *rows().then).count(name) > 1


@pytest.mark.parametrize("name", rows().kinds)
def test_kind_is_the_same_every_time_and_whoever_else_is_there(name: str) -> None:
    shop, people, scores, near = world(seed=5, titles=300, size=12)
    only = Rows(
        kinds={name: rows().kinds[name]}, template=(name,) * rows().kinds[name].most_rows, then=()
    )
    made = build_pages(shop, people, scores, near, "r", kinds=only)
    assert build_pages(shop, people, scores, near, "r", kinds=only).equals(made)


@pytest.mark.parametrize("name", rows().kinds)
def test_kind_without_its_input_is_left_out(name: str) -> None:
    """No genres, no histories, no plays, no ages, no ranking: nothing is made up."""
    shop, people, scores, near = world(seed=5, titles=40, size=5, bare=True)
    only = Rows(kinds={name: rows().kinds[name]}, template=(name,), then=())
    assert build_pages(shop, people, scores, near, "r", kinds=only).num_rows == 0
