"""`frontrow compare`: pages of profiles, days and devices side by side, and one line for mistakes."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cli import compare as command
from conf.errors import UserMistake
from studio.reports import pages_beside
from studio.reports.pages_beside import Side
from tests import drafts, published
from tests.studio.reports.test_titles import service

__all__ = ["service"]


def told(*arguments: str) -> dict[str, Any]:
    ask = ["--profile", "ann", *arguments, "--json"]
    done = CliRunner().invoke(command.compare, ask, catch_exceptions=False)
    return dict(json.loads(done.output))


def test_two_profiles_days_and_devices_are_laid_side_by_side(service: Path) -> None:
    assert not told("--with", "bob")["titles"]["left"]  # the small pages are alike
    days = told("--with-ds", str(published.EVE))
    assert days["right"] == f"ann {published.EVE}" and days["rows"]
    devices = told("--device", "tv", "--with-device", "phone")
    assert len([row for row in devices["rows"] if row["right"]]) <= len(devices["rows"])
    text = CliRunner().invoke(command.compare, ["--profile", "ann", "--with", "bob"]).output
    assert "titles on both" in text


def test_changed_settings_are_previewed_beside_the_page_as_it_is(
    service: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = published._arrow("drafts", published.page_rows(drafts.DS, "ann")).drop_columns(["ds"])
    monkeypatch.setattr(
        pages_beside,
        "simulated_pages",
        lambda day, profiles, changes: pages.slice(0, 2) if changes else pages,
    )
    report = told("--set", "pages.builder=template")
    assert report["right"] == "pages.builder=template"
    assert sum(row["right"] is not None for row in report["rows"]) == 2
    left, right = pages_beside.previewed(Side("ann"), {"pages.builder": "template"})
    assert len(left) == pages.num_rows and len(right) == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "both pages are the same"),
        (["--with", "nobody"], "no page for profile"),
        (["--with-device", "radio"], "radio"),
        (["--with-ds", "never"], "not a day"),
        (["--set", "pages.builder"], "has no value"),
        (["--set", "a=["], "no YAML"),
        (["--set", "pages.builder=template", "--with", "bob"], "leave --with away"),
    ],
)
def test_mistake_is_one_line(service: Path, arguments: list[str], words: str) -> None:
    error = CliRunner().invoke(command.compare, ["--profile", "ann", *arguments]).exception
    assert isinstance(error, UserMistake) and words in str(error) and "\n" not in str(error)
