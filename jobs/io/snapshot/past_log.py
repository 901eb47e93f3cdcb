"""Earlier cutoffs, computed from the log as it was known at the end of a run date.

Training needs moments whose later days are already known: features, item models and candidates come
from what was known at the cutoff, labels from the days after it.
"""

# Tested by tests/jobs/test_offline_days.py and tests/jobs/test_build_resumes.py.

from dataclasses import dataclass
from datetime import date, datetime

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from conf.candidates import candidate_settings
from conf.days import end_of
from features.asof import known_records
from features.context import context_features
from features.daily import complete_counts
from features.pairs import dense_gram, gram_rows, played_titles
from features.profile import profile_features
from features.sample import fixed_sample, with_history
from features.title import title_features
from jobs.io.snapshot.snapshot import TitleFacts
from jobs.io.snapshot.spark import Dimensions
from jobs.io.tables import spark as tables
from models.candidates.moment import Moment, item_models
from models.catalogue.arrays import Catalogue, Neighbours


class PastLog:
    """The log tables as known at the end of a run date; events and their counts are held in memory.

    `impressions` are not held in memory: most readers want a part of them.
    """

    def __init__(self, spark: SparkSession, ds: date) -> None:
        until = end_of(ds)
        stored_counts = tables.read(spark, "daily_counts")
        self.events = known_records(tables.read(spark, "events"), until).persist()
        self.impressions = known_records(tables.read(spark, "impressions"), until)
        self.counts = complete_counts(self.events, stored_counts, until).persist()
        self.profiles = tables.read(spark, "profiles").persist()
        self.dimensions = Dimensions(spark)

    def at(self, cutoff: datetime) -> "PastSnapshot":
        """What was known at an earlier cutoff, the end of a day."""
        return PastSnapshot(self, cutoff)


@dataclass(frozen=True)
class PastSnapshot:
    """What a log tells of an earlier cutoff, computed from its records.

    Nothing is read of the tables of features.
    """

    log: PastLog
    cutoff: datetime

    def sample(self, profiles: DataFrame, most: int) -> DataFrame:
        """At most so many of those of the profiles that had played something, held in memory.

        They are drawn anew at each cutoff.
        """
        players = with_history(profiles, self.log.events, self.cutoff)
        return fixed_sample(players, most, self.cutoff.isoformat()).persist()

    def profile_features(self, only: DataFrame) -> DataFrame:
        """The features of some profiles."""
        return profile_features(self.log.events, self.log.profiles, self.cutoff, only=only)

    def catalogue(self) -> Catalogue:
        """The catalogue, on the driver."""
        # partials are keyed by the day on which they were learned
        counts = self.log.counts.where(F.col("ds") <= F.lit(self.cutoff.date()))
        features = title_features(counts, self.log.dimensions.titles, self.cutoff).toArrow()
        versions = self.log.dimensions.versions_at(self.cutoff)
        return TitleFacts(self.cutoff, versions, features).catalogue()

    def moment(self) -> Moment:
        """Everything that scoring a batch of profiles needs."""
        catalogue = self.catalogue()
        ease, cosine = item_models_of(played_titles(self.log.events, self.cutoff), catalogue)
        context = context_features(self.cutoff)
        return Moment(catalogue, ease, cosine, context, candidate_settings().per_source)


def item_models_of(histories: DataFrame, catalogue: Catalogue) -> tuple[Neighbours, Neighbours]:
    """EASE and cosine neighbours from histories (`titles`).

    The Gram matrix is summed by Spark and solved once here.
    """
    rows = gram_rows(histories, catalogue.title_ids.tolist()).toArrow()
    return item_models(dense_gram(rows, catalogue.size), candidate_settings())
