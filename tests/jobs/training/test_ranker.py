"""Each ranker of the configuration has an implementation, and its record says what a reader needs to trust it."""

import json
import sys
from datetime import date
from pathlib import Path
from types import ModuleType

import lightgbm as lgb
import numpy as np
import pytest

from conf import rankers as configuration
from conf.errors import UserMistake
from conf.rankers import Rankers, ranker_configuration, ranker_names
from conf.settings import ROOT
from jobs.training.ranker import FOLDER, Fit, Ranker, all_rankers, ranker_named, ranker_record
from models.rankers.package import load, package_from
from models.rankers.promotion import Judgement, Measure

DAY = date(2026, 4, 30)


class Doubling(Ranker[np.ndarray]):
    """Learns that a label is twice the feature."""

    name = "doubling"
    table = "examples"
    features = ("number",)
    rivals = ("nothing",)

    @staticmethod
    def examples(spark: object, ds: date) -> np.ndarray:
        return np.arange(100, dtype=np.float32)[:, None]

    def judge(self, examples: np.ndarray, ds: date) -> Judgement:
        return Judgement(Measure("hits", "queries"), 0.5, {"nothing": 0.0}, 9, {"hits": 0.5})

    def fit(self, examples: np.ndarray) -> Fit:
        data = lgb.Dataset(examples, 2 * examples[:, 0], feature_name=list(self.features))
        return Fit(lgb.train({"verbosity": -1}, data, 3), examples)

    def parameters(self) -> dict[str, object]:
        return {"trees": 3}

    def trained_from(self, ds: date) -> date:
        return date(2026, 4, 1)


@pytest.fixture
def configured(monkeypatch: pytest.MonkeyPatch) -> None:
    """The configuration with one more ranker, named doubling."""
    rankers = ranker_configuration().rankers
    more = Rankers(least_queries=1, rankers={**rankers, "doubling": rankers["pvr"]})
    monkeypatch.setattr(configuration, "ranker_configuration", lambda: more)


def test_every_ranker_of_the_configuration_is_trained_and_no_other() -> None:
    assert [ranker.name for ranker in all_rankers()] == list(ranker_names())
    files = {path.stem for path in (ROOT / FOLDER.replace(".", "/")).glob("[a-z]*.py")}
    assert files == set(ranker_names())


def test_every_ranker_names_its_features_and_rivals() -> None:
    for ranker in all_rankers():
        assert ranker.features and ranker.rivals and ranker.table, ranker.name


@pytest.mark.usefixtures("configured")
def test_a_ranker_that_nothing_implements_is_an_error_that_says_what_to_write() -> None:
    with pytest.raises(UserMistake, match=r"there is no jobs/training/rankers/doubling\.py; write"):
        all_rankers()


@pytest.mark.usefixtures("configured")
def test_a_file_without_a_ranker_of_its_name_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType(f"{FOLDER}.doubling")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    with pytest.raises(UserMistake, match="no RANKER of the name 'doubling'"):
        ranker_named("doubling")
    module.RANKER = ranker_named("pvr")  # type: ignore[attr-defined]
    with pytest.raises(UserMistake, match="no RANKER of the name 'doubling'"):
        ranker_named("doubling")
    module.RANKER = Doubling()  # type: ignore[attr-defined]
    assert all_rankers()[-2] is module.RANKER


def test_an_import_that_fails_inside_a_ranker_is_not_taken_for_a_missing_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import jobs.training.rankers as folder

    (tmp_path / "broken.py").write_text("import no_such_library\n")
    monkeypatch.setattr(folder, "__path__", [str(tmp_path)])
    with pytest.raises(ModuleNotFoundError, match="no_such_library"):
        ranker_named("broken")


def test_a_record_holds_the_verdict_and_a_model_that_can_be_proved() -> None:
    ranker = Doubling()
    record = ranker_record(ranker, ranker.examples(None, DAY), DAY)
    assert record["ranker_id"] == f"doubling-{str(record['model_sha256'])[:12]}"
    assert (record["promoted"], record["reason"]) == (
        True,
        "hits 0.5000 beats nothing 0.0000 on 9 queries",
    )
    assert json.loads(str(record["parameters"])) == {"trees": 3}
    assert load(package_from(record), ranker.features).num_trees() == 3
    assert "importances" not in record  # only rankers that watch their features have them
