"""Compare: two pages side by side, or pages of one profile or more with settings changed."""
# Tested by tests/studio/test_title_views.py.

from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from conf.days import parse_day
from conf.errors import UserMistake
from conf.pages import pages
from studio import reading
from studio.answers import html
from studio.asked import Asked
from studio.reports.changes import asked_changes
from studio.reports.compare import comparison
from studio.reports.pages_beside import Side, pages_of, previewed, previews

MOST_NAMES = 40
MOST_PROFILES = 8  # of one preview: each is built twice


def compare(request: Request) -> Response:
    """A form of what to lay beside each other, and the two pages once a profile is named."""
    asked = Asked(request)
    profile_id = asked.text("profile")
    values: dict[str, Any] = {"days": reading.days(), "most": MOST_NAMES, "report": None}
    values["previews"] = []
    names = ("profile", "ds", "device", "other", "other_ds", "other_device", "set", "also")
    values["given"] = {name: asked.text(name) or "" for name in names}
    if profile_id is None:
        return html(request, "compare.html", **values)
    left = Side(profile_id, asked.ds, _device(asked, "device"))
    changed = (asked.text("set") or "").split()
    also = _profiles(asked.text("also"))
    if also and not changed:
        raise UserMistake("pages of several profiles are shown with settings changed; say which")
    if also:
        sides = [left, *(replace(left, profile_id=each) for each in also)]
        values |= {"previews": previews(sides, asked_changes(changed)), "labels": changed}
        return html(request, "compare.html", **values)
    if changed:
        both = previewed(left, asked_changes(changed))
        labels = (left.name, " ".join(changed))
    else:
        other_ds = asked.text("other_ds")
        right = Side(
            asked.text("other") or profile_id,
            parse_day(other_ds) if other_ds else left.ds,
            _device(asked, "other_device") or left.device,
        )
        if left == right:
            raise UserMistake("both pages are the same; choose another profile, day or device")
        both = pages_of(left, right)
        labels = (left.name, right.name)
    values |= {"report": comparison(*both), "labels": labels}
    return html(request, "compare.html", **values)


def _profiles(text: str | None) -> list[str]:
    """The profiles of a text with commas."""
    found = [each.strip() for each in (text or "").split(",") if each.strip()]
    if len(found) >= MOST_PROFILES:
        raise UserMistake(f"{len(found)} profiles; at most {MOST_PROFILES - 1} beside the first")
    return found


def _device(asked: Asked, name: str) -> str | None:
    device = asked.text(name)
    if device:
        pages().device(device)  # says which there are
    return device
