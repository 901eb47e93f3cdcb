"""profile_features, title_features, similars, rankers, policies -> drafts: every profile's page in one pass."""

from dataclasses import replace
from datetime import date

from pyspark.sql import SparkSession
from pyspark.sql.types import StructType

from conf.candidates import candidate_settings
from conf.days import end_of
from features.context import context_features
from jobs.io import tables
from jobs.io.command import day_job
from jobs.io.moments import Dimensions, catalogue_at
from jobs.io.policies import serving_policy
from jobs.io.rankers import serving_ranker
from models.arrays import neighbours_from
from models.moment import Moment
from models.scoring import PageMaker


def assemble_drafts(spark: SparkSession, ds: date) -> str:
    """Write the partition of `ds`: one row for each profile and row of its page."""
    profiles = tables.read_day(spark, "profile_features", ds)
    maker = _page_maker(spark, ds)
    schema = StructType([field for field in tables.schema_of(spark, "drafts").fields if field.name != "ds"])
    shared = spark.sparkContext.broadcast(maker)
    pages = profiles.mapInArrow(lambda batches: shared.value(batches), schema)
    rows = tables.replace_day(spark, "drafts", ds, pages)
    return f"{rows} rows, ranker {maker.ranker_id}"


def _page_maker(spark: SparkSession, ds: date) -> PageMaker:
    as_of = end_of(ds)
    catalogue = catalogue_at(Dimensions(spark), tables.read_day(spark, "title_features", ds), as_of)
    gallery = catalogue.gallery.under(serving_policy(spark, ds), ds)
    catalogue = replace(catalogue, gallery=gallery)
    similars = tables.read_day(spark, "similars", ds).select("method", "title_id", "neighbours").toArrow()
    ease, cosine = (neighbours_from(similars, method, catalogue) for method in ("ease", "cosine"))
    catalogue = replace(catalogue, similar=cosine)
    moment = Moment(catalogue, ease, cosine, context_features(as_of), candidate_settings().per_source)
    return PageMaker(moment, *serving_ranker(spark, "top_picks", ds))


if __name__ == "__main__":
    day_job("assemble_drafts", __doc__, assemble_drafts)
