"""Settings of the choice of artwork: `conf/artwork.yaml`."""
# Tested by tests/models/artwork/test_learning.py.

from functools import cache
from typing import Literal

from pydantic import Field

from conf.settings import ROOT, Frozen, load_yaml


class Learning(Frozen):
    """The log that a policy learns from, and the strength of the priors it starts with."""

    window_days: int = Field(gt=0)
    quality_share: float = Field(gt=0, le=1)
    most_rows: int = Field(gt=0)
    seed: int = Field(ge=0)
    history_prior: float = Field(gt=0)
    title_prior: float = Field(gt=0)
    theme_prior: float = Field(gt=0)
    ridge: float = Field(gt=0)


class ThompsonSettings(Frozen):
    """The Bayesian logistic regression of `models/artwork/thompson.py`."""

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


class ArtworkExploration(Frozen):
    """Shares of choices that are left to chance, and what they may cost."""

    kind: Literal["uncertainty", "epsilon"]
    draws: int = Field(gt=0)
    # above 0, since a log without overlap cannot evaluate another policy
    uniform_share: float = Field(gt=0, le=1)
    fresh_share: float = Field(ge=0, lt=1)
    fresh_impressions: int = Field(ge=0)
    most_cost: float = Field(gt=0, le=1)


class Sticky(Frozen):
    """Days for which a policy serves, and for which a profile keeps its draw."""

    hold_days: int = Field(gt=0)
    redraw_days: int = Field(gt=0)


class Variety(Frozen):
    """Share of the first screen that the artwork of one theme may take."""

    most_share: float = Field(gt=0, le=1)


class OffPolicy(Frozen):
    """Limits of off-policy evaluation: below them a log is refused as evidence."""

    least_effective: float = Field(gt=0)
    switch_at: float = Field(gt=0)


class ArtworkSettings(Frozen):
    """All settings of `conf/artwork.yaml`."""

    title_card: str = Field(min_length=1)
    unknown_representativeness: float = Field(ge=0, le=1)
    estimator: Literal["thompson", "trees"]
    learning: Learning
    thompson: ThompsonSettings
    trees: TreeSettings
    exploration: ArtworkExploration
    sticky: Sticky
    variety: Variety
    offpolicy: OffPolicy


@cache
def artwork_settings() -> ArtworkSettings:
    """The settings of `conf/artwork.yaml`."""
    return load_yaml(ArtworkSettings, ROOT / "conf" / "artwork.yaml")
