"""Every kind of row in conf/rows.yaml, and every one that is ever added, keeps this."""

import pytest

from conf.pages import pages
from conf.rows import Rows, rows
from models.page.rules import allowed
from models.page.template import build_pages
from tests.models.page.test_template_properties import world


@pytest.mark.parametrize("name", rows().kinds)
def test_kind_makes_rows_that_keep_their_own_rules(name: str) -> None:
    kind = rows().kinds[name]
    shop, people, scores, near = world(seed=5, titles=120, size=12)
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
        assert {"hide": not own & set(titles), "show": True, "only": set(titles) <= own}[kind.watched]
        assert set(titles) <= set(shop.title_ids[legal[owner]])
        assert (row["anchor_title_id"] in own) if kind.per == "anchor" else row["anchor_title_id"] is None
        assert row["row_id"].startswith(name) and row["row_title"] and row["reason"]
        assert all(cell["evidence"] and cell["evidence_type"] for cell in row["cells"])
        assert not (kind.needs_history and not own)


@pytest.mark.parametrize("name", rows().kinds)
def test_kind_has_a_place_in_the_template(name: str) -> None:
    assert name in rows().template


@pytest.mark.parametrize("name", rows().kinds)
def test_kind_without_its_input_is_left_out(name: str) -> None:
    """No genres, no histories, no plays, no ages, no ranking: nothing is made up."""
    shop, people, scores, near = world(seed=5, titles=40, size=5, bare=True)
    only = Rows(kinds={name: rows().kinds[name]}, template=(name,), then=())
    assert build_pages(shop, people, scores, near, "r", kinds=only).num_rows == 0
