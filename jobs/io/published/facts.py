"""What metrics of stored pages ask of members and titles, read without Spark for some members at a time."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from conf.days import end_of
from conf.pages import pages
from jobs.io.snapshot.arrow import ArrowSnapshot
from jobs.io.tables import arrow as arrow_tables


@dataclass(frozen=True)
class DayCatalogue:
    """The catalogue of a day: ids, genres (t, g), and which titles are new to the service."""

    title_ids: list[str]
    genres: NDArray[np.bool_]
    fresh: NDArray[np.bool_]


@dataclass(frozen=True)
class ProfileFacts:
    """p members: strata by name (p,), accounts, genres of what they played by the day, what they played after it."""

    strata: dict[str, NDArray[np.str_]]
    account: NDArray[np.object_]
    own: NDArray[np.float64]  # (p, g)
    relevant: NDArray[np.bool_]  # (p, t) new to the member


def day_catalogue(ds: date, new_days: int) -> DayCatalogue:
    """The titles known at the end of a day."""
    snapshot = ArrowSnapshot(end_of(ds))
    titles = snapshot.newest_versions("titles", ["title_id"], ["title_id", "genres"])
    titles = titles.sort_by("title_id")
    ids, lists = titles["title_id"].to_pylist(), titles["genres"].to_pylist()
    names = sorted({genre for some in lists for genre in some or () if genre})
    genres = np.array([[name in (some or ()) for name in names] for some in lists], bool).reshape(
        len(ids), len(names)
    )
    ages = ["title_id", "title_launch_age_days", "title_first_play_age_days"]
    known = {
        row[0]: row[1] if row[1] is not None else row[2]
        for row in _day("title_features", ds, ages, None)
    }
    fresh = np.array(
        [(age := known.get(title)) is not None and age <= new_days for title in ids], np.bool_
    )
    return DayCatalogue(ids, genres, fresh)


def profile_facts(
    names: NDArray[np.object_],
    builder: NDArray[np.object_],
    facts: DayCatalogue,
    ds: date,
    until: datetime,
) -> ProfileFacts:
    """Members by name, in their order; plays count from the end of `ds` up to `until`."""
    ids, place = names.tolist(), {name: p for p, name in enumerate(names.tolist())}
    at = {title: t for t, title in enumerate(facts.title_ids)}
    columns = ["profile_id", "country", "kids", "profile_first_play_age_days", "history"]
    rows = {row[0]: row[1:] for row in _day("profile_features", ds, columns, ids)}
    country, kids, tenure = (np.full(len(ids), "unknown", object) for _ in range(3))
    own, played = np.zeros((len(ids), facts.genres.shape[1])), np.zeros((len(ids), len(at)), bool)
    for name, (where, child, since, history) in rows.items():
        p = place[name]
        country[p], kids[p], tenure[p] = (
            where or "unknown",
            "kids" if child else "grown-up",
            _tenure(since),
        )
        mine = [at[entry["title_id"]] for entry in history or () if entry["title_id"] in at]
        played[p, mine] = True
        own[p] = facts.genres[mine].sum(axis=0)
    strata = {
        "all": np.full(len(ids), "all"),
        "builder": builder.astype(str),
        "country": country.astype(str),
        "tenure": tenure.astype(str),
        "kids": kids.astype(str),
    }
    return ProfileFacts(
        strata, _accounts(ids, end_of(ds)), own, _plays(ids, place, at, ds, until) & ~played
    )


def _tenure(days: float | None) -> str:
    """How long the member has been playing."""
    if days is None:
        return "no plays"
    bounds = pages().tenure_days
    below = next((bound for bound in bounds if days < bound), None)
    return f"under {below} days" if below else f"{bounds[-1]} days and more"


def _accounts(ids: list[str], as_of: datetime) -> NDArray[np.object_]:
    """The account of each profile; its own id where none is known."""
    found = ArrowSnapshot(as_of).newest_versions(
        "profiles", ["profile_id"], ["profile_id", "account_id"], ids
    )
    known = dict(zip(found["profile_id"].to_pylist(), found["account_id"].to_pylist(), strict=True))
    return np.array([known.get(name) or name for name in ids], object)


def _plays(
    ids: list[str], place: dict[str, int], at: dict[str, int], ds: date, until: datetime
) -> NDArray[np.bool_]:
    relevant = np.zeros((len(ids), len(at)), bool)
    table = arrow_tables.open_table("events")
    if table is None:
        return relevant
    asked = [
        ("kind", "=", "play"),
        ("event_at", ">", end_of(ds)),
        ("event_at", "<=", until),
        ("profile_id", "in", ids),
    ]
    log = pa.table(table.to_pyarrow_table(columns=["profile_id", "title_id"], filters=asked))
    for name, title in zip(log["profile_id"].to_pylist(), log["title_id"].to_pylist(), strict=True):
        if title in at:
            relevant[place[name], at[title]] = True
    return relevant


def _day(name: str, ds: date, columns: list[str], ids: list[str] | None) -> list[tuple[Any, ...]]:
    table = arrow_tables.open_table(name)
    if table is None:
        return []
    asked = [("ds", "=", ds), *([] if ids is None else [("profile_id", "in", ids)])]
    found = pa.table(table.to_pyarrow_table(columns=columns, filters=asked))
    return list(zip(*(found[column].to_pylist() for column in columns), strict=True))
