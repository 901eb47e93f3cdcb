"""A day's measures against those of the days published before it: what fell or rose too far.

Chance moves small numbers more than large ones, so each bound leaves room for it. A day without
days before it breaks none of these rules, but those with a bound of their own.
"""

from collections.abc import Callable, Iterator, Sequence
from math import sqrt
from statistics import median

from conf.pages import pages
from conf.rows import rows
from features.audit.segments import ALL, IN_GENRE, WITHOUT

Measures = dict[str, float]  # "segment|measure" -> value
TITLES = f"{ALL}|titles"
SETTINGS_OF = ("country=", "language=", "kids=", "limit=")
REVERSED = f"{ALL}|reversed"  # counted against the usual places of the days before
CHANGED_BY_CHANCE = 2  # profiles whose settings may change besides
SPREAD = 0.5  # of rows and cells of pages, and of records of plays, as a share of their mean


def measures_of(records: Sequence[tuple[str, str, float | None]]) -> Measures:
    """Measures from records of segment, measure and value."""
    return {f"{segment}|{measure}": value or 0.0 for segment, measure, value in records}


def usual_places(before: Sequence[Measures]) -> dict[str, float]:
    """The mean place of each kind of row in the days before."""
    places = {}
    for name in rows().kinds:
        known = [day[f"{ALL}|place of {name}"] for day in before if f"{ALL}|place of {name}" in day]
        if known:
            places[name] = median(known)
    return places


def own_measures(day: Measures) -> Measures:
    """A day's measures that do not depend on which days were published before it."""
    return {key: value for key, value in day.items() if key != REVERSED}


def complaints(rule: str, day: Measures, before: Sequence[Measures]) -> list[str]:
    """What breaks a rule of `conf/tables/audits.yaml`, one sentence each; none where it holds."""
    return list(RULES[rule](day, before))


def _pages_as_before(day: Measures, before: Sequence[Measures]) -> Iterator[str]:
    for segment in _segments(day, before):
        yield from _fallen(day, before, segment, ("pages", "profiles"), pages().audit.least_pages)


def _rows_as_before(day: Measures, before: Sequence[Measures]) -> Iterator[str]:
    names = ["rows", "cells", *(f"cells on {name}" for name in pages().devices)]
    least = pages().audit.least_rows
    for segment in _segments(day, before):
        for name in names:
            usual = _usual(before, segment, (name, "pages"))
            count = day.get(f"{segment}|pages", 0.0)
            if usual is None or not count:
                continue
            mean = day.get(f"{segment}|{name}", 0.0) / count
            if mean < usual * (least - _deviations() * SPREAD / sqrt(count)):
                yield f"{segment}: {mean:.1f} {name} for each page, {usual:.1f} before"


def _kinds_as_before(day: Measures, before: Sequence[Measures]) -> Iterator[str]:
    """A kind of row that is for everybody needs titles to show: where they are gone, so is it."""
    least = pages().audit.least_kind
    for segment in _segments(day, before):
        for name, kind in rows().kinds.items():
            order = rows().orders[kind.order]
            is_local = order.has_claim and order.by_country and not kind.by_tag
            if is_local and not segment.startswith("country="):
                continue
            if order.has_claim and not _has_titles(day, before, segment, name, is_local):
                continue
            own = [_pages_for(name, each, segment) for each in (day, *before)]
            yield from _fallen(own[0], own[1:], segment, (f"with {name}", "pages"), least)


def _pages_for(name: str, day: Measures, segment: str) -> Measures:
    """The pages of a segment, without those whose variant leaves the kind out, and its rows."""
    own = {key: day[key] for key in (f"{segment}|pages", f"{segment}|with {name}") if key in day}
    if f"{segment}|pages" in own:
        own[f"{segment}|pages"] -= day.get(f"{segment}|{WITHOUT}{name}", 0.0)
    return own


def _has_titles(
    day: Measures, before: Sequence[Measures], segment: str, name: str, is_local: bool
) -> bool:
    """Whether a kind of row has about as many titles to choose from as before, and enough."""
    measure = f"{segment if is_local else ALL}|titles of {name}"
    usual = median([past.get(measure, 0.0) for past in before]) if before else 0.0
    today = day.get(measure, 0.0)
    return today >= 2 * rows().kinds[name].min_length and today >= usual / 2


def _order_as_before(day: Measures, before: Sequence[Measures]) -> Iterator[str]:
    count = day.get(f"{ALL}|ordered", 0.0)
    most = pages().audit.most_out_of_order
    bound = count * most + _slack(count, most)
    for name, meaning in {
        "reversed": "have their rows in the opposite of the usual order",
        "late": "have a required kind of row below its last position",
    }.items():
        number = day.get(f"{ALL}|{name}", 0.0)
        if number > bound:
            yield f"{number:.0f} of {count:.0f} pages {meaning}"


def _excused_as_before(day: Measures, before: Sequence[Measures]) -> Iterator[str]:
    shares = [_share(past, ALL, ("excused", "profiles")) for past in before]
    known = [share for share in shares if share is not None]
    if not known:
        return
    count, number = day.get(f"{ALL}|profiles", 0.0), day.get(f"{ALL}|excused", 0.0)
    most = min(1.0, max(known) + pages().audit.most_excused_rise)
    if number > count * most + _slack(count, most):
        usual = max(known)
        yield f"{number:.0f} of {count:.0f} profiles may see nothing, {usual:.1%} at most before"


def _titles_as_before(day: Measures, before: Sequence[Measures]) -> Iterator[str]:
    change = pages().audit.most_titles_change
    known = median([past[TITLES] for past in before if TITLES in past] or [0.0])
    if day.get(TITLES, 0.0) < (1 - change) * known - 1:
        yield f"{day.get(TITLES, 0.0):.0f} titles, {known:.0f} before"
    genres = {key for past in before for key in past if key.startswith(f"{ALL}|{IN_GENRE}")}
    for key in sorted(genres | day.keys()):  # a genre may be gone altogether
        number = day.get(key, 0.0)
        segment, measure = key.rsplit("|", 1)
        whole = measure.split(" ")[0]
        if whole not in ("titles", "pictures") or measure.startswith("titles of "):
            continue
        usual = _usual(before, segment, (measure, whole))
        count = day.get(f"{segment}|{whole}", 0.0)
        if usual is None or measure == whole:
            continue
        has_fallen = number < (usual - change) * count - 1
        has_risen = " for age " in measure and number > (usual + change) * count + 1
        if has_fallen or has_risen:
            share = number / max(count, 1.0)
            about = measure.replace(whole, f"of {whole}", 1)
            yield f"{segment}: {share:.1%} {about}, {usual:.1%} before"


def _readers_as_before(day: Measures, before: Sequence[Measures]) -> Iterator[str]:
    """What is set for profiles changes slowly: where many change at once, their records were lost."""
    change, everybody = pages().audit.most_readers_change, day.get(f"{ALL}|profiles", 0.0)
    segments = {key.rsplit("|", 1)[0] for past in before for key in past}
    for segment in sorted(name for name in segments if name.startswith(SETTINGS_OF)):
        shares = [
            past.get(f"{segment}|profiles", 0.0) / past[f"{ALL}|profiles"]
            for past in before
            if past.get(f"{ALL}|profiles") and _has_like(past, segment)
        ]
        usual = median(shares or [0.0]) * everybody
        number = day.get(f"{segment}|profiles", 0.0)
        if number < (1 - change) * usual - CHANGED_BY_CHANCE:
            yield f"{segment}: {number:.0f} of {everybody:.0f} profiles, {usual:.0f} as before"


def _has_like(day: Measures, segment: str) -> bool:
    """Whether a day was measured by such segments at all."""
    sort = segment.split("=")[0] + "="
    return any(key.startswith(sort) for key in day)


def _records_as_before(day: Measures, before: Sequence[Measures]) -> Iterator[str]:
    """Plays count people, so that one told many times moves no row: here it is seen."""
    usual = _usual(before, ALL, ("records", "plays"))
    ratio = _share(day, ALL, ("records", "plays"))
    if usual is None or ratio is None:
        return
    chance = _deviations() * SPREAD / sqrt(day[f"{ALL}|plays"])
    if ratio > usual * (pages().audit.most_records_rise + chance):
        yield f"{ratio:.1f} records of each play, {usual:.1f} before"


def _bursts_bounded(day: Measures, _before: Sequence[Measures]) -> Iterator[str]:
    most = pages().audit.bursts.most_rise
    for key, place in sorted(day.items()):
        segment, measure = key.rsplit("|", 1)
        place_before = day.get(f"{segment}|place before", 0.0)
        if segment.startswith("title=") and measure == "place" and place_before - place > most:
            yield f"{segment}: place {place:.0f}, {place_before:.0f} a day before"


RULES: dict[str, Callable[[Measures, Sequence[Measures]], Iterator[str]]] = {
    "pages_as_before": _pages_as_before,
    "rows_as_before": _rows_as_before,
    "kinds_as_before": _kinds_as_before,
    "order_as_before": _order_as_before,
    "excused_as_before": _excused_as_before,
    "titles_as_before": _titles_as_before,
    "readers_as_before": _readers_as_before,
    "records_as_before": _records_as_before,
    "bursts_bounded": _bursts_bounded,
}


def _fallen(
    day: Measures, before: Sequence[Measures], segment: str, parts: tuple[str, str], least: float
) -> Iterator[str]:
    """That a share fell below `least` of what it was, by more than chance does."""
    part, whole = parts
    usual = _usual(before, segment, parts)
    count, number = day.get(f"{segment}|{whole}", 0.0), day.get(f"{segment}|{part}", 0.0)
    if usual is None or not count:
        return
    bound = least * usual
    if number < bound * count - _slack(count, bound):
        yield f"{segment}: {number:.0f} of {count:.0f} {whole}, {usual:.1%} before, {part}"


def _segments(day: Measures, before: Sequence[Measures]) -> list[str]:
    """The segments of profiles of the day that the days before had too."""
    known = {key.rsplit("|", 1)[0] for past in before for key in past if key.endswith("|profiles")}
    return sorted(known & {key.rsplit("|", 1)[0] for key in day if key.endswith("|profiles")})


def _usual(before: Sequence[Measures], segment: str, parts: tuple[str, str]) -> float | None:
    """The median of a share over the days that had the segment; None where none did."""
    shares = [_share(past, segment, parts) for past in before]
    known = [share for share in shares if share is not None]
    return median(known) if known else None


def _share(day: Measures, segment: str, parts: tuple[str, str]) -> float | None:
    part, whole = (day.get(f"{segment}|{name}") for name in parts)
    return part / whole if whole and part is not None else None


def _slack(count: float, share: float) -> float:
    """How far chance may move a share of so many, in numbers."""
    return _deviations() * sqrt(max(count * share * (1 - share), 0.0))


def _deviations() -> float:
    return pages().audit.deviations
