"""What rankers of titles learn from: the rows of `examples`, in this process and where they are."""

from dataclasses import dataclass, replace
from datetime import date, datetime

import lightgbm as lgb
import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame, SparkSession

from conf.rankers import RankerSettings, ranker_configuration
from jobs.io.tables import spark as tables
from jobs.io.tables.arrow import filtered_rows
from jobs.training.distributed import ORDER, fit_by_tasks
from models.rankers.examples import TRAINING_COLUMN
from models.rankers.queries import fit_on_examples, labels_by


@dataclass(frozen=True)
class TitleExamples:
    """Rows of `examples`: of all cuts, or of those before an instant."""

    table: pa.Table  # by cut, profile and title
    # the rows of all cuts in any order; None: a ranker is trained in this process
    frame: DataFrame | None = None
    instant: datetime | None = None

    def where(self, mask: pa.ChunkedArray) -> "TitleExamples":
        """The rows of a mask; those that a ranker learns from have to be among them."""
        return replace(self, table=self.table.filter(mask))

    def before(self, instant: datetime) -> "TitleExamples":
        """The cuts before an instant, labelled by what was played until then."""
        earlier = self.table.filter(pc.less(self.table["cut_at"], instant))
        return replace(self, table=labels_by(earlier, instant), instant=instant)

    def fit(self, settings: RankerSettings) -> lgb.Booster:
        """A ranker of these rows: of few rows by this process, of many by tasks where they are."""
        tasks = self._tasks(settings)
        if self.frame is None or tasks == 1:
            return fit_on_examples(self.table, settings)
        return fit_by_tasks(self.frame, settings, tasks, self.instant).booster

    def _tasks(self, settings: RankerSettings) -> int:
        if self.frame is None:
            return 1
        together = ranker_configuration().together
        rows = pc.sum(self.table[TRAINING_COLUMN[settings.rows]]).as_py() or 0
        cores = self.frame.sparkSession.sparkContext.defaultParallelism
        return min(together.tasks, cores) if rows >= together.from_rows else 1


def title_examples(spark: SparkSession, ds: date) -> TitleExamples:
    """The rows of `examples` of a day; a day without any is the user's mistake.

    They are read and put in order outside Java: some millions of rows are more than its heap.
    """
    frame = tables.read_day(spark, "examples", ds)
    rows = filtered_rows("examples", [("ds", "=", ds)])
    return TitleExamples(rows.sort_by([(column, "ascending") for column in ORDER]), frame)
