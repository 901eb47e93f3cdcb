"""Variants of a page before the same simulated members, on pages of one day.

Most change parameters of `conf` alone, as an experiment would; some spoil a page on purpose, so that
it is known which of two is better.
"""
# Tested by tests/benchmarks/experiments/test_run.py.

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from benchmarks.longrun.lives import RANKER, Beginning
from benchmarks.page.figures import WORTH
from closed_loop.popular_grid import popular_grid
from closed_loop.variants import with_moved_row
from conf.pages import Pages, pages
from conf.rows import Rows, rows
from models.candidates.moment import Moment
from models.catalogue.arrays import Profiles
from models.page.build import build_pages

CONTROL, GRID = "control", "popular_grid"
ANYHOW, UPSIDE_DOWN = "anyhow", "upside_down"
Changes = dict[str, object]


@dataclass(frozen=True)
class Variant:
    """What is changed of the page that serves."""

    name: str
    layout: Changes = field(default_factory=dict)  # of `conf/pages.yaml`
    choice: Changes = field(default_factory=dict)  # of its `choice`
    without: tuple[str, ...] = ()  # kinds of row
    top: str = ""  # the kind of row that is moved to the top
    noise: float = 0.0  # standard deviations of a profile's scores, added to them by chance
    seed: int = 0
    order: str = ""  # of the rows: as they were built, ANYHOW or UPSIDE_DOWN


VARIANTS = (
    Variant(CONTROL),
    Variant("template", {"builder": "template"}),
    Variant("independent", {"builder": "independent"}),
    Variant(GRID),
    Variant("no_search", choice={"search": {"rows": 0}}),
    Variant("diverse", choice={"diversity": 1.0}),
    Variant("calibrated", choice={"calibration": 2.0}),
    Variant("continue_low", choice={"continuing": {"position": 8, "first_from": 1.0}}),
    Variant("no_continue", without=("continue_watching",)),
    Variant("no_top_picks", without=("top_picks",)),
    Variant("new_first", top="new"),
    Variant("popular_first", top="popular"),
    Variant("noise_half", noise=0.5, seed=1),
    Variant("noise_two", noise=2.0, seed=2),
    Variant(ANYHOW, order=ANYHOW),
    Variant(UPSIDE_DOWN, order=UPSIDE_DOWN),
)
ALIKE = (Variant("noise_a", noise=1.0, seed=11), Variant("noise_b", noise=1.0, seed=12))


@dataclass(frozen=True)
class EndOfPast:
    """Profiles and their scores at the end of the past, for pages of the first day."""

    start: Beginning
    moment: Moment
    batches: tuple[tuple[Profiles, NDArray[np.float32]], ...]

    def pages(self, variant: Variant) -> pa.Table:
        """The pages of a variant, as records of `drafts`, sorted by profile and position."""
        rng = np.random.default_rng(variant.seed)
        built = pa.concat_tables([self._built(variant, *batch, rng) for batch in self.batches])
        if variant.top:
            built = with_moved_row(built, [variant.top], 1)
        if variant.order:
            built = _in_order(built, variant.order, rng)
        return built.sort_by([("profile_id", "ascending"), ("row_position", "ascending")])

    def _built(
        self,
        variant: Variant,
        profiles: Profiles,
        scores: NDArray[np.float32],
        rng: np.random.Generator,
    ) -> pa.Table:
        catalogue = self.moment.catalogue
        if variant.name == GRID:
            return popular_grid(catalogue, profiles, self.start.settings.pages)
        scores = _noisy(scores, variant.noise, rng)
        layout, kinds = changed_layout(variant), _without(rows(), variant.without)
        return build_pages(
            catalogue, profiles, scores, self.moment.cosine, RANKER, layout, kinds, WORTH
        )


def end_of_past(start: Beginning) -> EndOfPast:
    """The evening before the first day."""
    of_world, log = start.service, start.log
    moment = of_world.moment(log, -1)
    joined = np.flatnonzero(start.outcome.sort_by("profile_id")["joined"].to_numpy() <= 0)
    batches = []
    for first in range(0, len(joined), moment.batch_size):
        members = joined[first : first + moment.batch_size]
        profiles = of_world.members(log, moment.catalogue, members)
        batches.append(start.rankers.scored(moment, profiles))
    return EndOfPast(start, moment, tuple(batches))


def changed_layout(variant: Variant) -> Pages:
    """The layout that serves with a variant's changes, read by the same checks."""
    layout = pages().model_dump() | variant.layout
    for name, value in variant.choice.items():
        old = layout["choice"][name]
        layout["choice"][name] = {**old, **value} if isinstance(value, dict) else value
    return Pages.model_validate(layout)


def _without(kinds: Rows, names: tuple[str, ...]) -> Rows:
    return Rows(
        kinds={name: kind for name, kind in kinds.kinds.items() if name not in names},
        template=tuple(name for name in kinds.template if name not in names),
        then=tuple(name for name in kinds.then if name not in names),
    )


def _noisy(
    scores: NDArray[np.float32], noise: float, rng: np.random.Generator
) -> NDArray[np.float32]:
    """The scores with noise of so many of each profile's standard deviations; no candidate stays none."""
    if not noise:
        return scores
    known = np.where(np.isfinite(scores), scores, np.nan)
    spread = np.nanstd(known, axis=1, keepdims=True)
    noisy = scores + noise * spread * rng.normal(size=scores.shape)
    return np.where(np.isfinite(scores), noisy, scores).astype(np.float32)


def _in_order(built: pa.Table, order: str, rng: np.random.Generator) -> pa.Table:
    """The pages with their rows upside down, or in an order by chance."""
    profile = built["profile_id"].to_numpy().astype(str)
    key = rng.random(len(built)) if order == ANYHOW else -built["row_position"].to_numpy()
    by_key = np.lexsort((key, profile))
    ranks = np.empty(len(built), np.int32)
    first = np.searchsorted(profile[by_key], profile)
    ranks[by_key] = np.arange(len(built))
    column = built.column_names.index("row_position")
    return built.set_column(column, "row_position", pa.array((ranks - first + 1).astype(np.int32)))
