"""Earlier cutoffs, computed from the log as it was known at the end of a run date.

Training needs moments whose later days are already known: features, item models and candidates come
from what was known at the cutoff, labels from the days after it.
"""

# Tested by tests/jobs/test_offline_days.py and tests/jobs/test_build_resumes.py.

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import from_arrow_schema

from conf.candidates import candidate_settings
from conf.days import end_of
from features.asof import known_records
from features.context import context_features
from features.daily import complete_counts
from features.pairs import gram_of, gram_rows, played_titles, title_plays
from features.profile import profile_features
from features.sample import fixed_sample, with_history
from features.title import title_features
from jobs.io.snapshot.snapshot import TitleFacts
from jobs.io.snapshot.spark import Dimensions
from jobs.io.tables import spark as tables
from models.candidates.item_knn import cosine_of
from models.candidates.moment import Moment, ease_titles, strongest_ease, strongest_of
from models.catalogue.arrays import Catalogue, Neighbours
from models.ragged import Ragged

KEPT = pa.schema(
    [
        ("i", pa.int32()),
        ("j", pa.list_(pa.int32())),
        ("n", pa.list_(pa.int64())),
        ("other", pa.list_(pa.int32())),
        ("weight", pa.list_(pa.float32())),
    ]
)


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

    Spark sums the Gram matrix and keeps each title's neighbours; the driver gets these, and of the
    matrix what lies between the `ease_titles` titles that EASE is solved for.
    """
    settings, size = candidate_settings(), catalogue.size
    title_ids = catalogue.title_ids.tolist()
    histories = histories.persist()
    try:
        plays = title_plays(histories, title_ids)
        solved = ease_titles(plays, settings)
        kept = _kept_rows(plays, solved, settings.cosine_neighbours)
        rows = gram_rows(histories, title_ids).mapInArrow(kept, from_arrow_schema(KEPT)).toArrow()
    finally:
        histories.unpersist()
    ease = strongest_ease(gram_of(rows, solved, size), solved, size, settings)
    return ease, _neighbours(rows, size)


def _kept_rows(
    plays: NDArray[np.int64], solved: NDArray[np.intp], keep: int
) -> Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """Rows of the Gram matrix -> KEPT: co-plays among the titles `solved`, and cosine neighbours."""

    def kept_rows(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        is_solved = np.isin(np.arange(len(plays)), solved)
        for batch in batches:
            rows = []
            for row in range(batch.num_rows):
                title = batch["i"][row].as_py()
                others = batch["j"][row].values.to_numpy()
                together = batch["n"][row].values.to_numpy()
                cosine = cosine_of(title, others, together, plays)
                best = strongest_of(cosine, keep)
                inner = is_solved[others] & is_solved[title]
                rows.append((title, others[inner], together[inner], others[best], cosine[best]))
            columns = zip(*rows, strict=True) if rows else [[]] * len(KEPT)
            arrays = [pa.array(c, f.type) for c, f in zip(columns, KEPT, strict=True)]
            yield pa.RecordBatch.from_arrays(arrays, schema=KEPT)

    return kept_rows


def _neighbours(rows: pa.Table, size: int) -> Neighbours:
    """The neighbours of KEPT rows, which come in any order."""
    ordered = rows.select(["i", "other", "weight"]).sort_by("i").combine_chunks()
    others = ordered["other"].combine_chunks()
    counts = np.zeros(size, np.int64)
    counts[ordered["i"].to_numpy()] = others.value_lengths().to_numpy()
    return Neighbours(
        Ragged.from_counts(counts).offsets,
        others.flatten().to_numpy().astype(np.int32),
        ordered["weight"].combine_chunks().flatten().to_numpy().astype(np.float32),
    )
