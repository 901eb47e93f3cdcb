"""What `bench page` reads from its options and sums over its parts."""

import pytest

from benchmarks.page.figures import REPEATS
from benchmarks.page.run import _parsed_changes, _repeats
from benchmarks.worlds import folder_of_world, named_worlds
from conf.errors import UserMistake


def test_changes_are_a_list_in_yaml() -> None:
    changes = _parsed_changes("[{diversity: 0.2}, {head: 6, fresh: 12}]")
    assert changes == [{"diversity": 0.2}, {"head": 6, "fresh": 12}]


@pytest.mark.parametrize("text", ["{diversity: 0.2}", "[1]", "[", "diversity"])
def test_other_changes_are_the_users_mistake(text: str) -> None:
    with pytest.raises(UserMistake, match="--choose"):
        _parsed_changes(text)


def test_repeats_are_summed_over_builders_and_parts() -> None:
    figures = {
        "real": {"template": {REPEATS: 1.0}, "members": 9},
        "world": {"template": {REPEATS: 2.0}, "popular": {"play_rate": 0.1}},
    }
    assert _repeats(figures) == 3
    assert _repeats({"real": {}}) == 0


def test_worlds_come_in_their_usual_order_and_an_unknown_one_is_the_users_mistake() -> None:
    assert named_worlds("world2, world") == ["world", "world2"]
    with pytest.raises(UserMistake, match="choose from world, world2"):
        named_worlds("world3")


def test_the_second_world_of_a_kept_folder_is_inside_it() -> None:
    assert folder_of_world("kept", "world") == "kept"
    assert folder_of_world("kept", "world2") == "kept/world2"
    assert folder_of_world(None, "world2") is None
