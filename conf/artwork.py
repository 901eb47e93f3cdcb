"""Settings of the choice of pictures: `conf/artwork.yaml`."""

from functools import cache
from typing import Literal

from pydantic import Field

from conf.settings import ROOT, Frozen, load_yaml


class Learning(Frozen):
    """What is learned from, and how a quality play is told."""

    window_days: int = Field(gt=0)
    quality_share: float = Field(gt=0, le=1)
    most_rows: int = Field(gt=0)
    seed: int = Field(ge=0)
    history_prior: float = Field(gt=0)
    title_prior: float = Field(gt=0)
    theme_prior: float = Field(gt=0)
    ridge: float = Field(gt=0)


class ThompsonSettings(Frozen):
    """The Bayesian logistic regression."""

    rounds: int = Field(gt=0)
    spread: float = Field(gt=0)
    least_spread: float = Field(gt=0)
    suit_spread: float = Field(gt=0)
    picture_spread: float = Field(ge=0)


class TreeSettings(Frozen):
    """The LightGBM models, one for each draw."""

    draws: int = Field(gt=0)
    trees: int = Field(gt=0)
    leaves: int = Field(ge=2)
    learning_rate: float = Field(gt=0, le=1)
    rows_in_leaf: int = Field(gt=0)
    ridge: float = Field(ge=0)
    threads: int = Field(gt=0)


class Exploration(Frozen):
    """How much chance is in a choice."""

    kind: Literal["uncertainty", "epsilon"]
    draws: int = Field(gt=0)
    uniform_share: float = Field(
        gt=0, le=1
    )  # above 0: a log without overlap cannot judge another policy
    fresh_share: float = Field(ge=0, lt=1)
    fresh_impressions: int = Field(ge=0)
    most_cost: float = Field(gt=0, le=1)


class Sticky(Frozen):
    """How long a choice stands."""

    hold_days: int = Field(gt=0)
    redraw_days: int = Field(gt=0)


class Variety(Frozen):
    """How alike the pictures of a first screen may be."""

    most_share: float = Field(gt=0, le=1)


class OffPolicy(Frozen):
    """When a log is refused as a judge of a policy."""

    least_effective: float = Field(gt=0)
    switch_at: float = Field(gt=0)


class Artwork(Frozen):
    """Everything `conf/artwork.yaml` says."""

    title_card: str = Field(min_length=1)
    unknown_representativeness: float = Field(ge=0, le=1)
    estimator: Literal["thompson", "trees"]
    learning: Learning
    thompson: ThompsonSettings
    trees: TreeSettings
    exploration: Exploration
    sticky: Sticky
    variety: Variety
    offpolicy: OffPolicy


@cache
def artwork() -> Artwork:
    """The settings of `conf/artwork.yaml`."""
    return load_yaml(Artwork, ROOT / "conf" / "artwork.yaml")
