"""Titles: which ones nobody was shown and why, and how one title stands, today and on days to come."""
# Tested by tests/studio/test_title_views.py.

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from conf.errors import UserMistake
from conf.health import health_reasons
from models.catalogue.names import name_key
from studio.answers import html
from studio.asked import Asked
from studio.reports.catalogue import known_titles
from studio.reports.titles import (
    MOST_DAYS_AHEAD,
    dry_run,
    health_of_day,
    in_words,
    title_report,
)
from studio.reports.why_not import why_not_for

ON_A_PAGE = 60


def titles(request: Request) -> Response:
    """The titles of a name, or those that nobody was shown, by rule and country."""
    asked = Asked(request)
    words, country, reason = asked.text("q") or "", asked.text("country"), asked.text("reason")
    known = known_titles()
    if reason and reason not in health_reasons().reasons:
        raise UserMistake(f"reason {reason!r}: there are {', '.join(health_reasons().reasons)}")
    day, health = health_of_day(asked.ds)
    no_reasons: dict[str, int] = {}
    if words:
        key = name_key(words)
        found = [own for name, ids in sorted(known.by_name.items()) if key in name for own in ids]
        found = [words, *found] if words in known.titles and words not in found else found
        rows = [(title_id, no_reasons) for title_id in found]
    else:
        unseen = health.unseen(country, reason)
        rows = [(each["title_id"], each["reasons"]) for each in unseen]
    page_count = max(1, -(-len(rows) // ON_A_PAGE))
    number = min(asked.number("page", 1), page_count)
    shown = rows[(number - 1) * ON_A_PAGE : number * ON_A_PAGE]
    return html(
        request,
        "titles.html",
        day=day,
        words=words,
        country=country,
        reason=reason,
        health=health,
        by_rule=health.by_rule(),
        reasons=health_reasons().reasons,
        found_count=len(rows),
        number=number,
        page_count=page_count,
        titles=[(known.titles.get(each, {"name": each}), each, why) for each, why in shown],
    )


def forecast(request: Request) -> Response:
    """One title on a day to come: on how many pages it would stand, in which rows and where."""
    from studio.reports.forecast import forecast as likely  # the builder, and LightGBM with it

    asked = Asked(request)
    text, ahead = asked.required("title"), asked.number("ahead", 1, most=MOST_DAYS_AHEAD)
    found, country = known_titles().find(text), asked.text("country")
    report = likely(found["title_id"], ahead, country)
    days = range(1, MOST_DAYS_AHEAD + 1)
    return html(
        request,
        "forecast.html",
        title=found,
        report=report,
        words=in_words(report),
        days=[(each, report["ds"] + timedelta(days=each)) for each in days],
        countries=known_titles().countries,
    )


def title(request: Request) -> Response:
    """One title: by country and kind of row, the days to come, and one profile where it is named."""
    asked = Asked(request)
    profile_id = asked.text("profile")
    report = title_report(asked.required("title"), None, asked.ds)
    ahead = dry_run(report["title_id"], None, report["ds"])
    own = why_not_for(profile_id, report["title_id"], asked.ds) if profile_id else None
    return html(
        request, "title.html", report=report, ahead=ahead, own=own, profile_id=profile_id or ""
    )
