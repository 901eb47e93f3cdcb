"""Pages before simulated profiles: the same days, sessions and chance for each builder.

Days are those of a kept world that has lived on the pipeline's pages; each is lived again on the
pages of each builder, made from the tables of the day before, with several draws of chance. What a
profile played counts for the metrics of ranking where it was played without any page, through
search: that favours no builder.
"""

from collections import Counter, defaultdict
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

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
from benchmarks.page.world_day import (
    Say,
    WorldDay,
    row_model_of_day,
    rows_of_profiles,
    world_day,
)
from closed_loop.days import SimulatedService
from closed_loop.loop import next_day
from closed_loop.variants import client_pages
from experiments.metrics.rates import Rate, gap_closed, rate, rate_lift
from simulator import days as living
from simulator.draws import REPLICATION_STRIDE

POPULAR, NO_PAGE, PIPELINE = "popular", "no page", "pipeline"
LIVED = "lived"  # the other builders' arms, where one of them takes the name `pipeline`
Searches = dict[str, set[str]]  # the titles that each profile plays without a page


class ArmSessions(NamedTuple):
    """Sessions by account and arm, k rows."""

    taken: NDArray[np.float64]  # (k,) sessions with a play from the page
    sessions: NDArray[np.float64]  # (k,)
    account: NDArray[np.str_]  # (k,)
    arm: NDArray[np.str_]  # (k,)

    def of_arm(self, name: str) -> "ArmSessions":
        """The rows of one arm."""
        is_arm = self.arm == name
        return ArmSessions(*(column[is_arm] for column in self))

    def play_rate(self, name: str) -> dict[str, float]:
        """The play rate of one arm, with its interval."""
        rows = self.of_arm(name)
        return rate(rows.taken, rows.sessions, rows.account).named("play_rate")


def world_figures(
    life: SimulatedService, days: int, draws: int, say: Say
) -> tuple[dict[str, object], dict[str, int]]:
    """The figures of every builder over the last days of a kept world, and their violations."""
    first = next_day(life.settings) - days + 1
    model = row_model_of_day(life, first - 1, say)
    before = world_day(life, first - 1) if first > 0 else None
    sessions, values = [], []
    broken: Counter[str] = Counter()
    for number in range(first, first + days):
        today = world_day(life, number)
        profiles = today.stage.states.num_rows
        say(f"day {number}: {profiles:,} profiles, {draws} draws of chance for each builder")
        page_rows = {builder: today.build(builder, model) for builder in BUILDERS}
        for builder, rows in page_rows.items():
            for rule, count in today.violations(rows).items():
                broken[f"{builder}: {rule}"] += count
        sessions_of_day, searches = _live(life, today, page_rows, draws)
        sessions.append(sessions_of_day)
        metrics = {}
        for builder in BUILDERS:
            rows_before = None
            if before is not None:
                calm = today.without_plays_since(before)
                rows_before = rows_of_profiles(before.build(builder, model), calm)
            metrics[builder] = _day_metrics(today, page_rows[builder], rows_before, searches)
        values.append(metrics)
        before = today
    return play_rate_figures(pa.concat_tables(sessions), values), dict(broken)


def play_rate_figures(
    sessions: pa.Table, values: list[dict[str, MetricValues]]
) -> dict[str, object]:
    """Means and play rates by builder, and the gains of the stagewise page in play rate.

    `sessions` has account_id, arm, taken and sessions, `values` the metrics of each day by builder;
    intervals are clustered by account.
    """
    arms = _arm_sessions(sessions)
    figures: dict[str, object] = {}
    for builder in BUILDERS:
        metrics = _pooled([day[builder] for day in values])
        closed = _gap_closed(arms, builder).named("gap_closed")
        figures[builder] = metric_means(metrics) | arms.play_rate(builder) | closed
    for name in (ORACLE, POPULAR):
        figures[name] = arms.play_rate(name)
    figures |= rate_lift(*arms, STAGEWISE, TEMPLATE).named("play_rate_gain")
    over_independent = rate_lift(*arms, STAGEWISE, INDEPENDENT)
    figures |= over_independent.named("play_rate_gain_over_independent")
    figures["sessions"] = int(arms.of_arm(STAGEWISE).sessions.sum())
    return figures


def _pooled(days: list[MetricValues]) -> MetricValues:
    """The values of all days for each metric of the last one."""
    return {
        metric: np.concatenate([day[metric] for day in days if metric in day])
        for metric in days[-1]
    }


def _gap_closed(arms: ArmSessions, builder: str) -> Rate:
    """The share of the gap between popular and oracle pages that a builder closes."""
    others = np.where(arms.arm == PIPELINE, LIVED, arms.arm)
    arm = np.where(arms.arm == builder, PIPELINE, others)
    try:
        return gap_closed(arms.taken, arms.sessions, arms.account, arm)
    except ValueError:  # nothing to close: the oracle is not above popular
        return Rate(np.nan, np.nan, np.nan)


def _arm_sessions(sessions: pa.Table) -> ArmSessions:
    """Sessions summed by account and arm."""
    by_account = sessions.group_by(["account_id", "arm"])
    sums = by_account.aggregate([("taken", "sum"), ("sessions", "sum")])
    sums = sums.sort_by([("account_id", "ascending"), ("arm", "ascending")])
    return ArmSessions(
        taken=sums["taken_sum"].to_numpy().astype(np.float64),
        sessions=sums["sessions_sum"].to_numpy().astype(np.float64),
        account=sums["account_id"].to_numpy().astype(str),
        arm=sums["arm"].to_numpy().astype(str),
    )


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
        builder: client_pages(rows, index) for builder, rows in page_rows.items()
    }
    pages[NO_PAGE] = None
    parts = []
    searches: Searches = {profile_id: set() for profile_id in profile_ids}
    for draw in range(draws):
        world = replace(stage.world, seed=stage.world.seed + REPLICATION_STRIDE * draw)
        for builder, page in pages.items():
            arms = (PIPELINE, ORACLE, POPULAR) if builder == TEMPLATE else (PIPELINE,)
            outcome = living.day_outcome(
                world, stage.settings, stage.day, states, page, popular_plays, arms
            )
            if builder == NO_PAGE:
                _add_plays(outcome, searches)
            else:
                parts.append(_sessions(outcome, profiles, builder))
    return pa.concat_tables(parts), searches


def _sessions(outcome: pa.Table, profiles: pa.Table, builder: str) -> pa.Table:
    """account_id, arm, taken and sessions of each profile.

    The arm `pipeline` takes the name of its builder.
    """
    measures = outcome["measures"].combine_chunks().flatten()
    is_pipeline = pc.equal(measures.field("arm"), PIPELINE)
    arm = pc.if_else(is_pipeline, builder, measures.field("arm"))
    arms = len(measures) // max(outcome.num_rows, 1)
    owner = np.repeat(np.arange(outcome.num_rows), arms)
    account = profiles["account_id"].combine_chunks().take(pa.array(owner))
    return pa.table(
        {
            "account_id": account.cast(pa.string()),
            "arm": arm.cast(pa.string()),
            "taken": measures.field("taken"),
            "sessions": measures.field("sessions"),
        }
    )


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
