"""Defects of drafts, planted one at a time: each a name and what is done to a sound day's rows.

All of them must keep the day from being published.
"""

import copy
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from benchmarks.safety.drafts import DayDrafts, Record, recolumned, renumbered
from conf.artwork import artwork_settings
from conf.rows import rows

Plant = Callable[[DayDrafts], Any]
TITLE_CARD = artwork_settings().title_card
ADULT = 18


def _every_cell(**changes: Any) -> Plant:
    """All cells of the day with some of their fields changed."""

    def plant(day: DayDrafts) -> None:
        for cell in day.cells():
            cell.update(changes)

    return plant


def _first_cell(**changes: Any) -> Plant:
    """The first cell of the first page with some of its fields changed."""
    return lambda day: next(day.cells()).update(changes)


def _every_row(**changes: Any) -> Plant:
    def plant(day: DayDrafts) -> None:
        for row in day.rows:
            row.update(changes)

    return plant


def _first_row(**changes: Any) -> Plant:
    return lambda day: next(day.in_order()).update(changes)


def _kept_rows(day: DayDrafts, keep: Callable[[Record], bool]) -> None:
    """The day with some of its rows alone, numbered anew page by page."""
    day.rows[:] = [row for row in day.rows if keep(row)]
    for profile_id in day.page_owners:
        renumbered(day.page(profile_id))


def _without_kind(kind: str) -> Plant:
    return lambda day: _kept_rows(day, lambda row: row["row_kind"] != kind)


def _without_pages(test: Callable[[DayDrafts, str], bool]) -> Plant:
    """The day without the pages of some profiles."""

    def plant(day: DayDrafts) -> None:
        gone = {profile_id for profile_id in day.page_owners if test(day, profile_id)}
        _kept_rows(day, lambda row: row["profile_id"] not in gone)

    return plant


def _is_child(day: DayDrafts, profile_id: str) -> bool:
    return profile_id in day.children


def _in_smallest_country(day: DayDrafts, profile_id: str) -> bool:
    return (day.profiles[profile_id]["country"] or "") == day.countries()[-1]


def _title_in_child_page(test: Callable[[str, Record], bool]) -> Plant:
    """A cell of a child's page with another title, under the title card."""

    def plant(day: DayDrafts) -> None:
        row = next(row for row in day.page(day.children[0]) if row["row_kind"] == "top_picks")
        shown = {cell["title_id"] for cell in row["cells"]}
        title_id = day.some_title(lambda name, facts: name not in shown and test(name, facts))
        row["cells"][-1].update(title_id=title_id, artwork_id=TITLE_CARD)

    return plant


def _retitle(kind: str, test: Callable[[DayDrafts, str, str], bool]) -> Plant:
    """The last cell of a row of a kind with a title that does not belong there."""

    def plant(day: DayDrafts) -> None:
        row = day.some_row(kind)
        shown = {cell["title_id"] for line in day.page(row["profile_id"]) for cell in line["cells"]}
        title_id = day.some_title(
            lambda name, facts: (
                (facts["maturity"] or 0) == 0
                and name not in shown
                and test(day, row["profile_id"], name)
            )
        )
        row["cells"][-1].update(title_id=title_id, artwork_id=TITLE_CARD)

    return plant


def _adult_picture(day: DayDrafts) -> None:
    """A child's cell with a picture for adults of that very title."""
    for profile_id in day.children:
        for row in day.page(profile_id):
            for cell in row["cells"]:
                for picture in day.pictures.get(cell["title_id"], ()):
                    if (picture["maturity"] or 0) >= ADULT:
                        cell["artwork_id"] = picture["artwork_id"]
                        return
    raise LookupError("no title on a child's page has a picture for adults")


def _picture_of_neighbour(day: DayDrafts) -> None:
    first, second = day.some_row(test=lambda row: len(row["cells"]) > 1)["cells"][:2]
    first["artwork_id"] = _pictures(day, second["title_id"])[0]


def _pictures(day: DayDrafts, title_id: str) -> list[str]:
    return [picture["artwork_id"] for picture in day.pictures.get(title_id, ())]


def _pictures_shifted(day: DayDrafts) -> None:
    """Every picture of a page one cell further on."""
    cells = [cell for row in day.page(day.page_owners[0]) for cell in row["cells"]]
    pictures = [cell["artwork_id"] for cell in cells]
    for cell, picture in zip(cells, pictures[-1:] + pictures[:-1], strict=True):
        cell["artwork_id"] = picture


def _shifted(name: str) -> Plant:
    """Every cell with the value of the cell before it."""

    def plant(day: DayDrafts) -> None:
        cells = list(day.cells())
        values = [cell[name] for cell in cells]
        for cell, value in zip(cells, values[-1:] + values[:-1], strict=True):
            cell[name] = value

    return plant


def _sentence_of_neighbour(day: DayDrafts) -> None:
    for row in day.in_order():
        for first, second in zip(row["cells"], row["cells"][1:], strict=False):
            if first["evidence"] != second["evidence"]:
                first["evidence"] = second["evidence"]
                return


def _praise(day: DayDrafts) -> None:
    cell = next(day.cells())
    cell["evidence"] += ". Everybody loves it"


def _reason_of_neighbour(day: DayDrafts) -> None:
    """A cell with sentence, kind and payload of a cell about another title."""
    first = day.some_cell("popular")
    second = day.some_cell(
        "popular",
        lambda cell: cell["evidence_payload"]["count"] != first["evidence_payload"]["count"],
    )
    for name in ("evidence", "evidence_type", "evidence_payload"):
        first[name] = copy.deepcopy(second[name])


def _payload(kind: str, **changes: Callable[[Any], Any]) -> Plant:
    """A cell whose payload says something else, in words as well."""

    def plant(day: DayDrafts) -> None:
        cell = day.some_cell(kind)
        for name, change in changes.items():
            before = cell["evidence_payload"][name]
            after = change(before)
            cell["evidence_payload"][name] = after
            if name != "subject" or kind != "watched":
                cell["evidence"] = cell["evidence"].replace(str(before), str(after))

    return plant


def _foreign_subject(day: DayDrafts) -> None:
    """A cell says "because you watched" of a title that the profile never played."""
    for row in day.in_order():
        for cell in row["cells"]:
            if cell["evidence_type"] == "watched" and cell["evidence_payload"]["subject"]:
                other = min(set(day.titles) - day.history(row["profile_id"]))
                cell["evidence_payload"]["subject"] = other
                cell["evidence"] = f"Because you watched {day.titles[other]['name']}"
                return
    raise LookupError("no cell gives a watched title as its reason")


def _as_kind(kind: str, sentence: str, subject: str | None = None, count: int = 0) -> Plant:
    """A cell with a reason of another kind that is not true of it."""
    payload = {"subject": subject, "count": count, "days": 0}
    return _first_cell(evidence_type=kind, evidence=sentence, evidence_payload=payload)


def _never_played_again(day: DayDrafts) -> None:
    for row in day.in_order():
        for cell in row["cells"]:
            if cell["title_id"] not in day.history(row["profile_id"]):
                cell.update(evidence_type="again", evidence="You played it 3 times")
                cell["evidence_payload"] = {"subject": None, "count": 3, "days": 0}
                return


def _other_text(name: str) -> Plant:
    """A row with the text of a row of another kind on its page."""

    def plant(day: DayDrafts) -> None:
        first, *others = day.page(day.page_owners[0])
        first[name] = next(row[name] for row in others if row[name] != first[name])

    return plant


def _numbers_in_reason(day: DayDrafts) -> None:
    row = day.some_row("genre", test=lambda row: " of the " in row["reason"])
    head, tail = row["reason"].rsplit(": ", 1)
    count = int(tail.split()[0])
    row["reason"] = f"{head}: {tail.replace(str(count), str(count + 1), 1)}"


def _other_day_in_reason(day: DayDrafts) -> None:
    row = day.some_row("because_you_watched")
    row["reason"] = f"{row['reason'][:-4]}1999"


def _adult_anchor(day: DayDrafts) -> None:
    """A child's row that stands on a title for adults."""
    profile_id = next(
        profile_id
        for profile_id in day.children
        if any(row["anchor_title_id"] for row in day.page(profile_id))
    )
    row = next(row for row in day.page(profile_id) if row["anchor_title_id"])
    anchor = day.some_title(lambda name, facts: (facts["maturity"] or 0) >= ADULT)
    _stand_on(day, row, anchor)


def _unplayed_anchor(day: DayDrafts) -> None:
    row = day.some_row("because_you_watched")
    played = day.history(row["profile_id"])
    shown = {cell["title_id"] for cell in row["cells"]}
    anchor = day.some_title(
        lambda name, facts: name not in played | shown and day.suits(row["profile_id"], name)
    )
    _stand_on(day, row, anchor)


def _stand_on(day: DayDrafts, row: Record, anchor: str) -> None:
    before, name = (day.titles[title]["name"] for title in (row["anchor_title_id"], anchor))
    row.update(anchor_title_id=anchor, row_id=f"because_you_watched:{anchor}")
    row.update({text: row[text].replace(before, name) for text in ("row_title", "reason")})


def _kind_gone_in_country(day: DayDrafts) -> None:
    country = day.countries()[0]
    owners = {owner for owner in day.page_owners if day.profiles[owner]["country"] == country}
    _kept_rows(day, lambda row: row["profile_id"] not in owners or row["row_kind"] != "popular")


def _pages_upside_down(day: DayDrafts) -> None:
    for profile_id in day.page_owners:
        renumbered(list(reversed(day.page(profile_id))))


def _cells_upside_down(*kinds: str) -> Plant:
    """The cells of all rows of some kinds in reverse."""

    def plant(day: DayDrafts) -> None:
        for row in day.rows:
            if row["row_kind"] in kinds:
                row["cells"].reverse()
                recolumned(row)

    return plant


def _shortest_rows(day: DayDrafts) -> None:
    for row in day.rows:
        row["cells"] = row["cells"][: rows().kinds[row["row_kind"]].min_length]


def _two_columns_less(day: DayDrafts) -> None:
    """Every row of more than eight cells cut to eight."""
    for row in day.rows:
        row["cells"] = row["cells"][:8]


def _one_page_for_all(day: DayDrafts) -> None:
    """Every profile with the page of the first one, under its own name."""
    model = day.page(day.page_owners[0])
    page_ids = {row["profile_id"]: row["page_id"] for row in day.rows}
    day.rows[:] = [
        {**copy.deepcopy(row), "profile_id": owner, "page_id": page_ids[owner]}
        for owner in page_ids
        for row in model
    ]


def _swapped_pages(day: DayDrafts) -> None:
    """Two profiles of one country with each other's page."""
    first, second = next(
        (first, second)
        for first in day.page_owners
        for second in day.page_owners
        if first < second and day.profiles[first]["country"] == day.profiles[second]["country"]
    )
    names = {first: second, second: first}
    for row in day.rows:
        row["profile_id"] = names.get(row["profile_id"], row["profile_id"])


def _yesterdays_pages(day: DayDrafts) -> None:
    """The rows of the day before under today's date."""
    today = day.rows[0]["as_of"]
    day.rows[:] = [{**copy.deepcopy(row), "as_of": today} for row in day.yesterday]


def _row_again(day: DayDrafts) -> None:
    """A row once more at the end of its page."""
    page = day.page(day.page_owners[0])
    day.rows.append({**copy.deepcopy(page[1]), "row_position": len(page) + 1})


def _shared_page_id(day: DayDrafts) -> None:
    """Two pages under one id."""
    first, second, *_ = day.page_owners
    page_id = day.page(first)[0]["page_id"]
    for row in day.page(second):
        row["page_id"] = page_id


def _leader_everywhere(day: DayDrafts) -> None:
    """One title at the head of Popular on all pages."""
    title_id = min(cell["title_id"] for cell in day.some_row("popular")["cells"])
    for row in day.rows:
        if row["row_kind"] != "popular":
            continue
        own = [cell for cell in row["cells"] if cell["title_id"] == title_id]
        row["cells"] = own + [cell for cell in row["cells"] if cell["title_id"] != title_id]
        recolumned(row)


def _tail_for_head(day: DayDrafts) -> None:
    """The first and the last cell of each row of top picks in each other's place, with their scores."""
    for row in day.rows:
        if row["row_kind"] == "top_picks":
            cells = row["cells"]
            cells[0], cells[-1] = cells[-1], cells[0]
            recolumned(row)


def _twice_in_view(day: DayDrafts) -> None:
    first, second, *_ = (
        row for row in day.page(day.page_owners[0]) if not rows().kinds[row["row_kind"]].may_repeat
    )
    shown = first["cells"][0]
    second["cells"] = [
        copy.deepcopy(shown),
        *(cell for cell in second["cells"][1:] if cell["title_id"] != shown["title_id"]),
    ]
    recolumned(second)


def _validity(**later: int) -> Plant:
    """Pages that say they are valid longer than they are."""

    def plant(day: DayDrafts) -> None:
        for row in day.rows:
            if row["valid_until"] is not None:
                row["valid_until"] += timedelta(**later)

    return plant


def _is_closed(day: DayDrafts, profile_id: str, title_id: str) -> bool:
    return day.profiles[profile_id]["country"] not in day.titles[title_id]["open_in"]


def _spoken_elsewhere(day: DayDrafts, profile_id: str, title_id: str) -> bool:
    understood = set(day.profiles[profile_id]["languages"] or ())
    spoken = set(day.titles[title_id]["languages"] or ())
    is_open = day.profiles[profile_id]["country"] in day.titles[title_id]["open_in"]
    return is_open and bool(understood and spoken) and not understood & spoken


def _unplayed(day: DayDrafts, profile_id: str, title_id: str) -> bool:
    return not _is_closed(day, profile_id, title_id) and title_id not in day.history(profile_id)


def _played(day: DayDrafts, profile_id: str, title_id: str) -> bool:
    return not _is_closed(day, profile_id, title_id) and title_id in day.history(profile_id)


def _of_other_genre(day: DayDrafts) -> None:
    row = day.some_row("genre")
    tag = row["row_id"].removeprefix("genre:")
    shown = {cell["title_id"] for line in day.page(row["profile_id"]) for cell in line["cells"]}
    title_id = day.some_title(
        lambda name, facts: (
            tag not in (facts["genres"] or ())
            and (facts["maturity"] or 0) == 0
            and name not in shown
            and _unplayed(day, row["profile_id"], name)
        )
    )
    row["cells"][-1].update(title_id=title_id, artwork_id=TITLE_CARD)


NAN, INFINITY = float("nan"), float("inf")
# Each in one page.
PAGE_DEFECTS: dict[str, Plant] = {
    "a title for adults on a child's page": _title_in_child_page(
        lambda name, facts: (facts["maturity"] or 0) >= ADULT
    ),
    "a title of unknown maturity on a child's page": _title_in_child_page(
        lambda name, facts: facts["maturity"] is None or facts["maturity"] >= ADULT
    ),
    "a title that is closed in the country": _retitle("top_picks", _is_closed),
    "a title in a language that nobody there understands": _retitle("top_picks", _spoken_elsewhere),
    "a title that does not exist": _first_cell(title_id="no such title", artwork_id=TITLE_CARD),
    "a title twice in a row": lambda day: day.some_row("top_picks")["cells"][-1].update(
        {
            name: day.some_row("top_picks")["cells"][0][name]
            for name in ("title_id", "artwork_id", "propensity")
        }
    ),
    "a title twice in the first screen": _twice_in_view,
    "a played title among top picks": _retitle("top_picks", _played),
    "an unplayed title to continue": _retitle("continue_watching", _unplayed),
    "an unplayed title to watch again": _retitle("watch_again", _unplayed),
    "a title that is on no list of the profile's": _retitle("my_list", _unplayed),
    "a title of another genre in a genre row": _of_other_genre,
    "an adult picture on a child's page": _adult_picture,
    "a picture of another title": _picture_of_neighbour,
    "a picture that no title has": _first_cell(artwork_id="no such picture"),
    "all pictures of a page one cell further": _pictures_shifted,
    "the title card for one picture": _first_cell(artwork_id=TITLE_CARD),
    "an empty picture": _first_cell(artwork_id=""),
    "no picture": _first_cell(artwork_id=None),
    "a probability of 0": _first_cell(propensity=0.0),
    "a probability above 1": _first_cell(propensity=1.25),
    "a probability that is no number": _first_cell(propensity=NAN),
    "no probability": _first_cell(propensity=None),
    "a title's probability of a half": _first_cell(title_propensity=0.5),
    "one cell with a policy called nobody": _first_cell(policy="nobody"),
    "the sentence of the next cell": _sentence_of_neighbour,
    "the whole reason of another title": _reason_of_neighbour,
    "praise after a sentence": _praise,
    "a sentence without any sense": _first_cell(evidence="asdf"),
    "no sentence": _first_cell(evidence=""),
    "one play more than there were": _payload("popular", count=lambda count: count + 1),
    "a thousand plays more in a trend": _payload("trending", count=lambda count: count + 1000),
    "a day more since it came": _payload("new", days=lambda days: days + 1),
    "a genre that it has not": _payload("genre", subject=lambda genre: "Gardening"),
    "a taste that nobody has": _payload("taste", count=lambda count: count + 1),
    "because of a title that was not watched": _foreign_subject,
    "an award that it did not win": _as_kind("award", "Award: Palme d'Or", "Palme d'Or"),
    "a director who did not direct it": _as_kind(
        "director", "By Nobody, whose 3 titles you liked", "Nobody", 3
    ),
    "an actor who is not in it": _as_kind(
        "cast", "With Nobody, whom you liked in 3 titles", "Nobody", 3
    ),
    "played again, but never played": _never_played_again,
    "a kind of reason that nobody knows": _first_cell(evidence_type="rumour"),
    "a sentence in a language of nobody": lambda day: day.some_cell("popular").update(
        evidence="1 avspilling de siste 30 dagene"
    ),
    "a row with the reason of another": _other_text("reason"),
    "a row with the name of another": _other_text("row_title"),
    "a row with the evidence of another": _other_text("evidence_type"),
    "a row with the id of another": _other_text("row_id"),
    "one title more in a history": _numbers_in_reason,
    "watched on another day": _other_day_in_reason,
    "an anchor that was not played": _unplayed_anchor,
    "an anchor for adults on a child's page": _adult_anchor,
    "a needless anchor": lambda day: day.some_row("top_picks").update(
        anchor_title_id=day.some_row("because_you_watched")["anchor_title_id"]
    ),
    "one score is no number": _first_cell(score=NAN),
    "one score is infinite": _first_cell(score=INFINITY),
    "a row once more": _row_again,
    "a row under another page's id": _first_row(page_id="elsewhere"),
    "a kind of row that nobody knows": _first_row(row_kind="mystery"),
    "a gap between rows": _first_row(row_position=99),
    "a gap between cells": _first_cell(column_position=99),
    "a row without cells": lambda day: next(day.in_order())["cells"].clear(),
    "built as of another day": lambda day: next(day.in_order()).update(
        as_of=day.rows[0]["as_of"] - timedelta(days=1)
    ),
}
# Each in many pages, or in what pages are together.
DAY_DEFECTS: dict[str, Plant] = {
    "the title card for every picture": _every_cell(artwork_id=TITLE_CARD),
    "pictures with a probability of a half": _every_cell(propensity=0.5),
    "pictures with a probability of 1": _every_cell(propensity=1.0),
    "each cell with the probability of the one before": _shifted("propensity"),
    "all titles with a probability of a fifth": _every_cell(title_propensity=0.2),
    "a policy called nobody": _every_cell(policy="nobody"),
    "no policy": _every_cell(policy=""),
    "no score is a number": _every_cell(score=NAN),
    "no score": _first_cell(score=None),
    "top picks from the last to the first": _cells_upside_down("top_picks"),
    "popular from the last to the first": _cells_upside_down("popular"),
    "genre rows from the last to the first": _cells_upside_down("genre"),
    "the first and the last of top picks swapped": _tail_for_head,
    "one title at the head of popular everywhere": _leader_everywhere,
    "pages upside down": _pages_upside_down,
    "no row of popular": _without_kind("popular"),
    "no row of top picks": _without_kind("top_picks"),
    "no row of trending": _without_kind("trending"),
    "no row of genres": _without_kind("genre"),
    "no row to continue": _without_kind("continue_watching"),
    "no row of popular in the largest country": _kind_gone_in_country,
    "no page for children": _without_pages(_is_child),
    "no page in the smallest country": _without_pages(_in_smallest_country),
    "no page for every third profile": _without_pages(
        lambda day, profile_id: day.page_owners.index(profile_id) % 3 == 0
    ),
    "no page for one profile": _without_pages(
        lambda day, profile_id: profile_id == day.page_owners[0]
    ),
    "every row as short as it may be": _shortest_rows,
    "every row cut to eight cells": _two_columns_less,
    "five rows for everybody": lambda day: _kept_rows(day, lambda row: row["row_position"] <= 5),
    "one page for all": _one_page_for_all,
    "two pages swapped": _swapped_pages,
    "the pages of the day before": _yesterdays_pages,
    "two pages under one id": _shared_page_id,
    "a page for nobody": lambda day: day.rows.append(
        {**copy.deepcopy(day.some_row("popular")), "profile_id": "nobody", "row_position": 1}
    ),
    "rows of a ranker that nobody knows": _every_row(ranker_id="nobody"),
    "rows of a builder that nobody knows": _every_row(builder="nobody"),
    "valid for a year longer": _validity(days=365),
    "valid for ever": _every_row(valid_until=None),
}
DEFECTS = {**PAGE_DEFECTS, **DAY_DEFECTS}
