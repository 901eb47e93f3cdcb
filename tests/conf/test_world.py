from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from conf.errors import UserMistake
from conf.settings import ROOT
from conf.world import WorldSettings, world_settings


def changed(path: str, value: object) -> dict[str, Any]:
    """The settings as they stand, with one of them changed."""
    settings = world_settings().model_dump()
    *parents, last = path.split(".")
    place = settings
    for name in parents:
        place = place[name]
    place[last] = value
    return settings


def test_the_settings_as_they_stand_fit_together() -> None:
    assert WorldSettings.model_validate(world_settings().model_dump()) == world_settings()


def test_the_second_world_differs_from_the_first_in_what_its_file_says_and_in_nothing_else() -> (
    None
):
    first, second = world_settings(), world_settings("world2")
    changes = yaml.safe_load((ROOT / "conf" / "world2.yaml").read_text())
    for name in WorldSettings.model_fields:
        assert (getattr(first, name) != getattr(second, name)) == (name in changes), name
    assert second.drawn is not None and second.drawn.titles == changes["drawn"]["titles"]
    with pytest.raises(UserMistake, match="no world is called 'world3'; there are: world, world2"):
        world_settings("world3")


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        ("accounts", 0, "greater than or equal to 1"),
        ("mess.late_share", 1.5, "less than or equal to 1"),
        ("countries.US.share", 0.9, "countries: 4 shares of sum 1 are wanted, not 4 of sum 1.4"),
        ("habits.devices", [0.5, 0.5], "habits.devices: 3 shares of sum 1 are wanted, not 2"),
        ("sessions.daypart_shares", [0.25] * 3, "sessions.daypart_shares: 4 shares"),
        ("countries.US.languages", ["fr"], "languages: fr not there; there are: en, de, es, hi"),
        ("catalogue.theme_genres", {"gloom": "Drama"}, "themes: gloom not there"),
        ("eyes.down", {"tv": 0.5}, "eyes: phone, web not there"),
        ("catalogue.maturity", {"Drama": (7, 13)}, "catalogue.maturity: other not there"),
        (
            "catalogue.maturity",
            {"other": (8, 12)},
            "no age of catalogue.ages lies in 8..12 of other",
        ),
        ("intents.children.fetch", 0.9, "intents.children: 4 shares of sum 1 are wanted"),
        ("appeal.new", {"discover": 0.0}, "appeal.new: continue, fetch, rewatch not there"),
        ("catalogue.pictures", (9, 3), "catalogue.pictures: 9, 3 must rise"),
    ],
)
def test_settings_that_cannot_be_are_refused_by_name(path: str, value: object, says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        WorldSettings.model_validate(changed(path, value))
