"""What a ranker is to `train_rankers`, and the record of the table `rankers` that it becomes."""

import importlib
import json
from abc import ABC, abstractmethod
from datetime import date
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray
from pyspark.sql import SparkSession

from conf.errors import UserMistake
from conf.rankers import ranker_configuration, ranker_names
from experiments.metrics.rates import two_way_interval
from models.rankers.package import pack
from models.rankers.promotion import Gain, Judgement, verdict

FOLDER = "jobs.training.rankers"  # a file for each ranker, with its name
Examples = TypeVar("Examples")
Record = dict[str, object]


class Fit(NamedTuple):
    """A trained model."""

    booster: lgb.Booster
    matrix: NDArray[np.float32]  # (N, F) rows of features; some of them become the model's probe


class Ranker(ABC, Generic[Examples]):
    """A model that is trained, judged on later data, and serves if it beats its rivals.

    Adding one: its settings in conf/rankers.yaml, and a file of its name in jobs/training/rankers/
    that defines RANKER.
    """

    name: str
    table: ClassVar[str]  # where its examples come from

    @staticmethod
    @abstractmethod
    def examples(spark: SparkSession, ds: date) -> Any:
        """Rows to learn from and to be judged on, as known at the end of `ds`.

        None where there are none.

        Rankers that name the same function share what it gives.
        """

    @property
    @abstractmethod
    def features(self) -> tuple[str, ...]:
        """The names of its features, in order."""

    @property
    @abstractmethod
    def rivals(self) -> tuple[str, ...]:
        """What it has to beat."""

    @abstractmethod
    def judge(self, examples: Examples, ds: date) -> Judgement:
        """Figures on the newest examples: of the rivals, and of a ranker of the older ones."""

    @abstractmethod
    def fit(self, examples: Examples) -> Fit:
        """The ranker that is to serve, trained on all examples."""

    @abstractmethod
    def parameters(self) -> dict[str, object]:
        """The settings that somebody would need to train it again."""

    @abstractmethod
    def trained_from(self, ds: date) -> date:
        """The first day of which the examples of `ds` hold plays."""

    def reference(self, examples: Examples, fit: Fit) -> Record:
        """Columns of the record by which changes of its features are noticed.

        None where nobody looks for them.
        """
        return {}


def ranker_record(ranker: Ranker[Examples], examples: Examples, ds: date) -> Record:
    """A trained ranker with its verdict: a row of `rankers` without versions of code and input."""
    judgement = ranker.judge(examples, ds)
    gain = lead_interval(judgement)
    promoted, reason = verdict(judgement, gain, ranker_configuration())
    fit = ranker.fit(examples)
    package = pack(fit.booster, fit.matrix)
    return {
        "ranker": ranker.name,
        "ranker_id": f"{ranker.name}-{package.model_sha256[:12]}",
        "model": package.model,
        "model_sha256": package.model_sha256,
        "parameters": json.dumps(ranker.parameters()),
        "feature_names": list(package.feature_names),
        "feature_types": ["float"] * len(package.feature_names),
        "trained_from": ranker.trained_from(ds),
        "trained_until": ds,
        "metrics": judgement.metrics | _lead_figures(judgement, gain),
        "probe": json.dumps(package.probe),
        "promoted": promoted,
        "reason": reason,
        "ds": ds,
        **ranker.reference(examples, fit),
    }


def lead_interval(judgement: Judgement) -> Gain:
    """The ranker's lead over its best rival; the interval has profiles and windows in it."""
    lead = float(np.average(judgement.lead, weights=judgement.weight))
    return Gain(*two_way_interval(lead, judgement.deviations))


def _lead_figures(judgement: Judgement, gain: Gain) -> dict[str, float]:
    """What the record keeps of the lead: its interval, and the lead in each window."""
    by_window = {
        f"lead_window_{number}": lead
        for number, lead in enumerate(judgement.lead_by_window, start=1)
    }
    ends = {"lead": gain.value, "lead_low": gain.low, "lead_high": gain.high}
    return ends | {"windows": float(judgement.windows)} | by_window


def all_rankers() -> list[Ranker[Any]]:
    """Every ranker of the configuration, in the order of training."""
    return [ranker_named(name) for name in ranker_names()]


def ranker_named(name: str) -> Ranker[Any]:
    """The ranker of that name; one that nothing implements is an error that says what to write."""
    module_name = f"{FOLDER}.{name}"
    path = f"{module_name.replace('.', '/')}.py"
    advice = (
        f"write `RANKER` there, as top_picks.py does, or take {name!r} out of the configuration"
    )
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name != module_name:
            raise
        raise UserMistake(
            f"conf/rankers.yaml has a ranker {name!r}, but there is no {path}; {advice}"
        ) from None
    ranker = getattr(module, "RANKER", None)
    if not isinstance(ranker, Ranker) or ranker.name != name:
        raise UserMistake(f"{path} defines no RANKER of the name {name!r}; {advice}")
    return ranker
