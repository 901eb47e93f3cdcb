"""Changes of a variant: in force where it is made, and nowhere else."""

import pytest

from conf.candidates import candidate_settings
from conf.changes import in_force, place
from conf.errors import UserMistake
from conf.pages import pages
from conf.rows import rows


def test_settings_are_changed_while_changes_are_in_force_and_then_as_before():
    before = (pages(), rows(), candidate_settings())
    changes = {
        "pages.builder": "template",
        "rows.kinds.trending.personal_weight": 0.25,
        "candidates.per_source": 7,
    }
    with in_force(changes):
        assert pages().builder == "template"
        assert rows().kinds["trending"].personal_weight == 0.25
        assert candidate_settings().per_source == 7
        assert pages().choice == before[0].choice
        with in_force({}):
            assert pages().builder == before[0].builder
        assert pages().builder == "template"
    assert (pages(), rows(), candidate_settings()) == before
    assert pages().builder == before[0].builder != "template"


def test_changes_end_with_an_error():
    with pytest.raises(RuntimeError), in_force({"pages.builder": "template"}):
        raise RuntimeError
    assert pages().builder != "template"


def test_a_value_that_cannot_be_says_where():
    with pytest.raises(UserMistake, match=r"pages\.builder: "), in_force({"pages.builder": "best"}):
        pages()


def test_a_part_that_does_not_exist_is_no_place():
    with pytest.raises(KeyError, match="trendign"):
        place({"kinds": {"trending": {}}}, "kinds.trendign.personal_weight", 0)
