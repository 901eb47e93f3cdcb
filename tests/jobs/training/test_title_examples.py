"""Few rows are trained on by this process, many by tasks where they are."""

from unittest.mock import patch

import pytest

from benchmarks.scale.training import CUT, made_examples
from conf.rankers import ranker_configuration, ranker_settings
from jobs.training import title_examples
from jobs.training.distributed import Trained
from jobs.training.title_examples import TitleExamples

SETTINGS = ranker_settings("top_picks")
ROWS = 300


@pytest.mark.parametrize(("from_rows", "trained_by"), [(ROWS + 1, "process"), (ROWS, "2 tasks")])
def test_the_number_of_rows_says_who_trains(spark, monkeypatch, from_rows, trained_by):
    table = made_examples(ROWS // 100, seed=1)
    together = ranker_configuration().together.model_copy(update={"from_rows": from_rows})
    changed = ranker_configuration().model_copy(update={"together": together})
    monkeypatch.setattr(title_examples, "ranker_configuration", lambda: changed)
    examples = TitleExamples(table, spark.createDataFrame(table))
    by_tasks = patch.object(
        title_examples,
        "fit_by_tasks",
        lambda frame, settings, tasks, instant: Trained(f"{tasks} tasks", ()),
    )
    by_process = patch.object(title_examples, "fit_on_examples", lambda *_: "process")
    with by_tasks, by_process:
        assert examples.fit(SETTINGS) == trained_by
        assert TitleExamples(table).fit(SETTINGS) == "process"
        assert examples.before(CUT).fit(SETTINGS) == "process"  # which are none
