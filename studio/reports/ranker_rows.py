"""A ranker's feature rows for some profiles of a built day, read without Spark.

`frontrow explain` and `frontrow drift` look at them.
"""
# Tested by tests/cli/test_explain.py.

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache
from typing import Any

import lightgbm as lgb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from conf.contracts import contract
from conf.days import end_of
from conf.errors import UserMistake
from conf.experiments import NONE
from conf.rankers import PVR, TOP_PICKS, RankerSettings, ranker_settings
from jobs.io.snapshot.arrow import ArrowSnapshot
from jobs.io.snapshot.page_maker import page_maker_from
from jobs.io.tables import arrow as arrow_tables
from models.candidates.features import FEATURES, Pairs
from models.candidates.moment import Moment
from models.catalogue.from_arrow import profiles_from
from models.page.maker import PageMaker
from models.rankers.continue_watching.serve import ResumePackages, ResumeRankers
from models.rankers.package import load, package_from
from models.rankers.quickscorer import Scorer, scorer

MADE_FROM = (
    "titles",
    "availability",
    "artwork",
    "title_features",
    "similars",
    "policies",
    "rankers",
    "contexts",
    "drafts",  # whose note has the prices of promised titles
)
TITLE_RANKERS = (TOP_PICKS, PVR)  # that score titles by the features of pairs


@dataclass(frozen=True)
class RankerOfDay:
    """A ranker that serves a day, with its row of the table `rankers`."""

    name: str
    record: dict[str, Any]
    booster: lgb.Booster
    settings: RankerSettings

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The features it uses, in the order of its matrix's columns."""
        return self.settings.features(FEATURES)

    @cached_property
    def scores(self) -> Callable[[NDArray[np.float32]], NDArray[np.float64]]:
        """A function from rows to raw scores, equal to the model's to the last bit."""
        return scorer(self.booster)


@dataclass(frozen=True)
class KeptPageMaker(PageMaker):
    """A page maker that is asked for one profile at a time: it makes ready its rankers once."""

    scorers: dict[tuple[str, str], Scorer | None] = field(default_factory=dict)

    @cached_property
    def resume_packages(self) -> ResumePackages:
        """The rankers of Continue Watching, loaded once."""
        own = super().resume_packages
        return _Loaded(own.order, own.continuation, own.context, own.load())

    def _scorer(self, name: str, features: Sequence[str]) -> Scorer | None:
        key = (name, self.rankers[name].ranker_id)  # a variant's maker has others under a name
        if key not in self.scorers:
            self.scorers[key] = super()._scorer(name, features)
        return self.scorers[key]


@dataclass(frozen=True)
class _Loaded(ResumePackages):
    """Rankers of Continue Watching that are loaded already."""

    ready: ResumeRankers

    def load(self) -> ResumeRankers:
        """The rankers."""
        return self.ready


def serving_ranker(name: str | None, ds: date, own: Mapping[str, str] | None = None) -> RankerOfDay:
    """The newest promoted ranker of a name that was trained on nothing after `ds`.

    Without a name it is the first of `TITLE_RANKERS` of which there is one. `own` are the ids of
    those that serve a variant's members in place of the newest, NONE where none does.

    Raises:
        UserMistake: there is none, or it does not score titles.
    """
    own = own or {}
    if name is not None and name not in TITLE_RANKERS:
        raise UserMistake(f"--ranker {name!r}: choose from {', '.join(TITLE_RANKERS)}")
    if arrow_tables.open_table("rankers") is None:
        raise UserMistake(
            "no ranker was trained yet; `frontrow backfill --dag-id rankers_weekly` trains them"
        )
    names = TITLE_RANKERS if name is None else (name,)
    serving = next(
        filter(None, (_serving_now(each, ds, own.get(each, "")) for each in names)), None
    )
    if serving is None and NONE in map(own.get, names):
        raise UserMistake(
            f"no ranker {' or '.join(names)} serves this profile on {ds}: an experiment cell that it is in"
            " leaves it out"
        )
    if serving is None:
        raise UserMistake(
            f"no ranker {' or '.join(names)} serves {ds}: none that was trained by then was"
            " promoted, and pages go by popularity;"
            ' `frontrow query "SELECT ranker, ds, promoted, reason FROM rankers"` says why'
        )
    return serving


def _serving_now(name: str, ds: date, own: str) -> RankerOfDay | None:
    """The ranker of a name that serves a day, or the `own` one by its id; kept while the table of
    rankers is the same.
    """
    place, version = arrow_tables.deltalake_path("rankers"), arrow_tables.newest_version("rankers")
    return None if own == NONE else _serving(name, ds, own, place, version)


@lru_cache(maxsize=8)
def _serving(name: str, ds: date, own: str, place: str, version: int) -> RankerOfDay | None:
    snapshot = ArrowSnapshot(end_of(ds))
    record = snapshot.promoted_record(name, own) if own else snapshot.ranker_record(name)
    if record is None:
        return None
    settings = ranker_settings(name)
    return RankerOfDay(
        name, record, load(package_from(record), settings.features(FEATURES)), settings
    )


def moment_of_day(ds: date) -> Moment:
    """The catalogue, item models and context of a built day."""
    return page_maker_of(ds).moment


def page_maker_of(ds: date) -> PageMaker:
    """What makes the pages of a built day; kept for as long as no table it is read from changes."""
    versions = tuple(arrow_tables.newest_version(name) for name in MADE_FROM)
    return _page_maker(ds, arrow_tables.deltalake_path(MADE_FROM[0]), versions)


@lru_cache(maxsize=2)
def _page_maker(ds: date, place: str, versions: tuple[int, ...]) -> PageMaker:
    return KeptPageMaker(**vars(page_maker_from(ArrowSnapshot(end_of(ds)))))


def pairs_of_profiles(moment: Moment, rows: pa.Table, ranker: RankerSettings) -> Pairs:
    """The pairs that a ranker scores for rows of `profile_features`, with the features it uses."""
    profiles = profiles_from(rows, moment.catalogue)
    whole_catalogue = ranker.rows == "catalogue"
    return moment.pairs(profiles, whole_catalogue, ranker.features(FEATURES))


def profile_rows(ds: date, profile_id: str | None = None) -> pa.Table:
    """The rows of `profile_features` of a day, of one profile if it is named.

    Raises:
        UserMistake: the day was not built, or has no such profile.
    """
    snapshot = ArrowSnapshot(end_of(ds))
    if profile_id is None:
        return snapshot.day("profile_features")
    filters = [("ds", "=", ds), ("profile_id", "=", profile_id)]
    rows = snapshot.rows("profile_features", filters)
    if not rows.num_rows:
        snapshot.day("profile_features", ["profile_id"])  # a day that was not built is said first
        raise UserMistake(
            f"profile {profile_id!r} has no features on {ds}; give the id of a profile that had"
            " played by then"
        )
    return rows


def newest_day(table_name: str) -> date:
    """The newest day of a table.

    Raises:
        UserMistake: the table was not written yet.
    """
    for summary in arrow_tables.summaries():
        if summary.name == table_name and summary.last_ds is not None:
            return summary.last_ds
    job = contract(table_name).written_by
    raise UserMistake(f"table {table_name} was not written yet; {job} writes it")
