"""Pages before simulated profiles: the same days, sessions and chance for each builder.

Days are those of a kept world that has lived on the pipeline's pages; each is lived again on the
pages of each builder, made from the tables of the day before, with several draws of chance. Beside
the builders stand the natural baseline, a popular grid with Continue Watching above it, and for
each measure of a session the ceiling: the same offered rows in the best order by what is true; and the
stagewise page with a title promised to a share of the profiles (`benchmarks/page/promised.py`). What
a profile played counts for the metrics of ranking where it was played without any page, through
search: that favours no builder.
"""

from collections import Counter, defaultdict
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from benchmarks.page.ceilings import MEASURES as CEILINGS
from benchmarks.page.ceilings import ceiling_pages
from benchmarks.page.figures import (
    BUILDERS,
    INDEPENDENT,
    ORACLE,
    STAGEWISE,
    TEMPLATE,
    BuiltPages,
    MetricValues,
    metric_means,
    page_metrics,
)
from benchmarks.page.outcomes import (
    CEILING,
    MEASURES,
    PIPELINE,
    arm_figures,
    ceiling_arm,
    ceiling_figures,
    measure_sums,
    session_counts,
    stagewise_gains,
)
from benchmarks.page.promised import PROMISED, promise_figures, promised_day
from benchmarks.page.strata import labelled, profile_strata, strata_figures
from benchmarks.page.world_day import (
    Say,
    WorldDay,
    row_model_of_day,
    rows_of_profiles,
    world_day,
)
from closed_loop.days import SimulatedService
from closed_loop.loop import next_day
from closed_loop.popular_grid import BASELINE
from closed_loop.variants import client_pages
from experiments.metrics.arms import ArmSums
from simulator import days as living
from simulator.draws import REPLICATION_STRIDE

POPULAR, NO_PAGE = "popular", "no page"
Searches = dict[str, set[str]]  # the titles that each profile plays without a page


def world_figures(
    life: SimulatedService, days: int, draws: int, say: Say
) -> tuple[dict[str, object], dict[str, int]]:
    """The figures of every builder over the last days of a kept world, and their violations."""
    first = next_day(life.settings) - days + 1
    model = row_model_of_day(life, first - 1, say)
    before = world_day(life, first - 1) if first > 0 else None
    sessions, values, with_promise = [], [], []
    broken: Counter[str] = Counter()
    for number in range(first, first + days):
        today = world_day(life, number)
        profiles = today.stage.states.num_rows
        say(f"day {number}: {profiles:,} profiles, {draws} draws of chance for each builder")
        page_rows = {builder: today.build(builder, model) for builder in BUILDERS}
        with_promise.append(promised_day(today, model, page_rows[STAGEWISE]))
        promised_rows = with_promise[-1].page_rows
        for arm, rows in {**page_rows, PROMISED: promised_rows}.items():
            for rule, count in today.violations(rows).items():
                broken[f"{arm}: {rule}"] += count
        others = {ceiling_arm(name): rows for name, rows in ceiling_pages(today).items()}
        others[BASELINE] = today.popular_grid()
        others[PROMISED] = promised_rows
        sessions_of_day, searches = _live(life, today, page_rows | others, draws)
        sessions.append(labelled(sessions_of_day, profile_strata(today)))
        metrics = {}
        for builder in BUILDERS:
            rows_before = None
            if before is not None:
                calm = today.without_plays_since(before)
                rows_before = rows_of_profiles(before.build(builder, model), calm)
            metrics[builder] = _day_metrics(today, page_rows[builder], rows_before, searches)
        values.append(metrics)
        before = today
    lived = pa.concat_tables(sessions)
    figures = outcome_figures(lived, values)
    sums = {measure: measure_sums(lived, measure) for measure in MEASURES}
    figures[PROMISED] = promise_figures(with_promise, sums)
    figures["strata"] = strata_figures(lived, list(profile_strata(today)))
    return figures, dict(broken)


def outcome_figures(sessions: pa.Table, values: list[dict[str, MetricValues]]) -> dict[str, object]:
    """Means and measures of sessions by builder, and the gains of the stagewise page.

    `sessions` has account_id, day, arm and the counts of MEASURES, `values` the metrics of each day
    by builder.
    """
    figures: dict[str, object] = {}
    sums = {measure: measure_sums(sessions, measure) for measure in MEASURES}
    for builder in BUILDERS:
        metrics = metric_means(_pooled([day[builder] for day in values]))
        figures[builder] = metrics | arm_figures(sums, builder) | _gaps(sums, builder)
    figures[STAGEWISE] |= stagewise_gains(sums)  # type: ignore[operator]
    for arm in (BASELINE, ORACLE, POPULAR):
        figures[arm] = arm_figures(sums, arm)
    figures[CEILING] = ceiling_figures(sums)
    figures |= sums["play_rate"].gain(STAGEWISE, TEMPLATE).named("play_rate_gain")
    over_independent = sums["play_rate"].gain(STAGEWISE, INDEPENDENT)
    figures |= over_independent.named("play_rate_gain_over_independent")
    closed = sums["new_plays"].gap_closed(STAGEWISE, BASELINE, ceiling_arm("new_plays"))
    figures |= closed.named("gap_closed_new_plays")
    figures["sessions"] = int(sums["play_rate"].below[:, :, 0].sum())
    return figures


def _pooled(days: list[MetricValues]) -> MetricValues:
    """The values of all days for each metric of the last one."""
    return {
        metric: np.concatenate([day[metric] for day in days if metric in day])
        for metric in days[-1]
    }


def _gaps(sums: dict[str, ArmSums], builder: str) -> dict[str, float]:
    """The share that a builder closes of the gap between the baseline and the ceiling, by measure.

    `gap_closed` is that of the play rate between the popular and the oracle's page.
    """
    gaps = sums["play_rate"].gap_closed(builder, POPULAR, ORACLE).named("gap_closed")
    for measure in CEILINGS:
        closed = sums[measure].gap_closed(builder, BASELINE, ceiling_arm(measure))
        gaps |= closed.named(f"gap_closed_{measure}")
    return gaps


def _live(
    life: SimulatedService, today: WorldDay, page_rows: dict[str, pa.Table], draws: int
) -> tuple[pa.Table, Searches]:
    """Sessions by account and arm, and the titles that each profile plays without a page."""
    stage = today.stage
    profile_ids = stage.states["profile_id"].to_pylist()
    index = dict(zip(profile_ids, stage.states["index"].to_pylist(), strict=True))
    profiles = stage.states.sort_by("index")
    states = profiles.select(["index", "state"])
    popular_plays = life.observed_plays(stage.day)
    pages: dict[str, pa.Table | None] = {
        arm: client_pages(rows, index) for arm, rows in page_rows.items()
    }
    pages[NO_PAGE] = None
    parts = []
    searches: Searches = {profile_id: set() for profile_id in profile_ids}
    for draw in range(draws):
        world = replace(stage.world, seed=stage.world.seed + REPLICATION_STRIDE * draw)
        for name, page in pages.items():
            arms = (PIPELINE, ORACLE, POPULAR) if name == TEMPLATE else (PIPELINE,)
            outcome = living.day_outcome(
                world, stage.settings, stage.day, states, page, popular_plays, arms
            )
            if name == NO_PAGE:
                _add_plays(outcome, searches)
            else:
                parts.append(session_counts(outcome, profiles, name, stage.day))
    return pa.concat_tables(parts), searches


def _add_plays(outcome: pa.Table, searches: Searches) -> None:
    """Add the titles that each profile played."""
    events = outcome["events"].combine_chunks()
    owner = pc.list_parent_indices(events)
    profile_ids = outcome["profile_id"].combine_chunks().take(owner)
    is_play = pc.equal(events.flatten().field("kind"), "play")
    titles = events.flatten().field("title_id").filter(is_play)
    for profile_id, title_id in zip(
        profile_ids.filter(is_play).to_pylist(), titles.to_pylist(), strict=True
    ):
        searches[profile_id].add(title_id)


def _day_metrics(
    today: WorldDay, page_rows: pa.Table, rows_before: pa.Table | None, searches: Searches
) -> MetricValues:
    """The metrics of one builder's pages of a day, batch by batch."""
    parts: dict[str, list[NDArray[np.float64]]] = defaultdict(list)
    title_ids = today.catalogue.title_ids.tolist()
    for profiles, _ in today.batches:
        profile_ids = profiles.profile_ids.tolist()
        before = None if rows_before is None else rows_of_profiles(rows_before, profile_ids)
        built = BuiltPages(
            catalogue=today.catalogue,
            profiles=profiles,
            relevant=_relevant(profile_ids, title_ids, searches),
            rows=rows_of_profiles(page_rows, profile_ids),
            rows_before=before,
        )
        for metric, values in page_metrics(built).items():
            parts[metric].append(values)
    return {metric: np.concatenate(values) for metric, values in parts.items()}


def _relevant(
    profile_ids: list[str], title_ids: list[str], searches: Searches
) -> NDArray[np.bool_]:
    """Mask (m, n) of the titles of the catalogue that each profile plays without a page."""
    index = {title_id: number for number, title_id in enumerate(title_ids)}
    relevant = np.zeros((len(profile_ids), len(title_ids)), bool)
    for row, profile_id in enumerate(profile_ids):
        titles = [index[title_id] for title_id in searches[profile_id] if title_id in index]
        relevant[row, titles] = True
    return relevant
