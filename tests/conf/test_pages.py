import pytest
from pydantic import ValidationError

from conf.errors import UserMistake
from conf.pages import Device, Pages, pages

TV = Device(
    rows=40,
    columns=60,
    screen_rows=3,
    screen_columns=6,
    down=0.9,
    right=0.8,
    required={"my_list": 5},
)
PHONE = Device(
    rows=30,
    columns=75,
    screen_rows=5,
    screen_columns=3,
    down=0.7,
    right=0.6,
    required={"my_list": 3, "continue_watching": 2},
    forbidden=("trending",),
)


def layout_for(**devices: Device) -> Pages:
    return pages().model_copy(update={"devices": devices})


def test_a_stored_page_is_as_large_as_any_device_needs() -> None:
    layout = layout_for(tv=TV, phone=PHONE)
    assert (layout.rows, layout.columns, layout.lead) == (40, 75, 6)
    assert layout.screen == (6, 6, 6, 3, 3)


def test_a_required_row_stands_where_the_strictest_device_wants_it() -> None:
    layout = layout_for(tv=TV, phone=PHONE)
    assert layout.required == {"continue_watching": 2, "my_list": 3}


def test_a_row_is_left_out_of_the_page_only_if_no_device_shows_it() -> None:
    assert layout_for(tv=TV, phone=PHONE).forbidden == frozenset()
    assert layout_for(phone=PHONE).forbidden == {"trending"}


def test_attention_is_the_mean_over_the_devices() -> None:
    down, right = layout_for(tv=TV, phone=PHONE).attention
    assert (down, right) == (pytest.approx(0.8), pytest.approx(0.7))


def test_a_first_screen_larger_than_the_page_is_refused() -> None:
    with pytest.raises(ValidationError, match="the first screen is larger than the page"):
        Device.model_validate(TV.model_dump() | {"screen_rows": 41})


def test_an_unknown_device_lists_the_known_ones() -> None:
    with pytest.raises(UserMistake, match="unknown device 'radio'.*: tv, phone"):
        layout_for(tv=TV, phone=PHONE).device("radio")
