"""Examples of both rankers of Continue Watching: days of `resumes`, the newest for judging."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import lightgbm as lgb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from conf.rankers import ranker_settings
from conf.resumes import resume_settings
from jobs.io.tables import spark as tables
from models.rankers.continue_watching.features import FEATURES
from models.rankers.continue_watching.fit import RECENCY, ResumeSample, fit_resume_order


@dataclass(frozen=True)
class ResumeDays:
    """What profiles could go on with on some days, and what they did."""

    every: ResumeSample
    earlier: ResumeSample  # the days that rankers to be judged learn from
    later: ResumeSample  # the newest days, on which they are judged

    @cached_property
    def earlier_order(self) -> lgb.Booster:
        """The order of the row as learned from the earlier days; both rankers are judged by it."""
        return fit_resume_order(self.earlier, resume_settings())


def resume_days(spark: SparkSession, ds: date) -> ResumeDays | None:
    """The rows of `resumes` of a day.

    None where nobody went on with anything on the days of one side.
    """
    rows = tables.read(spark, "resumes").where(F.col("ds") == F.lit(ds))
    recency = F.col("values")[RECENCY]
    sample = sample_from(rows.orderBy("cut_at", "profile_id", recency).toArrow())
    newest = sample.cut.max(initial=0)
    judged = sample.cut > newest - resume_settings().judged_cuts
    days = ResumeDays(sample, sample.where(~judged), sample.where(judged))
    return days if days.earlier.label.any() and days.later.label.any() else None


def sample_from(rows: pa.Table) -> ResumeSample:
    """Rows of `resumes`, sorted by cut, profile and recency, as arrays."""
    cut = _run_numbers(rows["cut_at"].cast(pa.int64()).to_numpy())
    profile = rows["profile_id"].to_numpy().astype(str)
    other_cut = np.diff(cut, prepend=-1) != 0
    other_profile = profile != np.roll(profile, 1)
    values = rows["values"].combine_chunks().flatten().to_numpy()
    return ResumeSample(
        matrix=values.reshape(-1, len(FEATURES)),
        label=rows["label"].to_numpy(),
        session_label=rows["session_label"].to_numpy(),
        row_label=rows["row_label"].to_numpy(),
        row_position=_positions(rows["row_position"]),
        column_position=_positions(rows["column_position"]),
        query=np.cumsum(other_cut | other_profile) - 1,
        profile=np.unique(profile, return_inverse=True)[1],
        cut=cut,
    )


def resume_parameters(name: str) -> dict[str, object]:
    """The settings of one of the two rankers, and those of their days."""
    return {
        "ranker": ranker_settings(name).model_dump(),
        "resumes": resume_settings().model_dump(),
    }


def oldest_day(ds: date) -> date:
    """The first day whose plays are labels in the rows of `ds`."""
    return ds - timedelta(days=resume_settings().cuts - 1)


def _positions(column: pa.ChunkedArray) -> NDArray[np.float32]:
    """Positions, NaN where nothing was shown."""
    return np.asarray(column.cast(pa.float32()).to_numpy(), np.float32)


def _run_numbers(values: NDArray[np.integer]) -> NDArray[np.int64]:
    """The number of the run of equal values that each of these belongs to, from 0."""
    if not len(values):
        return np.zeros(0, np.int64)
    return np.cumsum(np.diff(values, prepend=values[:1]) != 0)
