"""A ranker's rows for some profiles of a built day, read without Spark: what `explain` and `drift` look at."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import lightgbm as lgb
import pyarrow as pa

from conf.contracts import contract
from conf.days import end_of
from conf.errors import UserMistake
from conf.rankers import RankerSettings, ranker_settings
from jobs.io.snapshot.arrow import ArrowSnapshot
from jobs.io.snapshot.page_maker import page_maker_from
from jobs.io.tables import arrow as arrow_tables
from models.candidates.features import FEATURES, Pairs
from models.candidates.moment import Moment
from models.catalogue.from_arrow import profiles_from
from models.rankers.package import load, package_from


@dataclass(frozen=True)
class Serving:
    """A ranker that serves a day, with its row of `rankers`."""

    record: dict[str, Any]
    booster: lgb.Booster
    settings: RankerSettings

    @property
    def names(self) -> tuple[str, ...]:
        """The features it uses."""
        return self.settings.features(FEATURES)


def serving(name: str, ds: date) -> Serving:
    """The newest promoted ranker of a name trained on nothing after `ds`; none is the user's mistake."""
    settings = ranker_settings(name)
    if arrow_tables.open_table("rankers") is None:
        raise UserMistake("no ranker was trained yet; the DAG rankers_weekly trains them")
    record = ArrowSnapshot(end_of(ds)).ranker_record(name)
    if record is None:
        raise UserMistake(f"no ranker {name} serves {ds}: none trained until then was promoted")
    booster = load(package_from(record), settings.features(FEATURES))
    return Serving(record, booster, settings)


def moment_of_day(ds: date) -> Moment:
    """The catalogue, item models and context of a built day."""
    return page_maker_from(ArrowSnapshot(end_of(ds))).moment


def pairs_of_profiles(moment: Moment, rows: pa.Table, ranker: RankerSettings) -> Pairs:
    """What a ranker scores for rows of `profile_features`, with the features it uses."""
    profiles = profiles_from(rows, moment.catalogue)
    return moment.pairs(profiles, ranker.rows == "catalogue", ranker.features(FEATURES))


def day_of(name: str, ds: date, where: str = "TRUE") -> pa.Table:
    """One day of a table; none is an error that names the job to run."""
    if arrow_tables.open_table(name) is not None:
        found = arrow_tables.sql(f"SELECT * FROM {name} WHERE ds = DATE '{ds}' AND {where}")
        if found.num_rows or where != "TRUE":
            return pa.table(found)
    job = contract(name).written_by
    raise UserMistake(
        f"table {name} has no rows for ds={ds}; run `python -m jobs.{job} --ds {ds}` first"
    )


def newest_day(name: str) -> date:
    """The newest day of a table."""
    last = next(one.last_ds for one in arrow_tables.summaries() if one.name == name)
    if last is None:
        raise UserMistake(
            f"table {name} was not written yet; {contract(name).written_by} writes it"
        )
    return last
