"""Orders and kinds of row that could not be true or possible are refused, with the line that says
so.
"""

from pathlib import Path
from typing import Any

import pytest
import yaml

from conf.errors import UserMistake
from conf.pages import Device, Pages, pages
from conf.rows import Rows, RowsFile, rows
from conf.settings import ROOT, load_yaml


def rows_yaml() -> dict[str, Any]:
    """The content of conf/rows.yaml, to be changed."""
    content: dict[str, Any] = yaml.safe_load((ROOT / "conf" / "rows.yaml").read_text())
    return content


def refusal(folder: Path, content: dict[str, Any]) -> str:
    """What is said where this content is read as conf/rows.yaml."""
    path = folder / "rows.yaml"
    path.write_text(yaml.safe_dump(content, sort_keys=False))
    with pytest.raises(UserMistake) as refused:
        load_yaml(RowsFile, path)
    return str(refused.value)


@pytest.mark.parametrize(
    ("kind", "change", "message"),
    [
        ("popular", {"evidence": "taste"}, "evidence must be one of ['popular']"),
        ("popular", {"min_length": 80}, "min_length is above max_length"),
        ("popular", {"window_days": 31}, "window_days must be one of"),
        ("trending", {"window_days": 14}, "window_days must be one of"),
        ("new", {"window_days": 0}, "order newness needs window_days"),
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
        ("popular", {"per": "anchor"}, "order popularity does not go with per anchor"),
        ("genre", {"reason_unplayed": ""}, "reason_unplayed"),
        (
            "top_picks",
            {"texts": {"de": {"title": "Für dich", "reason": "Weil {anchor}"}}},
            "words in braces must be among ['window_days']",
        ),
        (
            "genre",
            {"texts": {"de": {"title": "{tag}", "reason": "{tag}"}}},
            "reason_unplayed must be in every language or in none; see de",
        ),
        ("watch_again", {"watched": "hide"}, "watched: only"),
        ("popular", {"watched": "begun"}, "watched: hide or show"),
        ("popular", {"colour": "red"}, "Extra inputs are not permitted"),
        ("popular", {"order": "surprise"}, "order surprise has no entry under orders"),
    ],
)
def test_impossible_kind_is_refused(
    tmp_path: Path, kind: str, change: dict[str, object], message: str
) -> None:
    content = rows_yaml()
    content["kinds"][kind] |= change
    error = refusal(tmp_path, content)
    assert error.startswith("rows.yaml:")
    assert f"kinds.{kind}" in error
    assert message in error


@pytest.mark.parametrize("name", rows().orders)
def test_every_order_needs_its_entry(tmp_path: Path, name: str) -> None:
    content = rows_yaml()
    del content["orders"][name]
    assert f"order {name} has no entry under orders" in refusal(tmp_path, content)


@pytest.mark.parametrize("field", ["claim", "evidence"])
def test_every_order_says_what_it_claims_and_its_evidence(tmp_path: Path, field: str) -> None:
    """An order that claims nothing has to say so."""
    content = rows_yaml()
    del content["orders"]["popularity"][field]
    assert f"orders.popularity.{field}: Field required" in refusal(tmp_path, content)


def test_orders_have_to_be_declared(tmp_path: Path) -> None:
    content = rows_yaml()
    del content["orders"]
    assert "orders: Field required" in refusal(tmp_path, content)


def test_a_claim_names_only_fields_of_kinds(tmp_path: Path) -> None:
    content = rows_yaml()
    content["orders"]["popularity"]["claim"] = "title_plays_count_{days}d > 0"
    assert "no field of a kind and no constant: days" in refusal(tmp_path, content)


def test_a_claim_has_the_numbers_of_its_kind() -> None:
    kind = rows().kinds["coming_back"].model_copy(update={"window_days": 9})
    assert rows().orders["return"].claim_of(kind) == "back_days_ago <= 9"


def test_rows_without_orders_of_their_own_have_the_declared_ones() -> None:
    kinds = {"popular": rows().kinds["popular"]}
    only = Rows(kinds=kinds, template=("popular",), then=())
    assert only.orders == rows().orders
    assert only.ordered_by("popularity") == ["popular"]


def test_template_names_only_kinds_that_exist(tmp_path: Path) -> None:
    content = rows_yaml()
    content["then"].append("surprise")
    assert "kinds that do not exist: surprise" in refusal(tmp_path, content)


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
