"""What makes the pages of a day, read from the day's tables and the models that serve it."""

# Tested by tests/cli/test_why.py and tests/jobs/test_compute_overlays.py.

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from conf.candidates import candidate_settings
from conf.days import end_of
from conf.promises import promises
from conf.rankers import ranker_names
from features.context import context_features
from jobs.io.published.draft_notes import drafted_prices
from jobs.io.snapshot.snapshot import Snapshot, TitleFacts
from models.candidates.moment import Moment
from models.catalogue.from_arrow import neighbours_from
from models.page.maker import PageMaker, near_titles

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SIMILARS = ["method", "title_id", "neighbours"]


def page_maker(spark: "SparkSession", ds: date) -> PageMaker:
    """What makes the pages of the profiles of `ds`."""
    from jobs.io.snapshot.spark import SparkSnapshot  # pyspark, which `frontrow why` does without

    return page_maker_from(SparkSnapshot(spark, end_of(ds)))


def page_maker_from(snapshot: Snapshot, newer_titles: TitleFacts | None = None) -> PageMaker:
    """The page maker of a snapshot's day.

    With `newer_titles` the titles are as known at a later instant; profiles and models stay those
    of the snapshot. Promised titles have the prices that the day's drafts were made with.
    """
    titles = newer_titles or snapshot.title_facts()
    catalogue = titles.catalogue()
    serving = snapshot.policy()
    gallery = catalogue.gallery.with_policy(serving.policy, snapshot.ds)
    catalogue = replace(catalogue, gallery=gallery)
    similars = snapshot.day("similars", SIMILARS)
    ease = neighbours_from(similars, "ease", catalogue)
    cosine = neighbours_from(similars, "cosine", catalogue)
    catalogue = replace(catalogue, similar=cosine)
    context = context_features(titles.as_of)
    moment = Moment(catalogue, ease, cosine, context, candidate_settings().per_source)
    shown_on = newer_titles.as_of.date() if newer_titles else snapshot.ds + timedelta(days=1)
    return PageMaker(
        moment,
        rankers={name: snapshot.ranker(name) for name in ranker_names()},
        context=context_features(end_of(shown_on)),
        near=near_titles(catalogue, cosine),
        refused_policies=serving.refused,
        prices=drafted_prices(snapshot.ds) if promises().promises else (),
    )
