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
from conf.rankers import ranker_configuration, ranker_names
from conf.settings import ROOT
from jobs.training.ranker import (
    FOLDER,
    Fit,
    Ranker,
    all_rankers,
    lead_interval,
    ranker_named,
    ranker_record,
)
from models.rankers.package import load, package_from
from models.rankers.promotion import RANKER, Judgement, Measure, verdict

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
        return Judgement(
            Measure("hits", "queries"),
            {RANKER: np.tile([0.4, 0.6], 8), "nothing": np.zeros(16)},
            np.ones(16),
            profile=np.arange(16),
            window=np.repeat(np.arange(4), 4),
            metrics={"hits": 0.5},
        )

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
    settings = ranker_configuration()
    rankers = {**settings.rankers, "doubling": settings.rankers["pvr"]}
    more = settings.model_copy(update={"least_queries": 1, "least_windows": 2, "rankers": rankers})
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


def test_a_lead_that_comes_and_goes_with_the_windows_is_no_lead() -> None:
    """Many profiles agree within each window, so that they alone would make the lead certain."""
    lead = np.repeat([0.3, -0.1, 0.2, -0.1], 200)
    judgement = Judgement(
        Measure("hits", "queries"),
        {RANKER: lead, "nothing": np.zeros(800)},
        np.ones(800),
        profile=np.arange(800),
        window=np.repeat(np.arange(4), 200),
        metrics={},
    )
    gain = lead_interval(judgement)
    assert gain.value == pytest.approx(0.075) and gain.low < 0 < gain.high
    assert not verdict(judgement, gain, ranker_configuration()).promoted


def test_a_record_holds_the_verdict_and_a_model_that_can_be_proved() -> None:
    ranker = Doubling()
    record = ranker_record(ranker, ranker.examples(None, DAY), DAY)
    assert record["ranker_id"] == f"doubling-{str(record['model_sha256'])[:12]}"
    assert (record["promoted"], record["reason"]) == (
        True,
        "hits 0.5000 beats nothing 0.0000 by +0.5000 [+0.4494, +0.5506] on 16 queries of 4 windows",
    )
    assert record["metrics"] == {
        "hits": 0.5,
        "lead": 0.5,
        "lead_low": pytest.approx(0.4494, abs=1e-4),
        "lead_high": pytest.approx(0.5506, abs=1e-4),
        "windows": 4,
        **{f"lead_window_{number}": 0.5 for number in (1, 2, 3, 4)},
    }
    assert json.loads(str(record["parameters"])) == {"trees": 3}
    assert load(package_from(record), ranker.features).num_trees() == 3
    assert "importances" not in record  # only rankers that watch their features have them
