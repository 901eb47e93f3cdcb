"""What the row model learns from: rows that came into view, or later plays where there are none."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from conf.candidates import candidate_settings
from conf.days import end_of
from conf.pages import pages
from conf.rankers import TOP_PICKS, ranker_settings
from conf.rows import rows
from features.asof import known_records
from features.labels import played_between
from features.row_impressions import row_impressions
from features.sample import fixed_sample
from jobs.io.snapshot.page_maker import page_maker
from jobs.io.snapshot.past_log import PastLog
from jobs.io.tables import spark as tables
from models.catalogue.arrays import Catalogue, Profiles
from models.catalogue.from_arrow import profiles_from
from models.page.evidence.row_reasons import row_texts
from models.page.layout.offer_batch import offer_batch
from models.page.layout.row_impressions import offer_impressions, position_weights
from models.page.layout.training_rows import (
    TrainingRows,
    from_impressions,
    from_later_plays,
    joined_training_rows,
)
from models.page.maker import PageMaker, scored
from models.page.records import page_ids
from models.page.rows.offers import offers
from models.rankers.queries import fit_on_examples, labels_by
from models.rankers.quickscorer import Scorer, scorer


class RowExamples(NamedTuple):
    """Rows of pages to learn from, and what tells that they were played from."""

    lessons: TrainingRows
    source: str


def row_examples(spark: SparkSession, ds: date) -> RowExamples | None:
    """Rows as known at the end of `ds`: those in view, else by later plays.

    None where nothing was played from any.
    """
    days = [ds - timedelta(days=k) for k in range(1, pages().lessons.days + 1)]
    impressed_rows = [lessons for day in days if (lessons := _looked_at(spark, ds, day))]
    if impressed_rows:
        examples = RowExamples(_of_windows(impressed_rows), "in view")
    else:
        later = _later_plays(spark, ds)
        if not later:
            return None
        examples = RowExamples(_of_windows(later), "by later plays")
    return examples if examples.lessons.played.any() else None


def _of_windows(parts: list[TrainingRows]) -> TrainingRows:
    """The rows of several days or cuts."""
    return joined_training_rows([part.of_window(number) for number, part in enumerate(parts)])


def _looked_at(spark: SparkSession, ds: date, day: date) -> TrainingRows | None:
    """The rows of the pages of `day` that came into view until the end of `ds`.

    None without any.
    """
    as_of = end_of(ds)
    impressions = known_records(tables.read(spark, "impressions"), as_of).where(
        F.to_date("shown_at") > F.lit(day)
    )
    looks = row_impressions(impressions, known_records(tables.read(spark, "events"), as_of))
    features = tables.read(spark, "profile_features").where(F.col("ds") == F.lit(day)).drop("ds")
    came = features.join(looks.select("profile_id").distinct(), "profile_id", "left_semi")
    sample = fixed_sample(came, pages().lessons.profiles, day.isoformat()).toArrow()
    if not sample.num_rows:
        return None
    maker = page_maker(spark, day)
    sample_looks = looks.where(F.col("profile_id").isin(sample["profile_id"].to_pylist())).toArrow()
    training_rows = [
        _lesson(maker, profiles, scores, sample_looks) for profiles, scores in maker.asked([sample])
    ]
    parts = [part for part in training_rows if len(part.x)]
    return joined_training_rows(parts) if parts else None


def _lesson(
    maker: PageMaker, profiles: Profiles, scores: NDArray[np.float32], looks: pa.Table
) -> TrainingRows:
    catalogue, layout = maker.moment.catalogue, pages()
    row_offers = offers(catalogue, profiles, scores, maker.near, rows(), layout)
    every = np.arange(len(row_offers.kind))
    texts = row_texts(catalogue, profiles, row_offers, every, list(rows().kinds.items()))
    row_ids = texts["row_id"]
    impressions = offer_impressions(
        looks, page_ids(catalogue, profiles), row_offers.profile, row_ids, layout.rows
    )
    share = np.divide(
        impressions.taken,
        impressions.looks,
        out=np.zeros_like(impressions.taken),
        where=impressions.looks > 0,
    )
    batch = offer_batch(catalogue, profiles, scores, row_offers, rows(), layout)
    return from_impressions(
        batch,
        impressions.offer,
        share,
        position_weights(impressions.looks, layout.lessons.most_weight),
        rows(),
        layout,
    )


def _later_plays(spark: SparkSession, ds: date) -> list[TrainingRows]:
    """Pages of the newest cuts, and what was played after each.

    They are scored by a ranker of the cuts before all of them.
    """
    examples = tables.read(spark, "examples").where(F.col("ds") == F.lit(ds)).drop("ds")
    cut_days = (
        examples.where("split = 'judged'")
        .select("cut_at")
        .distinct()
        .orderBy("cut_at")
        .toArrow()["cut_at"]
    )
    cuts = cut_days.to_pylist()[-pages().lessons.cuts :]
    if not cuts:
        return []
    earlier = examples.where(F.col("taught") & (F.col("cut_at") < F.lit(cuts[0])))
    earlier = earlier.orderBy("cut_at", "profile_id", "title_id")
    columns = ("cut_at", "profile_id", "label", "played_days", "taught", "shown_place", "values")
    training_pairs = labels_by(earlier.select(*columns).toArrow(), cuts[0])
    if not pc.any(pc.equal(training_pairs["label"], 1)).as_py():
        return []
    alone = ranker_settings(TOP_PICKS).model_copy(
        update={"models": 1}
    )  # one booster is enough to lay pages by
    ranker, log = scorer(fit_on_examples(training_pairs, alone)), PastLog(spark, ds)
    horizon = timedelta(days=candidate_settings().judged_days)
    with ThreadPoolExecutor(
        len(cuts)
    ) as pool:  # one cut is planned on the driver while another one runs
        training_rows = pool.map(
            lambda cut, seed: _lessons_after(log, cut, cut + horizon, ranker, seed),
            cuts,
            range(len(cuts)),
        )
        return list(training_rows)


def _lessons_after(
    log: PastLog, cut: datetime, until: datetime, ranker: Scorer, seed: int
) -> TrainingRows:
    """Rows of the profiles that played between `cut` and `until`, and what each was worth."""
    snapshot = log.at(cut)
    plays = played_between(log.events, cut, until).persist()
    sample = snapshot.sample(plays.select("profile_id").distinct(), pages().lessons.profiles)
    features = snapshot.profile_features(sample).orderBy("profile_id").toArrow()
    moment = snapshot.moment()
    catalogue = moment.catalogue
    people = profiles_from(features, catalogue)
    candidates = moment.pairs(people)
    scores = candidates.dense(scored(candidates, ranker), catalogue.size)
    row_offers = offers(catalogue, people, scores, moment.cosine, rows(), pages())
    batch = offer_batch(catalogue, people, scores, row_offers, rows(), pages())
    of_sample = F.broadcast(sample.select("profile_id"))  # some hundred, of everybody
    sample_plays = plays.join(of_sample, "profile_id", "left_semi").toArrow()
    truth = _truth(people, catalogue, sample_plays)
    return from_later_plays(batch, truth, rows(), pages(), seed)


def _truth(people: Profiles, catalogue: Catalogue, plays: pa.Table) -> NDArray[np.float32]:
    """1 where a profile played a title that was new to it (m, n)."""
    truth = np.zeros((people.size, catalogue.size), np.float32)
    places = [
        pc.fill_null(
            pc.index_in(plays[name].combine_chunks(), pa.array(ids, pa.string())), -1
        ).to_numpy()
        for name, ids in (("profile_id", people.profile_ids), ("title_id", catalogue.title_ids))
    ]
    both = (places[0] >= 0) & (places[1] >= 0)
    truth[places[0][both], places[1][both]] = 1
    truth[people.owners, people.title] = 0
    return truth
