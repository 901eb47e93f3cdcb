"""What workers need of one moment besides the profiles: the catalogue as arrays and the item models."""

from dataclasses import dataclass
from datetime import datetime

from pyspark.sql import DataFrame, SparkSession

from conf.candidates import candidate_settings
from features.asof import newest
from features.context import context_features
from features.pairs import dense_gram, gram_rows
from jobs.io import tables
from models.arrays import catalogue_from
from models.candidates.linear import ease
from models.candidates.similar import cosine
from models.catalogue import Catalogue, Neighbours
from models.moment import Moment, strongest


@dataclass(frozen=True)
class Dimensions:
    """The small log tables that describe titles, read once for all moments of a run."""

    titles: DataFrame
    availability: DataFrame
    artwork: DataFrame


def read_dimensions(spark: SparkSession) -> Dimensions:
    """The tables, kept in memory: a run asks them once for every moment."""
    return Dimensions(*(tables.read(spark, name).persist() for name in ("titles", "availability", "artwork")))


def catalogue_at(dimensions: Dimensions, title_features: DataFrame, as_of: datetime) -> Catalogue:
    """The catalogue known at `as_of`, on the driver: titles are few, a worker gets all of them."""
    titles = newest(dimensions.titles, ["title_id"], as_of)
    windows = newest(dimensions.availability, ["title_id", "country", "from_at"], as_of)
    artwork = newest(dimensions.artwork, ["title_id", "artwork_id"], as_of)
    return catalogue_from(
        title_features.toArrow(),
        titles.select("title_id", "name", "genres", "maturity").toArrow(),
        windows.select("title_id", "country", "from_at", "until_at").toArrow(),
        artwork.select("title_id", "artwork_id", "representativeness").na.fill({"representativeness": 0.0}).toArrow(),
        as_of.timestamp(),
    )


def item_models(profile_features: DataFrame, catalogue: Catalogue) -> tuple[Neighbours, Neighbours]:
    """EASE and cosine neighbours from the histories: the Gram matrix is summed by Spark and solved once here."""
    settings = candidate_settings()
    rows = gram_rows(profile_features, catalogue.title_ids.tolist()).toArrow()
    gram = dense_gram(rows, catalogue.size)
    return (
        strongest(ease(gram, settings.ease_ridge), settings.ease_neighbours),
        strongest(cosine(gram), settings.cosine_neighbours),
    )


def moment_of(catalogue: Catalogue, models: tuple[Neighbours, Neighbours], as_of: datetime) -> Moment:
    """Everything of `as_of` that scoring a batch of profiles needs."""
    return Moment(catalogue, *models, context_features(as_of), candidate_settings().per_source)
