"""A row kind that could not be true or possible is refused when it is read, with the line that says it."""

from pathlib import Path

import pytest
import yaml

from conf.errors import UserMistake
from conf.pages import Device, Pages, pages
from conf.rows import Rows, rows
from conf.settings import ROOT, load_yaml


@pytest.mark.parametrize(
    ("kind", "change", "said"),
    [
        ("popular", {"evidence": "taste"}, "evidence must be one of ['popular']"),
        ("popular", {"min_length": 80}, "min_length is above max_length"),
        ("popular", {"window_days": 31}, "window_days must be one of"),
        ("trending", {"window_days": 14}, "window_days must be one of"),
        ("new", {"window_days": 0}, "newness needs window_days"),
        ("top_picks", {"most_rows": 2}, "most_rows must be 1"),
        (
            "top_picks",
            {"reason": "Because {anchor}"},
            "words in braces must be among ['window_days']",
        ),
        (
            "because_you_watched",
            {"per": "profile", "most_rows": 1},
            "order similar goes with per anchor",
        ),
        ("genre", {"reason_unplayed": ""}, "reason_unplayed"),
        ("watch_again", {"watched": "hide"}, "watched: only"),
        ("popular", {"colour": "red"}, "Extra inputs are not permitted"),
    ],
)
def test_impossible_kind_is_refused(
    tmp_path: Path, kind: str, change: dict[str, object], said: str
) -> None:
    read = yaml.safe_load((ROOT / "conf" / "rows.yaml").read_text())
    read["kinds"][kind] |= change
    with pytest.raises(UserMistake) as refused:
        load_yaml(Rows, _written(tmp_path, read))
    assert said in str(refused.value) and str(refused.value).startswith("rows.yaml:")


def test_template_names_only_kinds_that_exist(tmp_path: Path) -> None:
    read = yaml.safe_load((ROOT / "conf" / "rows.yaml").read_text())
    read["then"].append("surprise")
    with pytest.raises(UserMistake, match="kinds that do not exist: surprise"):
        load_yaml(Rows, _written(tmp_path, read))


def test_screen_of_all_devices_is_a_staircase() -> None:
    shape = {
        "tv": Device(rows=9, columns=9, screen_rows=3, screen_columns=6, down=0.9, right=0.8),
        "phone": Device(rows=9, columns=9, screen_rows=5, screen_columns=3, down=0.9, right=0.8),
    }
    layout = Pages(
        **{**pages().model_dump(), "devices": {name: d.model_dump() for name, d in shape.items()}}
    )
    assert layout.screen == (6, 6, 6, 3, 3)


def test_screen_larger_than_the_page_is_refused() -> None:
    with pytest.raises(ValueError, match="first screen is larger"):
        Device(rows=2, columns=9, screen_rows=3, screen_columns=6, down=0.9, right=0.8)


def test_unknown_device_lists_the_known_ones() -> None:
    with pytest.raises(UserMistake, match="tv, web, phone"):
        pages().device("fridge")


def test_tv_page_is_about_forty_rows_of_seventy_five() -> None:
    assert (pages().rows, pages().columns) == (40, 75)
    assert max(kind.max_length for kind in rows().kinds.values()) == pages().columns


def _written(folder: Path, content: object) -> Path:
    path = folder / "rows.yaml"
    path.write_text(yaml.safe_dump(content, sort_keys=False))
    return path
