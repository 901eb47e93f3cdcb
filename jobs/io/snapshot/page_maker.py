"""What makes the pages of a day, read from the day's tables and the models that serve it."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Protocol

import pyarrow as pa
from pyspark.sql import SparkSession

from conf.candidates import candidate_settings
from conf.days import end_of
from conf.rankers import ranker_names
from conf.rows import rows
from features.context import context_features
from jobs.io.snapshot.policies import serving_policy
from jobs.io.snapshot.rankers import serving_ranker
from jobs.io.snapshot.spark import Dimensions
from jobs.io.tables import spark as tables
from models.artwork.policy import Policy
from models.candidates.because_you_watched import because
from models.candidates.moment import Moment
from models.catalogue.from_arrow import catalogue_from, neighbours_from
from models.page.maker import PageMaker
from models.rankers.package import ServingRanker

SIMILARS = ["method", "title_id", "neighbours"]


class Source(Protocol):
    """Where tables are read: with Spark in a job, without it where one page is explained."""

    def day(self, name: str, ds: date, columns: list[str] | None = None) -> pa.Table:
        """One day of a table, or some of its columns."""
        ...

    def known(self, as_of: datetime) -> dict[str, pa.Table]:
        """The newest versions of `moments.VERSIONED` at a moment, by table."""
        ...

    def ranker(self, name: str, ds: date) -> ServingRanker:
        """The ranker of that name that serves a day."""
        ...

    def policy(self, ds: date) -> Policy | None:
        """The policy that chooses the pictures of a day."""
        ...


@dataclass(frozen=True)
class Since:
    """What is known of the titles at a moment later than the day that pages stand on."""

    as_of: datetime
    known: dict[str, pa.Table]  # the newest versions of `moments.VERSIONED`
    features: pa.Table  # `title_features` of these titles


class OnSpark:
    """The tables by Spark."""

    def __init__(self, spark: SparkSession) -> None:
        self._spark = spark

    def day(self, name: str, ds: date, columns: list[str] | None = None) -> pa.Table:
        """One day of a table; an empty one is an error that names the job to run."""
        found = tables.read_day(self._spark, name, ds)
        return (found.select(*columns) if columns else found.drop("ds")).toArrow()

    def known(self, as_of: datetime) -> dict[str, pa.Table]:
        """The newest versions at a moment."""
        return Dimensions(self._spark).known(as_of)

    def ranker(self, name: str, ds: date) -> ServingRanker:
        """The ranker that serves a day."""
        return serving_ranker(self._spark, name, ds)

    def policy(self, ds: date) -> Policy | None:
        """The policy that chooses the pictures of a day."""
        return serving_policy(self._spark, ds)


def page_maker(spark: SparkSession, ds: date) -> PageMaker:
    """What makes pages of the profiles of `ds`."""
    return maker_from(OnSpark(spark), ds)


def maker_from(source: Source, ds: date, since: Since | None = None) -> PageMaker:
    """The same from any source of the tables; with `since` as of that moment, by the models of `ds`."""
    as_of = end_of(ds) if since is None else since.as_of
    known = source.known(as_of) if since is None else since.known
    features = source.day("title_features", ds) if since is None else since.features
    catalogue = catalogue_from(
        features, known["titles"], known["availability"], known["artwork"], as_of.timestamp()
    )
    catalogue = replace(catalogue, gallery=catalogue.gallery.under(source.policy(ds), ds))
    similars = source.day("similars", ds, SIMILARS)
    ease, cosine = (neighbours_from(similars, method, catalogue) for method in ("ease", "cosine"))
    catalogue = replace(catalogue, similar=cosine)
    moment = Moment(
        catalogue, ease, cosine, context_features(as_of), candidate_settings().per_source
    )
    similar = next((kind for kind in rows().kinds.values() if kind.order == "similar"), None)
    near = cosine if similar is None else because(similar, catalogue, cosine)
    seen_on = ds + timedelta(days=1) if since is None else as_of.date()
    return PageMaker(
        moment,
        rankers={name: source.ranker(name, ds) for name in ranker_names()},
        context=context_features(end_of(seen_on)),
        near=near,
    )
