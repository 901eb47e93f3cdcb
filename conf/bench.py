"""Settings of the benchmarks: `conf/bench.yaml`."""
# Tested by tests/benchmarks/temporal/test_run.py.

from functools import cache

from pydantic import Field

from conf.rankers import RankerSettings
from conf.settings import ROOT, Frozen, load_yaml

K = 10  # titles in the lists that benches of rankers judge


class FirstStage(Frozen):
    """The sources of candidates of `bench ranker` and what each is fitted with."""

    ease_ridge: float = Field(gt=0)
    weighted_ridge: float = Field(gt=0)
    stars_weight: float = Field(ge=0)  # a rating of s stars weighs 1 + weight x (s - 3)
    activity_power: float = Field(
        ge=0
    )  # a profile's weight in the Gram matrix falls with its plays to this power
    als_rank: int = Field(gt=0)
    als_ridge: float = Field(gt=0)
    als_confidence: float = Field(gt=0)
    als_rounds: int = Field(gt=0)
    bm25_k1: float = Field(gt=0)
    bm25_b: float = Field(ge=0, le=1)
    neighbours: int = Field(gt=0)
    near_days: float = Field(gt=0)


class Grid(Frozen):
    """What `bench ranker --choose` tries: values of one setting, and parameters of the ranker."""

    first_stage: dict[str, tuple[float, ...]]
    ranker: tuple[dict[str, float | int | str], ...]


class RankerBench(Frozen):
    """`bench ranker`: its data, its folds, and what was chosen on the inner split."""

    candidates: int = Field(gt=0)  # that a query offers to the ranker
    folds: int = Field(ge=2)
    fold_seed: int
    choose_seeds: tuple[int, ...]  # of the inner splits of the training part, made as the outer one
    models: int = Field(gt=0)  # rankers with different seeds whose scores are averaged
    first_stage: FirstStage
    ranker: RankerSettings
    grid: Grid


Grids = dict[str, dict[str, tuple[int | float, ...]]]  # by system: first values of each parameter


class TemporalBench(Frozen):
    """`bench temporal`: whom it asks about, and what each system may choose from.

    Every system but our rankers chooses by nDCG@10 on the inner window.
    """

    members: int = Field(gt=0)
    new_days: float = Field(gt=0)
    seeds: tuple[int, ...]
    systems: Grids
    peers: Grids
    peer_options: dict[str, dict[str, int | float]]


class Tuning(Frozen):
    """`frontrow tune`: where rankers are judged in a search, and between which values."""

    windows: tuple[tuple[float, float], ...]  # shares of the rows: known before, foreseen up to
    ranges: dict[
        str, tuple[int | float, int | float]
    ]  # least and greatest; whole numbers where both are written so
    even: tuple[str, ...]  # parameters drawn evenly; the others evenly in their logarithm
    objectives: dict[str, tuple[str, ...]]  # by ranker


class MutantBench(Frozen):
    """`bench mutants`: how long tests may take, and in how many days all mutants have their turn."""

    days: int = Field(gt=0)
    baseline_s: float = Field(gt=0)  # for all named tests without a fault
    mutant_s: float = Field(gt=0)  # for the tests of one mutant


class Benches(Frozen):
    """Every benchmark's settings."""

    ranker: RankerBench
    temporal: TemporalBench
    tuning: Tuning
    mutants: MutantBench


@cache
def benches() -> Benches:
    """The settings of `conf/bench.yaml`."""
    return load_yaml(Benches, ROOT / "conf" / "bench.yaml")
