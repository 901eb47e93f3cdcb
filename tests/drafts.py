"""One day of sound drafts, and every fault that an audit must find.

Each fault is planted in the page of a profile that is named after it.
"""

import copy
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from deltalake import write_deltalake
from pyspark.sql import DataFrame, SparkSession

from conf.contracts import contract
from conf.days import end_of
from jobs.io.tables import spark as tables
from models.page.build import build_pages
from tests import worlds
from tests.models.page import small

DS = date(1998, 4, 22)
Rows = list[dict[str, Any]]
RANKER: dict[str, Any] = {  # that the pages say they were ordered by
    "ranker": "top_picks",
    "ranker_id": "test",
    "model": "",
    "model_sha256": "",
    "parameters": "{}",
    "feature_names": ["x"],
    "feature_types": ["float"],
    "trained_from": DS - timedelta(days=9),
    "trained_until": DS - timedelta(days=1),
    "input_versions": {"events": 0},
    "code_version": "",
    "metrics": {"queries": 1.0},
    "probe": "{}",
    "promoted": True,
    "reason": "",
    "ds": DS - timedelta(days=1),
}
OWN = ["seen", "again", "half"]
LISTED = ["t03"]
HALF = {"half": {"resume_s": 600, "length_s": 6000, "finished": 0}}  # what is left to watch
TITLES: dict[str, dict[str, Any]] = {
    **{
        f"t{i:02d}": {"plays": 30 - i, "maturity": 6, "genres": ["Drama"], "age": 3.0}
        for i in range(24)
    },
    "t01": {"plays": 29, "maturity": 6, "genres": ["Drama"], "since": {"NO": 111.0}},
    "unplayed": {"plays": 0, "maturity": 6},
    "thai": {"plays": 0, "maturity": 6, "languages": ["th"]},
    "seen": {"plays": 1, "maturity": 6},
    "again": {"plays": 1, "maturity": 6},
    "half": {"plays": 1, "maturity": 6},
    "grim": {"plays": 0, "maturity": 18},
    "abroad": {"plays": 0, "maturity": 6, "gone_in": {"NO": True}},
    "hated": {"plays": 0, "maturity": 6},
    "soon": {"plays": 0, "maturity": 6, "launch": -3.0},
}


def _row(page: Rows, kind: str) -> dict[str, Any]:
    return next(row for row in page if row["row_kind"] == kind)


def _retitle(page: Rows, kind: str, place: int, title: str) -> None:
    _row(page, kind)["cells"][place]["title_id"] = title


def _drop_first(page: Rows) -> None:
    del page[0]


def _no_page(page: Rows) -> None:
    page.clear()


def _swap_anchor(page: Rows) -> None:
    _row(page, "because_you_watched").update(
        anchor_title_id="t09", row_id="because_you_watched:t09"
    )


def _reverse(cells: Rows) -> None:
    """Cells in the opposite order, their positions as they were."""
    cells.reverse()
    for number, cell in enumerate(cells, 1):
        cell["column_position"] = number


def _reverse_cells(page: Rows) -> None:
    _reverse(_row(page, "top_picks")["cells"])


def _too_long(page: Rows) -> None:
    cells = _row(page, "watch_again")["cells"]
    for number in range(3, 30):
        cells.append({**cells[0], "column_position": number})


def _twice_in_view(page: Rows) -> None:
    """The first title of a lower row comes to the front of the row above, with its whole cell."""
    cells = _row(page, "top_picks")["cells"]
    first_below = _row(page, "because_you_watched")["cells"][0]["title_id"]
    index = [cell["title_id"] for cell in cells].index(first_below)
    front, moved = cells[0], cells[index]
    cells[0] = {**moved, "column_position": 1}
    cells[index] = {**front, "column_position": index + 1}


def _same_titles_below(page: Rows) -> None:
    """The last row that may not repeat, shown once more below the first screens."""
    row = copy.deepcopy(_row(page, "popular"))
    last_position = max(each["row_position"] for each in page)
    page.append({**row, "row_id": "popular again", "row_position": last_position + 1})
    page.append({**row, "row_id": "and again", "row_position": last_position + 2})


def _in_a_fifth_row(page: Rows) -> None:
    """A title of four rows, with its whole cell, in one more."""
    counts = Counter(cell["title_id"] for row in page for cell in row["cells"])
    most = max(counts, key=lambda title: counts[title] * (title not in LISTED))
    cells = _row(page, "popular")["cells"]
    cell = next(cell for cell in cells if cell["title_id"] == most)
    _row(page, "my_list")["cells"].append({**cell, "column_position": 2, "score": -1e9})


# what follows where another title leads a row: rows below have theirs in another order than they may
KNOCK_ON = {"cells_in_order", "order_as_said"}
# fault -> (what is done to the page, the rules that must fail and no others)
FAULTS: dict[str, tuple[Callable[[Rows], Any], set[str]]] = {
    "mystery_kind": (
        lambda p: p[0].update(row_kind="mystery"),
        {
            "row_kind_known",
            "row_length_within_bounds",
            "watched_policy_kept",
            "anchor_from_own_history",
            "list_is_the_profiles_own",
            "claims_are_true",
            "row_text_true",
            "title_chance_declared",
        },
    ),
    "nobodys_ranker": (lambda p: p[0].update(ranker_id="nobody"), {"ranker_known"}),
    "nobodys_builder": (lambda p: p[0].update(builder="nobody"), {"builder_known"}),
    "no_ranker": (lambda p: p[0].update(ranker_id=None), {"ranker_known"}),
    "yesterdays_copy": (
        lambda p: p[0].update(as_of=end_of(DS) - timedelta(days=1)),
        {"row_built_as_of_its_day"},
    ),
    "gap_in_columns": (
        lambda p: _row(p, "top_picks")["cells"][2].update(column_position=9),
        {"cells_numbered_from_one"},
    ),
    "no_cells": (
        lambda p: p[0]["cells"].clear(),
        {"cells_numbered_from_one", "row_length_within_bounds"},
    ),
    "too_many_cells": (_too_long, {"row_length_within_bounds", "row_without_repeats"}),
    "no_evidence": (lambda p: p[0]["cells"][0].update(evidence=""), {"evidence_given"}),
    "no_picture": (lambda p: p[0]["cells"][0].update(artwork_id=None), {"picture_given"}),
    "impossible": (
        lambda p: p[0]["cells"][0].update(propensity=0.0),
        {"propensity_is_a_probability"},
    ),
    "unlikely": (
        lambda p: p[0]["cells"][0].update(title_propensity=1.5),
        {"propensity_is_a_probability", "title_chance_declared"},
    ),
    "watched": (lambda p: _retitle(p, "top_picks", 7, "seen"), {"watched_policy_kept"}),
    "unwatched": (lambda p: _retitle(p, "watch_again", 0, "t12"), {"watched_policy_kept"}),
    "finished": (lambda p: _retitle(p, "continue_watching", 0, "seen"), {"watched_policy_kept"}),
    "half_again": (lambda p: _retitle(p, "watch_again", 0, "half"), {"watched_policy_kept"}),
    "not_listed": (lambda p: _retitle(p, "my_list", 0, "t12"), {"list_is_the_profiles_own"}),
    "untrue": (lambda p: _retitle(p, "popular", 3, "unplayed"), {"claims_are_true", *KNOCK_ON}),
    "foreign_anchor": (_swap_anchor, {"anchor_from_own_history", "row_text_true"}),
    "needless_anchor": (lambda p: p[0].update(anchor_title_id="seen"), {"anchor_from_own_history"}),
    "lost_page": (_no_page, {"page_present"}),
    "stranger": (
        lambda p: None,
        {
            "profile_known",
            "watched_policy_kept",
            "anchor_from_own_history",
            "list_is_the_profiles_own",
            "claims_are_true",
            "row_text_true",
            "titles_available",
        },
    ),
    "two_pages": (lambda p: p[0].update(page_id="other"), {"page_id_one"}),
    "anothers_page": (
        lambda p: [row.update(page_id=pages_of(["ann"])["ann"][0]["page_id"]) for row in p],
        {"page_id_of_profile"},
    ),
    "valid_for_ever": (
        lambda p: [row.update(valid_until=end_of(DS) + timedelta(days=9)) for row in p],
        {"valid_until_true"},
    ),
    "valid_in_part": (
        lambda p: p[0].update(valid_until=end_of(DS) + timedelta(days=9)),
        {"valid_until_true"},
    ),
    "gap_in_rows": (_drop_first, {"rows_numbered_from_one"}),
    "same_row_twice": (
        lambda p: p[0].update(row_id=p[1]["row_id"]),
        {"row_ids_unique", "row_text_true"},
    ),
    "twice_in_view": (_twice_in_view, {"first_screen_without_repeats", *KNOCK_ON}),
    "unknown_title": (lambda p: _retitle(p, "top_picks", 7, "nowhere"), {"titles_known"}),
    "too_grown_up": (lambda p: _retitle(p, "top_picks", 7, "grim"), {"titles_suitable"}),
    "foreign_tongue": (lambda p: _retitle(p, "top_picks", 7, "thai"), {"titles_suitable"}),
    "alike": (
        _same_titles_below,
        {"claims_are_true", "neighbours_differ", "row_text_true", "title_rows_bounded"},
    ),
    "crowded": (_in_a_fifth_row, {"title_rows_bounded", "list_is_the_profiles_own"}),
    "blocked_title": (lambda p: _retitle(p, "top_picks", 7, "hated"), {"titles_suitable"}),
    "not_in_country": (lambda p: _retitle(p, "top_picks", 7, "abroad"), {"titles_available"}),
    "nan_score": (
        lambda p: _row(p, "top_picks")["cells"][-1].update(score=float("nan")),
        {"scores_finite", "cells_in_order"},
    ),
    "no_score": (
        lambda p: _row(p, "top_picks")["cells"][-1].update(score=None),
        {"scores_finite"},
    ),
    "upside_down": (_reverse_cells, {"first_screen_without_repeats", *KNOCK_ON}),
    "popular_upside_down": (
        lambda p: _reverse(_row(p, "popular")["cells"]),
        {"cells_in_order", "order_as_said"},
    ),
    "another_name": (lambda p: p[0].update(row_title="For everybody"), {"row_text_true"}),
    "another_reason": (
        lambda p: _row(p, "popular").update(reason="What all members play"),
        {"row_text_true"},
    ),
    "another_day": (
        lambda p: _row(p, "because_you_watched").update(reason="You watched it on 1998-04-01"),
        {"row_text_true"},
    ),
    "another_evidence": (lambda p: p[0].update(evidence_type="genre"), {"row_text_true"}),
    "even_chances": (
        lambda p: [cell.update(title_propensity=0.5) for cell in _row(p, "top_picks")["cells"]],
        {"title_chance_declared"},
    ),
    "not_launched": (lambda p: _retitle(p, "top_picks", 7, "soon"), {"titles_available"}),
}


def pages_of(names: list[str]) -> dict[str, Rows]:
    """Sound pages, one for each name, all alike.

    Each profile played two titles, lives in Norway, is held to 12 years and blocked one title.
    """
    catalogue = small.catalogue(TITLES, countries=["NO"])
    facts = {
        "history": OWN,
        "states": HALF,
        "listed": LISTED,
        "limit": 12,
        "country": "NO",
        "blocked": ["hated"],
        "languages": ["no", "en"],
    }
    profiles = small.profiles(catalogue, dict.fromkeys(names, facts))
    best_titles = {f"t{i:02d}": 12.0 - i for i in range(12)}
    scores = small.scores(catalogue, [best_titles] * len(names))
    similar_titles = {f"t{i:02d}": 1.0 - i / 20 for i in range(6, 18)}
    near = small.neighbours(catalogue, {"seen": similar_titles})
    rows = build_pages(catalogue, profiles, scores, near, "test").to_pylist()
    return {
        name: copy.deepcopy([row for row in rows if row["profile_id"] == name]) for name in names
    }


def pages_with_faults() -> dict[str, Rows]:
    """A sound page named `fine`, and for each fault a page that has it and nothing else."""
    pages = pages_of(["fine", *FAULTS])
    for name, (plant, _) in FAULTS.items():
        plant(pages[name])
    return pages


def drafts_frame(spark: SparkSession, pages: dict[str, Rows]) -> DataFrame:
    """Pages as a frame of `drafts`, with ds."""
    records = [{**row, "ds": DS} for page in pages.values() for row in page]
    return worlds.frame(spark, "drafts", records)


def profile_records(names: list[str]) -> Rows:
    """The features of the named profiles on the day; stranger is unknown."""
    names_of_counts = [
        name for name in contract("profile_features").columns if "plays_count" in name
    ]
    history = [_entry(title, days_ago) for days_ago, title in enumerate(OWN)]
    facts = {
        "country": "NO",
        "languages": ["no", "en-GB"],
        "blocked_titles": ["hated"],
        "history": history,
        "my_list": [{"title_id": name, "listed_at": history[0]["last_at"]} for name in LISTED],
        "ds": DS,
        **dict.fromkeys(names_of_counts, 2),
    }
    limits = {"toddler": 3}  # nothing in the catalogue is for so young a profile
    return [
        {**facts, "profile_id": name, "maturity_limit": limits.get(name, 12)}
        for name in names
        if name != "stranger"
    ]


def _entry(title: str, days_ago: int) -> dict[str, object]:
    """An entry of a history: one play, so many days before the day."""
    played_at = datetime(1998, 4, 22 - days_ago, tzinfo=UTC)
    entry: dict[str, object] = {
        "title_id": title,
        "last_at": played_at,
        "plays_count": 1,
        "stars": None,
        "first_at": played_at,
        "thumb": None,
        "resume_seconds": None,
        "duration_seconds": None,
        "finished_count": None,
        "episode": None,
        "next_episode": None,
        "device": None,
    }
    if title == "half":
        entry |= {"resume_seconds": 600, "duration_seconds": 6000, "finished_count": 0}
    return entry


def log_records() -> tuple[Rows, Rows]:
    """`titles` and `availability` that describe TITLES."""
    early = datetime(1998, 1, 1, tzinfo=UTC)
    origin = {"known_at": early, "source": "test", "landing_id": "test"}
    titles = []
    for title, facts in TITLES.items():
        launch_age = facts.get("launch")
        launched_at = None if launch_age is None else end_of(DS) - timedelta(days=launch_age)
        record = {
            "title_id": title,
            "name": f"Name {title}",
            "genres": facts.get("genres"),
            "maturity": facts["maturity"],
            "languages": facts.get("languages"),
            "launched_at": launched_at,
        }
        titles.append(record | origin)
    window = {"from_at": early, "until_at": None, **origin}
    windows = [
        {"title_id": "abroad", "country": "BR", **window},
        {"title_id": "abroad", "country": "NO", **window, "until_at": end_of(DS)},
        {"title_id": "t01", "country": "NO", **window},
    ]
    return titles, windows


def title_feature_records() -> Rows:
    """What the day knows of TITLES: their plays."""
    names_of_counts = [
        name for name in contract("title_features").columns if "title_plays_count" in name
    ]
    records = []
    for title, facts in TITLES.items():
        record = {
            "title_id": title,
            **dict.fromkeys(names_of_counts, facts["plays"]),
            "title_trend_7d": 0.0,
            "title_trend_30d": 0.0,
            "title_stars_count": 0,
            "title_first_play_age_days": facts.get("age"),
            "ds": DS,
        }
        records.append(record)
    return records


def write_day(spark: SparkSession, names: list[str]) -> None:
    """A lake with the day's features for the named profiles, without drafts."""
    titles, availability = log_records()
    for name, records in {
        "titles": titles,
        "availability": availability,
        "profile_features": profile_records(names),
        "title_features": title_feature_records(),
    }.items():
        _put(name, worlds.frame(spark, name, records))
    tables.replace_day(spark, "rankers", RANKER["ds"], worlds.frame(spark, "rankers", [RANKER]))


def write_drafts(spark: SparkSession, pages: dict[str, Rows]) -> int:
    """Write the day's drafts; returns their version."""
    _put("drafts", drafts_frame(spark, pages))
    return tables.version_of(spark, "drafts")


def _put(name: str, rows: DataFrame) -> None:
    """Write a table whole, by deltalake: what is not under test should not take Spark's seconds."""
    write_deltalake(
        tables.path_of(name),
        rows.toArrow(),
        mode="overwrite",
        partition_by=list(contract(name).partition),
    )
