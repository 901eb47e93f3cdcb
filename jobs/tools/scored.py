"""A ranker's rows for some profiles of a built day, read without Spark: what `explain` and `drift` look at."""

import json
from dataclasses import dataclass
from datetime import date

import lightgbm as lgb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from conf.candidates import candidate_settings
from conf.contracts import contract
from conf.days import end_of
from conf.errors import UserMistake
from conf.rankers import RankerSettings, ranker_settings
from features.context import context_features
from jobs.io import lake
from jobs.io.moments import VERSIONED
from models.arrays import catalogue_from, neighbours_from, profiles_from
from models.moment import Moment
from models.package import Package, load
from models.pairs import FEATURES, Pairs


@dataclass(frozen=True)
class Serving:
    """A ranker that serves a day, with its row of `rankers`."""

    record: dict[str, object]
    booster: lgb.Booster
    settings: RankerSettings

    @property
    def names(self) -> tuple[str, ...]:
        """The features it uses."""
        return self.settings.features(FEATURES)

    def matrix(self, pairs: Pairs) -> NDArray[np.float32]:
        """The features it uses of each pair."""
        return pairs.matrix[:, [FEATURES.index(name) for name in self.names]]


def serving(name: str, ds: date) -> Serving:
    """The newest promoted ranker of a name trained on nothing after `ds`; none is the user's mistake."""
    settings = ranker_settings(name)
    if lake.opened("rankers") is None:
        raise UserMistake("no ranker was trained yet; the DAG rankers_weekly trains them")
    asked = f"ranker = '{name}' AND promoted AND ds <= DATE '{ds}'"
    found = lake.sql(f"SELECT * FROM rankers WHERE {asked} ORDER BY ds DESC, ranker_id LIMIT 1").to_pylist()
    if not found:
        raise UserMistake(f"no ranker {name} serves {ds}: none trained until then was promoted")
    row = found[0]
    package = Package(row["model"], row["model_sha256"], json.loads(row["probe"]), tuple(row["feature_names"]))
    return Serving(row, load(package, settings.features(FEATURES)), settings)


def moment_of_day(ds: date) -> Moment:
    """The catalogue, item models and context of a built day."""
    as_of = end_of(ds)
    known = {name: _known(name, *VERSIONED[name], as_of.isoformat()) for name in VERSIONED}
    catalogue = catalogue_from(
        day_of("title_features", ds), known["titles"], known["availability"], known["artwork"], as_of.timestamp()
    )
    similars = day_of("similars", ds)
    ease, cosine = (neighbours_from(similars, method, catalogue) for method in ("ease", "cosine"))
    return Moment(catalogue, ease, cosine, context_features(as_of), candidate_settings().per_source)


def pairs_of_profiles(moment: Moment, rows: pa.Table, ranker: RankerSettings) -> Pairs:
    """What a ranker scores for rows of `profile_features`."""
    return moment.pairs(profiles_from(rows, moment.catalogue), whole=ranker.rows == "catalogue")


def day_of(name: str, ds: date, where: str = "TRUE") -> pa.Table:
    """One day of a table; none is an error that names the job to run."""
    if lake.opened(name) is not None:
        found = lake.sql(f"SELECT * FROM {name} WHERE ds = DATE '{ds}' AND {where}")
        if found.num_rows or where != "TRUE":
            return pa.table(found)
    job = contract(name).written_by
    raise UserMistake(f"table {name} has no rows for ds={ds}; run `python -m jobs.{job} --ds {ds}` first")


def newest_day(name: str) -> date:
    """The newest day of a table."""
    last = next(one.last_ds for one in lake.summaries() if one.name == name)
    if last is None:
        raise UserMistake(f"table {name} was not written yet; {contract(name).written_by} writes it")
    return last


def _known(name: str, keys: list[str], columns: list[str], as_of: str) -> pa.Table:
    """The newest version of each key that was known at a moment; ties go to the greater landing_id."""
    schema = contract(name)
    if lake.opened(name) is None:
        return _nothing(columns)
    by, chosen = ", ".join(f'"{key}"' for key in keys), ", ".join(f'"{column}"' for column in columns)
    rank = f"row_number() OVER (PARTITION BY {by} ORDER BY known_at DESC, landing_id DESC)"
    log = f"SELECT *, {rank} AS version FROM {schema.table} WHERE known_at <= TIMESTAMP '{as_of}'"
    return pa.table(lake.sql(f"SELECT {chosen} FROM ({log}) WHERE version = 1"))


def _nothing(columns: list[str]) -> pa.Table:
    instants = {"from_at", "until_at"}
    kinds = {c: pa.timestamp("us", "UTC") if c in instants else pa.string() for c in columns}
    kinds |= {"representativeness": pa.float64()} if "representativeness" in columns else {}
    return pa.table({column: pa.array([], kind) for column, kind in kinds.items()})
