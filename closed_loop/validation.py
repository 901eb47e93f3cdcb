"""How real the simulated world is.

Each figure stands beside its real counterpart: how far off it is, and whether it is in its range.
"""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from closed_loop.figures import RECENT_DAYS, days_of, part
from conf.days import MONTH_DAYS
from conf.pages import pages
from conf.reality import RealFigure, reality
from conf.world import WorldSettings
from experiments.metrics.catalogue import effective_size_ratio
from experiments.metrics.returns import gap_quantile, next_day_share, tail_ratio
from jobs.io.tables import arrow as arrow_tables
from simulator.truth import TrueTitles

Counts = NDArray[np.int64]
Sums = NDArray[np.float64]
WATCHED = "SELECT * FROM events WHERE kind = 'play'"


class RealityCheck(NamedTuple):
    """One simulated figure beside its real one.

    `off` and `inside` are None where there is nothing to compare it with.
    """

    figure: str
    real: float | None
    source: str
    simulated: float
    kind: str  # of `off`: difference, ratio, or value for none
    off: float | None
    low: float
    high: float
    inside: bool | None


class Life(NamedTuple):
    """Who was there and when, and what the titles truly are."""

    joined: NDArray[np.int32]  # (n,) day of sign-up
    left: NDArray[np.int32]  # (n,) first day after leaving
    first_day: int
    last_day: int
    titles: TrueTitles


class Viewing(NamedTuple):
    """Counts and hours of the log of plays."""

    gaps: Sums  # (g,) of i + 1 days between a profile's consecutive days with a play
    # (k,) plays of the title at rank i + 1 of the profile's own order; the last is all beyond
    ranks: Sums
    rank_hours: Sums  # (k,) hours of them
    hours: Sums  # (titles watched,)


def reality_checks(
    measures: pa.Table, watched: Viewing, life: Life, settings: WorldSettings
) -> dict[str, RealityCheck]:
    """Every figure of `conf/reality.yaml` by its key, in its order.

    Figures of sessions are those of the last three days.
    """
    recent_measures = part(measures, days_of(measures)[-RECENT_DAYS:])
    simulated = {
        "gap_median": gap_quantile(watched.gaps, 0.5),
        "gap_long": gap_quantile(watched.gaps, 0.9),
        "next_day": next_day_share(watched.gaps),
        "gap_tail": tail_ratio(watched.gaps),
        "catalogue_ratio": _catalogue_ratio(watched),
        "leaving": monthly_leaving(life),
        **picture_gains(life.titles),
        **_session_figures(recent_measures, settings),
    }
    return {
        key: reality_check(figure, figure.real, simulated[key])
        for key, figure in reality().figures.items()
    }


def monthly_leaving(life: Life) -> float:
    """The share that leaves in a month: leavers by the days that members were there."""
    begins = np.maximum(life.joined, life.first_day)
    ends = np.minimum(life.left, life.last_day + 1)
    days_there = np.maximum(ends - begins, 0).sum()
    leavers = ((life.left > begins) & (life.left <= life.last_day)).sum()
    return float(1.0 - (1.0 - leavers / days_there) ** MONTH_DAYS) if days_there else math.nan


def picture_gains(titles: TrueTitles) -> dict[str, float]:
    """By how much more the best picture of a title is taken than its first, for everybody alike.

    And by how much the better of its second and third: two alternatives, as in the source.
    """
    first, shared = titles.artwork_first[:-1], titles.artwork_shared.astype(np.float64)
    best = np.maximum.reduceat(shared, first)
    has_three = np.diff(titles.artwork_first) >= 3
    alternatives = first[has_three]
    better = np.maximum(shared[alternatives + 1], shared[alternatives + 2])
    return {
        "picture_best": float(np.expm1(best - shared[first]).mean()),
        "picture_other": float(np.expm1(better - shared[alternatives]).mean()),
    }


def ranges_kept(checks: Mapping[str, RealityCheck]) -> tuple[int, list[str]]:
    """How many figures have a range, and the keys of those that do not lie within it.

    A figure that could not be measured does not lie within its range.
    """
    ranged = [key for key in checks if reality().figures[key].range is not None]
    return len(ranged), [key for key in ranged if checks[key].inside is not True]


def reality_check(figure: RealFigure, real: float | None, simulated: float) -> RealityCheck:
    """The simulated figure compared with the real one; without a number there is no verdict."""
    off = None
    if real is not None and figure.by != "value":
        off = simulated / real if figure.by == "ratio" else simulated - real
    value = simulated if figure.by == "value" else off
    low, high = figure.range or (math.nan, math.nan)
    inside = None
    if value is not None and not math.isnan(low) and not math.isnan(value):
        inside = low <= value <= high
    return RealityCheck(
        figure.name, real, figure.source, simulated, figure.by, off, low, high, inside
    )


def viewing() -> Viewing:
    """The log of plays, summed by the query engine.

    The rank of a title is its position in the profile's row `top_picks`.
    """
    by_title = arrow_tables.sql(
        "SELECT sum(coalesce(watched_seconds, 0)) / 3600.0 AS hours"
        f" FROM ({WATCHED}) GROUP BY title_id ORDER BY title_id"
    )
    gaps = arrow_tables.sql(
        "SELECT gap, count(*) AS gaps FROM (SELECT"
        " day - lag(day) OVER (PARTITION BY profile_id ORDER BY day) AS gap"
        " FROM (SELECT DISTINCT profile_id,"
        " CAST(floor(CAST(to_unixtime(event_at) AS DOUBLE) / 86400) AS BIGINT) AS day"
        f" FROM ({WATCHED}))) WHERE gap IS NOT NULL GROUP BY gap ORDER BY gap"
    )
    ranks = arrow_tables.sql(
        "WITH ranked AS (SELECT page_id,"
        " c['title_id'] AS title_id, c['column_position'] AS rank FROM"
        " (SELECT page_id, unnest(cells) AS c FROM homepage_rows WHERE row_kind = 'top_picks'))"
        " SELECT r.rank, count(*) AS plays, sum(coalesce(p.watched_seconds, 0)) / 3600.0 AS hours"
        f" FROM ({WATCHED} AND page_id IS NOT NULL) p LEFT JOIN ranked r"
        " ON p.page_id = r.page_id AND p.title_id = r.title_id GROUP BY r.rank"
    )
    beyond = (pc.max(ranks["rank"]).as_py() or 0) + 1
    rank = pc.fill_null(ranks["rank"].cast(pa.int64()), beyond).to_numpy() - 1
    return Viewing(
        _dense(gaps["gap"].to_numpy() - 1, gaps["gaps"].to_numpy()),
        _dense(rank, ranks["plays"].to_numpy()),
        _dense(rank, ranks["hours"].to_numpy()),
        by_title["hours"].to_numpy(),
    )


def _session_figures(measures: pa.Table, settings: WorldSettings) -> dict[str, float]:
    """The figures of sessions; nan for what was not measured.

    `titles_looked_at` and `screens` are of profiles on days on which no session took anything from
    the page and none came for a title.
    """
    pipeline = measures.filter(pc.equal(measures["arm"], "pipeline"))
    pipeline_sums = _sums(pipeline)
    popular_sums = _sums(measures.filter(pc.equal(measures["arm"], "popular")))
    looked_around = pc.and_(pc.equal(pipeline["taken"], 0), pc.equal(pipeline["fetches"], 0))
    sums_without_play = _sums(pipeline.filter(looked_around))
    popularity_loss = math.nan
    if popular_sums["sessions"]:
        popularity_loss = _ratio(popular_sums["seconds"], pipeline_sums["seconds"]) - 1
    cells_in_view = sums_without_play["sessions"] * _screen_cells(settings)
    return {
        "page_hours": _ratio(pipeline_sums["page_seconds"], pipeline_sums["seconds"]),
        "fetch_hours": _ratio(pipeline_sums["fetch_seconds"], pipeline_sums["seconds"]),
        "popularity_loss": popularity_loss,
        "titles_looked_at": _ratio(sums_without_play["looked"], sums_without_play["sessions"]),
        "screens": _ratio(sums_without_play["seen"], cells_in_view),
    }


def _screen_cells(settings: WorldSettings) -> float:
    """Cells of a screen, averaged over the shares of the devices."""
    screens = [pages().device(name) for name in settings.devices]
    areas = [screen.screen_rows * screen.screen_columns for screen in screens]
    return sum(share * area for share, area in zip(settings.habits.devices, areas, strict=True))


def _catalogue_ratio(watched: Viewing) -> float:
    """nan where the median play lies beyond the profile's own order."""
    if 2 * watched.ranks[:-1].sum() < watched.ranks.sum():
        return math.nan
    return effective_size_ratio(watched.ranks, watched.rank_hours, watched.hours)


def _sums(measures: pa.Table) -> dict[str, int]:
    names = ("sessions", "seconds", "page_seconds", "fetch_seconds", "looked", "seen")
    return {name: pc.sum(measures[name], min_count=0).as_py() for name in names}


def _ratio(above: float, below: float) -> float:
    return above / below if below else math.nan


def _dense(index: Counts, counts: NDArray[Any]) -> Sums:
    """The counts by index, zeros where there is none."""
    if not len(index):
        return np.zeros(0)
    return np.bincount(index, counts).astype(np.float64)
