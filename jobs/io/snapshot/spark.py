"""What workers need of one moment besides the profiles: the catalogue as arrays and the item models."""

from datetime import UTC, datetime
from functools import reduce

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from conf.candidates import candidate_settings
from features.asof import newest
from features.context import context_features
from features.pairs import dense_gram, gram_rows
from jobs.io.tables import spark as tables
from jobs.io.tables.dimensions import VERSIONED
from models.candidates.moment import Moment
from models.candidates.moment import item_models as neighbours
from models.catalogue.arrays import Catalogue, Neighbours
from models.catalogue.from_arrow import catalogue_from


class Dimensions:
    """The small log tables that describe titles, as they were known at a moment.

    Most moments know the same versions: from the newest `known_at` on nothing changes, and what was collected for one
    such moment serves the others.
    """

    def __init__(self, spark: SparkSession) -> None:
        self._logs = {name: tables.read(spark, name).persist() for name in VERSIONED}
        newest_known = [log.agg(F.max("known_at").alias("at")) for log in self._logs.values()]
        found = [row["at"] for row in reduce(DataFrame.union, newest_known).collect() if row["at"]]
        self._settled_at = max(
            (at.replace(tzinfo=UTC) for at in found), default=datetime.min.replace(tzinfo=UTC)
        )
        self._settled: dict[str, pa.Table] | None = None

    @property
    def titles(self) -> DataFrame:
        """The log of titles, all versions."""
        return self._logs["titles"]

    def known(self, as_of: datetime) -> dict[str, pa.Table]:
        """The newest versions at `as_of` by table, on the driver: titles are few, a worker gets all of them."""
        if as_of < self._settled_at:
            return self._collected(as_of)
        if self._settled is None:
            self._settled = self._collected(as_of)
        return self._settled

    def _collected(self, as_of: datetime) -> dict[str, pa.Table]:
        return {
            name: newest(self._logs[name], keys, as_of).select(*columns).toArrow()
            for name, (keys, columns) in VERSIONED.items()
        }


def catalogue_at(dimensions: Dimensions, title_features: DataFrame, as_of: datetime) -> Catalogue:
    """The catalogue known at `as_of`, on the driver."""
    known = dimensions.known(as_of)
    return catalogue_from(
        title_features.toArrow(),
        known["titles"],
        known["availability"],
        known["artwork"],
        as_of.timestamp(),
    )


def item_models(histories: DataFrame, catalogue: Catalogue) -> tuple[Neighbours, Neighbours]:
    """EASE and cosine neighbours from histories (`titles`): the Gram matrix is summed by Spark and solved once here."""
    rows = gram_rows(histories, catalogue.title_ids.tolist()).toArrow()
    return neighbours(dense_gram(rows, catalogue.size), candidate_settings())


def moment_of(
    catalogue: Catalogue, models: tuple[Neighbours, Neighbours], as_of: datetime
) -> Moment:
    """Everything of `as_of` that scoring a batch of profiles needs."""
    return Moment(catalogue, *models, context_features(as_of), candidate_settings().per_source)
