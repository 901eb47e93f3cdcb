"""What makes the pages of a day, read from the day's tables and the models that serve it."""

from datetime import date

from pyspark.sql import SparkSession

from conf.candidates import candidate_settings
from conf.days import end_of
from conf.rows import rows
from features.context import context_features
from jobs.io import tables
from jobs.io.moments import Dimensions, catalogue_at
from jobs.io.rankers import resuming_at, serving_ranker
from jobs.io.row_models import serving_row_model
from models.arrays import neighbours_from
from models.moment import Moment
from models.rankers.because import because
from models.scoring import PageMaker


def page_maker(spark: SparkSession, ds: date) -> PageMaker:
    """What makes pages of the profiles of `ds`."""
    as_of = end_of(ds)
    catalogue = catalogue_at(Dimensions(spark), tables.read_day(spark, "title_features", ds), as_of)
    similars = tables.read_day(spark, "similars", ds).select("method", "title_id", "neighbours").toArrow()
    ease, cosine = (neighbours_from(similars, method, catalogue) for method in ("ease", "cosine"))
    moment = Moment(catalogue, ease, cosine, context_features(as_of), candidate_settings().per_source)
    similar = next((kind for kind in rows().kinds.values() if kind.order == "similar"), None)
    shown = cosine if similar is None else because(similar, catalogue, cosine)
    ranker, row_model = serving_ranker(spark, "top_picks", ds), serving_row_model(spark, ds)
    return PageMaker(moment, *ranker, resuming_at(spark, ds), shown, row_model)
