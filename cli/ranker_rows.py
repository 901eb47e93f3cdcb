"""A ranker's rows for some profiles of a built day, read without Spark: what `explain` and `drift` look at."""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

import lightgbm as lgb
import pyarrow as pa

from conf.contracts import contract
from conf.errors import UserMistake
from conf.rankers import RankerSettings, ranker_settings
from jobs.io.snapshot.arrow import Still
from jobs.io.snapshot.page_maker import maker_from
from jobs.io.tables import arrow as arrow_tables
from models.candidates.features import FEATURES, Pairs
from models.candidates.moment import Moment
from models.catalogue.from_arrow import profiles_from
from models.rankers.package import Package, load


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
    if arrow_tables.opened("rankers") is None:
        raise UserMistake("no ranker was trained yet; the DAG rankers_weekly trains them")
    asked = f"ranker = '{name}' AND promoted AND ds <= DATE '{ds}'"
    found = arrow_tables.sql(
        f"SELECT * FROM rankers WHERE {asked} ORDER BY ds DESC, ranker_id LIMIT 1"
    ).to_pylist()
    if not found:
        raise UserMistake(f"no ranker {name} serves {ds}: none trained until then was promoted")
    row = found[0]
    package = Package(
        row["model"], row["model_sha256"], json.loads(row["probe"]), tuple(row["feature_names"])
    )
    return Serving(row, load(package, settings.features(FEATURES)), settings)


def moment_of_day(ds: date) -> Moment:
    """The catalogue, item models and context of a built day."""
    return maker_from(Still(), ds).moment


def pairs_of_profiles(moment: Moment, rows: pa.Table, ranker: RankerSettings) -> Pairs:
    """What a ranker scores for rows of `profile_features`, with the features it uses."""
    profiles = profiles_from(rows, moment.catalogue)
    return moment.pairs(profiles, ranker.rows == "catalogue", ranker.features(FEATURES))


def day_of(name: str, ds: date, where: str = "TRUE") -> pa.Table:
    """One day of a table; none is an error that names the job to run."""
    if arrow_tables.opened(name) is not None:
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
