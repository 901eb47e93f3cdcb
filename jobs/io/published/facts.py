"""Facts of profiles and titles for the metrics of stored pages, read without Spark.

Profiles are read some at a time.
"""

# Tested by tests/cli/test_metrics.py.

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from conf.days import end_of
from conf.pages import pages
from jobs.io.snapshot.arrow import ArrowSnapshot
from jobs.io.tables import arrow as arrow_tables

NO_COUNTRY = "unknown"


@dataclass(frozen=True)
class DayCatalogue:
    """The t titles of a day, g genres of theirs, and which titles are new to the service."""

    title_ids: list[str]
    genres: NDArray[np.bool_]  # (t, g)
    fresh: NDArray[np.bool_]  # (t,)

    @cached_property
    def index(self) -> dict[str, int]:
        """The index of each title by its id."""
        return {title_id: index for index, title_id in enumerate(self.title_ids)}


@dataclass(frozen=True)
class ProfileFacts:
    """What metrics ask of p profiles, in the order in which they were asked for."""

    strata: dict[str, NDArray[np.str_]]  # by name (p,)
    account: NDArray[np.object_]  # (p,)
    own: NDArray[np.float64]  # (p, g) titles of each genre played by the day
    relevant: NDArray[np.bool_]  # (p, t) played after the day for the first time
    played: NDArray[np.bool_]  # (p, t) played after the day, for the first time or again


def day_catalogue(ds: date, new_days: int) -> DayCatalogue:
    """The titles known at the end of a day; new are those of at most `new_days` days."""
    snapshot = ArrowSnapshot(end_of(ds))
    titles = snapshot.newest_versions("titles", ["title_id"], ["title_id", "genres"])
    titles = titles.sort_by("title_id")
    title_ids = titles["title_id"].to_pylist()
    genres_of_titles = [genres or () for genres in titles["genres"].to_pylist()]
    names = sorted({genre for genres in genres_of_titles for genre in genres if genre})
    membership = [[name in genres for name in names] for genres in genres_of_titles]
    ages = _ages(snapshot)
    fresh = [ages[title] <= new_days if title in ages else False for title in title_ids]
    return DayCatalogue(
        title_ids,
        np.array(membership, bool).reshape(len(title_ids), len(names)),
        np.array(fresh, np.bool_),
    )


def _ages(snapshot: ArrowSnapshot) -> dict[str, float]:
    """Days since the launch of each title, or since its first play where no launch is known."""
    columns = ["title_id", "title_launch_age_days", "title_first_play_age_days"]
    rows = snapshot.rows("title_features", [("ds", "=", snapshot.ds)], columns).to_pylist()
    ages = {}
    for row in rows:
        launch_age = row["title_launch_age_days"]
        age = row["title_first_play_age_days"] if launch_age is None else launch_age
        if age is not None:
            ages[row["title_id"]] = age
    return ages


def profile_facts(
    profile_ids: NDArray[np.object_],
    builder: NDArray[np.object_],
    catalogue: DayCatalogue,
    ds: date,
    until: datetime,
) -> ProfileFacts:
    """The facts of some profiles; plays count as relevant from the end of `ds` up to `until`.

    `profile_ids` and `builder`, who built the page of each, are (p,).
    """
    ids = profile_ids.tolist()
    position = {profile_id: p for p, profile_id in enumerate(ids)}
    size = len(ids)
    country = np.full(size, NO_COUNTRY, object)
    kids = np.full(size, "unknown", object)
    tenure = np.full(size, "unknown", object)
    own = np.zeros((size, catalogue.genres.shape[1]))
    watched = np.zeros((size, len(catalogue.title_ids)), bool)
    for row in _profile_rows(ds, ids):
        p = position[row["profile_id"]]
        country[p] = row["country"] or NO_COUNTRY
        kids[p] = "kids" if row["kids"] else "grown-up"
        tenure[p] = _tenure(row["profile_first_play_age_days"])
        history = [entry["title_id"] for entry in row["history"] or ()]
        titles = [catalogue.index[title] for title in history if title in catalogue.index]
        watched[p, titles] = True
        own[p] = catalogue.genres[titles].sum(axis=0)
    strata = {
        "all": np.full(size, "all"),
        "builder": builder.astype(str),
        "country": country.astype(str),
        "tenure": tenure.astype(str),
        "kids": kids.astype(str),
    }
    played_later = _plays(position, catalogue, ds, until)
    new = played_later & ~watched
    return ProfileFacts(strata, _accounts(ids, end_of(ds)), own, new, played_later)


def _profile_rows(ds: date, profile_ids: list[str]) -> list[dict[str, Any]]:
    """The profiles' rows of `profile_features`."""
    columns = ["profile_id", "country", "kids", "profile_first_play_age_days", "history"]
    filters = [("ds", "=", ds), ("profile_id", "in", profile_ids)]
    rows: list[dict[str, Any]] = (
        ArrowSnapshot(end_of(ds)).rows("profile_features", filters, columns).to_pylist()
    )
    return rows


def _tenure(days: float | None) -> str:
    """How long a profile has been playing, in bounds of days."""
    if days is None:
        return "no plays"
    bounds = pages().tenure_days
    for bound in bounds:
        if days < bound:
            return f"under {bound} days"
    return f"{bounds[-1]} days and more"


def _accounts(profile_ids: list[str], as_of: datetime) -> NDArray[np.object_]:
    """The account of each profile (p,); its own id where none is known."""
    columns = ["profile_id", "account_id"]
    newest = ArrowSnapshot(as_of).newest_versions("profiles", ["profile_id"], columns, profile_ids)
    accounts = dict(
        zip(newest["profile_id"].to_pylist(), newest["account_id"].to_pylist(), strict=True)
    )
    return np.array([accounts.get(name) or name for name in profile_ids], object)


def _plays(
    position: dict[str, int], catalogue: DayCatalogue, ds: date, until: datetime
) -> NDArray[np.bool_]:
    """Whether each profile played each title (p, t) between the end of `ds` and `until`."""
    played = np.zeros((len(position), len(catalogue.title_ids)), bool)
    table = arrow_tables.open_table("events")
    if table is None:
        return played
    filters = [
        ("kind", "=", "play"),
        ("event_at", ">", end_of(ds)),
        ("event_at", "<=", until),
        ("profile_id", "in", list(position)),
    ]
    columns = ["profile_id", "title_id"]
    log = pa.table(table.to_pyarrow_table(columns=columns, filters=filters))
    for row in log.to_pylist():
        if row["title_id"] in catalogue.index:
            played[position[row["profile_id"]], catalogue.index[row["title_id"]]] = True
    return played
