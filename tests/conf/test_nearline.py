import pytest
from pydantic import ValidationError

from conf.nearline import NearlineSettings, nearline_settings


def changed(**values: object) -> NearlineSettings:
    return NearlineSettings.model_validate(nearline_settings().model_dump() | values)


@pytest.mark.parametrize("minutes", [1, 10, 30, 60, 120, 1440])
def test_ticks_that_make_up_a_day_are_taken(minutes: int) -> None:
    assert changed(every_minutes=minutes).every_minutes == minutes


@pytest.mark.parametrize("minutes", [7, 45, 90, 420])
def test_ticks_that_cron_cannot_say_are_refused(minutes: int) -> None:
    with pytest.raises(ValidationError, match="a tick has to be a whole part"):
        changed(every_minutes=minutes)


def test_a_kind_of_row_that_is_not_named_has_the_objective_of_the_others() -> None:
    settings = changed(objectives={"continue_watching": 60.0, "other": 900.0})
    assert settings.objective("continue_watching") == 60.0
    assert settings.objective("trending") == 900.0


def test_the_objective_of_the_others_has_to_be_there() -> None:
    with pytest.raises(ValidationError, match="`other` has to be there"):
        changed(objectives={"continue_watching": 60.0})
