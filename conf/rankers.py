"""Settings of the rankers: `conf/rankers.yaml`."""

from collections.abc import Sequence
from functools import cache
from typing import Literal

from pydantic import Field

from conf.errors import UserMistake
from conf.settings import ROOT, Frozen, load_yaml

# the rankers that pages ask for
TOP_PICKS = "top_picks"
PVR = "pvr"
CONTINUE_WATCHING = "continue_watching"
CONTINUATION = "continuation"
UNTRAINED = "popularity"  # the ranker_id of scores that no ranker made
ROW_MODEL = "rows"  # its settings are `lessons` in conf/pages.yaml
ASKED_FOR = frozenset({TOP_PICKS, PVR, CONTINUE_WATCHING, CONTINUATION, ROW_MODEL})  # by pages


class RankerSettings(Frozen):
    """How one LightGBM ranker is trained."""

    objective: Literal["lambdarank", "rank_xendcg", "binary"]
    trees: int = Field(gt=0)
    leaves: int = Field(ge=2)
    learning_rate: float = Field(gt=0, le=1)
    truncation: int = Field(gt=0)
    rows_in_leaf: int = Field(gt=0)
    ridge: float = Field(ge=0)  # added to the hessian of a leaf
    feature_share: float = Field(gt=0, le=1)
    row_share: float = Field(gt=0, le=1)
    seed: int = Field(ge=0)
    threads: int = Field(gt=0)
    patience: int = Field(ge=0)
    models: int = Field(1, gt=0)  # boosters that differ in their seed only, merged into one
    rows: Literal["candidates", "catalogue"] = "candidates"  # what it orders
    without: tuple[str, ...] = ()  # features with one of these endings are not used
    # LightGBM's lambdarank_position_bias_regularization, where positions exist
    position_bias: float = Field(0.0, ge=0)

    def features(self, names: Sequence[str]) -> tuple[str, ...]:
        """Those of `names` that this ranker uses, in their order."""
        endings = self.without or ("\0",)  # no name ends with it
        return tuple(name for name in names if not name.endswith(endings))


class PromotionSettings(Frozen):
    """What every ranker needs before it may serve."""

    least_queries: int = Field(gt=0)
    least_windows: int = Field(gt=1)


class TogetherSettings(Frozen):
    """When the tasks of a Spark stage train a ranker of titles together."""

    from_rows: int = Field(gt=0)  # fewer are trained by one process
    tasks: int = Field(gt=1)  # at most; each has one core
    minutes: int = Field(gt=0)  # that a task waits for another one


class Rankers(PromotionSettings):
    """Every ranker by name, and what all of them need before one may serve."""

    together: TogetherSettings
    rankers: dict[str, RankerSettings]


@cache
def ranker_configuration() -> Rankers:
    """Everything that `conf/rankers.yaml` says."""
    return load_yaml(Rankers, ROOT / "conf" / "rankers.yaml")


def rankers() -> dict[str, RankerSettings]:
    """The settings of each ranker of `conf/rankers.yaml` by name, in the order of the file."""
    return ranker_configuration().rankers


def ranker_names() -> tuple[str, ...]:
    """Every ranker in the order of training: those of `conf/rankers.yaml`, then the row model."""
    return (*rankers(), ROW_MODEL)


def ranker_settings(name: str) -> RankerSettings:
    """One ranker's settings; an unknown name lists the known ones."""
    if name not in rankers():
        raise UserMistake(f"unknown ranker {name!r}; the rankers are: {', '.join(rankers())}")
    return rankers()[name]
