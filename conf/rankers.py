"""Settings of the rankers: `conf/rankers.yaml`."""

from functools import cache
from typing import Literal

from pydantic import Field

from conf.errors import UserMistake
from conf.settings import ROOT, Frozen, load_yaml


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


class Rankers(Frozen):
    """Every ranker of the house by name."""

    rankers: dict[str, RankerSettings]


@cache
def rankers() -> dict[str, RankerSettings]:
    """The rankers of `conf/rankers.yaml` by name."""
    return load_yaml(Rankers, ROOT / "conf" / "rankers.yaml").rankers


def ranker_settings(name: str) -> RankerSettings:
    """One ranker's settings; an unknown name lists the known ones."""
    if name not in rankers():
        raise UserMistake(f"unknown ranker {name!r}; the rankers are: {', '.join(rankers())}")
    return rankers()[name]
