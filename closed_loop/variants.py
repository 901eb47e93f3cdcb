"""Versions of a row before the same simulated members: the same sessions and random numbers."""
# Tested by tests/benchmarks/rows/test_run.py.

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from closed_loop.stage import Stage
from conf.rankers import UNTRAINED
from conf.rows import RowKind, Rows, rows
from models.catalogue.arrays import Neighbours, Profiles
from models.page.build import build_pages
from simulator import days
from simulator.draws import REPLICATION_STRIDE
from simulator.served_pages import PAGES

Change = Callable[[Profiles], Profiles]
TREATMENT, BASELINE = "ours", "baseline"
FIXED_POSITIONS = (1, 2, 3, 5)  # of Continue Watching, that its ranker has to beat
WIDELY_POPULAR: dict[str, object] = {
    "order": "popularity",
    "window_days": 30,
    "evidence": "popular",
    "personal_weight": 0.0,
}


class Arm(NamedTuple):
    """One side of a comparison: the kinds of row on the page, and what is changed for it."""

    comparison: str
    side: str
    kinds: Rows
    change: Change = lambda profiles: profiles
    co_watched: bool = False  # similars by co-watching alone
    serving: bool = False  # rows as members get them: by the builder and row model that serve
    fixed_position: int = 0  # Continue Watching is moved there; 0 leaves it where it stands


def arms(kinds: Rows | None = None) -> list[Arm]:
    """The arms of `bench rows`: each kind of row alone, ours and its baseline; and placements."""
    kinds = kinds or rows()
    unpersonal: dict[str, object] = {"personal_weight": 0.0}
    popular_in_genre = WIDELY_POPULAR | {"evidence": "genre"}
    placements = [
        Arm("placement", f"at_{position}", kinds, serving=True, fixed_position=position)
        for position in FIXED_POSITIONS
    ]
    return [
        *_alone("continue_watching", kinds, change=by_recency),
        *_alone("top_n", kinds, "top_picks", baseline_settings=WIDELY_POPULAR),
        *_alone("trending_now", kinds, "trending", baseline_settings=unpersonal),
        *_alone("genre", kinds, baseline_settings=popular_in_genre),
        *_alone("because_you_watched", kinds, baseline_settings=unpersonal, co_watched=True),
        Arm("placement", TREATMENT, kinds, serving=True),
        *placements,
    ]


def by_recency(profiles: Profiles) -> Profiles:
    """The profiles without the wish of their ranker: Continue Watching goes by recency."""
    return replace(profiles, wish=None)


def _alone(
    comparison: str,
    kinds: Rows,
    name: str = "",
    baseline_settings: dict[str, object] | None = None,
    change: Change = lambda profiles: profiles,
    co_watched: bool = False,
) -> list[Arm]:
    name = name or comparison
    kind = kinds.kinds[name]
    baseline = kind.model_copy(update=baseline_settings or {})
    return [
        Arm(comparison, TREATMENT, _only(name, kind)),
        Arm(comparison, BASELINE, _only(name, baseline), change, co_watched),
    ]


def _only(name: str, kind: RowKind) -> Rows:
    return Rows(kinds={name: kind}, template=(name,) * kind.most_rows, then=())


def row_comparison(stage: Stage, compared: list[Arm], draws: int) -> pa.Table:
    """Sessions, and those with a play started on the page, by comparison, side and account.

    Of each comparison only the profiles that have a page on every side count. Each draw is the
    same day with other random numbers; in one draw all sides have the same. A row by a ranker that
    does not serve is left out.
    """
    if stage.maker.ranker_id == UNTRAINED:
        compared = [arm for arm in compared if arm.comparison != "top_n"]
    pages_by_arm = list(zip(compared, pages_of(stage, compared), strict=True))
    measures = []
    for name in dict.fromkeys(arm.comparison for arm in compared):
        sides = [(arm, pages) for arm, pages in pages_by_arm if arm.comparison == name]
        index = _index_with_every_page([pages for _, pages in sides])
        comparison = _word(name, len(index))
        for arm, pages in sides:
            side = _word(arm.side, len(index))
            for draw in range(draws):
                sessions = _sessions(stage, index, pages, draw)
                sessions = sessions.add_column(0, "side", side)
                measures.append(sessions.add_column(0, "comparison", comparison))
    return pa.concat_tables(measures).filter(pc.field("sessions") > 0)


def _index_with_every_page(pages_of_sides: list[pa.Table]) -> NDArray[np.int64]:
    """The profiles, by index in the world, that have a page on every side; ascending."""
    profiles_of_sides = [set(pages["index"].to_pylist()) for pages in pages_of_sides]
    return np.array(sorted(set.intersection(*profiles_of_sides)), np.int64)


def pages_of(stage: Stage, compared: list[Arm]) -> list[pa.Table]:
    """The pages of each arm as clients read them.

    A page with a row at a fixed position is the page of our arm, which stands before it in
    `compared`, with that row moved.
    """
    drafts: list[list[pa.Table]] = [[] for _ in compared]
    for profiles, scores in stage.batches:
        for drafts_of_arm, arm in zip(drafts, compared, strict=True):
            if arm.fixed_position:
                our_arm = compared.index(arm._replace(side=TREATMENT, fixed_position=0))
                resume_kinds = arm.kinds.ordered_by("resume")
                page = with_moved_row(drafts[our_arm][-1], resume_kinds, arm.fixed_position)
            else:
                page = _built(stage, arm, arm.change(profiles), scores)
            drafts_of_arm.append(page)
    profile_ids = stage.states["profile_id"].to_pylist()
    index = dict(zip(profile_ids, stage.states["index"].to_pylist(), strict=True))
    return [client_pages(pa.concat_tables(drafts_of_arm), index) for drafts_of_arm in drafts]


def _built(stage: Stage, arm: Arm, profiles: Profiles, scores: NDArray[np.float32]) -> pa.Table:
    maker = stage.maker
    similars: Neighbours = maker.moment.cosine if arm.co_watched else maker.near
    model = maker.row_model if arm.serving else None
    return build_pages(
        maker.moment.catalogue,
        profiles,
        scores,
        similars,
        maker.ranker_id,
        kinds=arm.kinds,
        row_model=model,
    )


def with_moved_row(draft: pa.Table, kinds: list[str], fixed_position: int) -> pa.Table:
    """The pages with their row of these kinds moved to a position from 1; rows between give way.

    On a page with fewer rows it becomes the last.
    """
    profile = draft["profile_id"].to_numpy().astype(str)
    position = draft["row_position"].to_numpy()
    _, owner = np.unique(profile, return_inverse=True)
    last = np.zeros(owner.max(initial=-1) + 1, np.int64)
    np.maximum.at(last, owner, position)
    is_row = pc.is_in(draft["row_kind"], pa.array(kinds, pa.string())).to_numpy()
    position_of_row = np.zeros_like(last)  # 0 where a page has no such row
    position_of_row[owner[is_row]] = position[is_row]
    before = position_of_row[owner]
    after = np.minimum(fixed_position, last)[owner]
    down = (before > after) & (position >= after) & (position < before)
    up = (before > 0) & (before < after) & (position > before) & (position <= after)
    new_position = np.where(is_row, after, position + down - up).astype(np.int32)
    column = draft.column_names.index("row_position")
    return draft.set_column(column, "row_position", pa.array(new_position))


def client_pages(drafts: pa.Table, index: dict[str, int]) -> pa.Table:
    """Rows of drafts as PAGES: one list of rows for each profile, by its index in the world."""
    profile = drafts["profile_id"].to_numpy().astype(str)
    starts = _first_rows(profile)
    row_type = PAGES.field("rows").type.value_type
    columns = {field.name: drafts[field.name].combine_chunks() for field in row_type}
    columns["cells"] = _with_fields(columns["cells"], row_type.field("cells").type.value_type)
    client_rows = pa.StructArray.from_arrays(list(columns.values()), fields=list(row_type))
    offsets = pa.array([*starts, len(profile)], pa.int32())
    rows_by_profile = pa.ListArray.from_arrays(offsets, client_rows)
    profile_index = pa.array([index[profile[start]] for start in starts], pa.int64())
    return pa.table({"index": profile_index, "rows": rows_by_profile}, PAGES)


def _first_rows(profile: NDArray[np.str_]) -> NDArray[np.int64]:
    """The positions at which the rows of another profile begin."""
    if not len(profile):
        return np.zeros(0, np.int64)
    is_first = np.append(True, profile[1:] != profile[:-1])
    return np.flatnonzero(is_first)


def _with_fields(cells: pa.ListArray, cell_type: pa.StructType) -> pa.ListArray:
    """The lists of cells with only the fields of `cell_type`."""
    entries = cells.flatten()
    fields = list(cell_type)
    columns = [entries.field(field.name) for field in fields]
    return pa.ListArray.from_arrays(
        cells.offsets, pa.StructArray.from_arrays(columns, fields=fields)
    )


def _sessions(stage: Stage, index: NDArray[np.int64], pages: pa.Table, draw: int) -> pa.Table:
    """A day of the profiles `index` on their pages: account_id, sessions and taken of each."""
    outcome = replicated_day(stage, index, pages, draw)
    measures = outcome["measures"].combine_chunks().flatten()
    return pa.table(
        {
            "account_id": outcome["account_id"],
            "sessions": measures.field("sessions"),
            "taken": measures.field("taken"),
        }
    )


def replicated_day(stage: Stage, index: NDArray[np.int64], pages: pa.Table, draw: int) -> pa.Table:
    """The day of the profiles `index` on their pages, as OUTCOME.

    Draw 0 has the random numbers of the world, each other draw its own.
    """
    profiles = pa.array(index)
    states = stage.states.filter(pc.is_in(stage.states["index"], profiles)).sort_by("index")
    pages_of_profiles = pages.filter(pc.is_in(pages["index"], profiles)).sort_by("index")
    world = replace(stage.world, seed=stage.world.seed + REPLICATION_STRIDE * draw)
    popular = np.zeros((len(stage.settings.countries), len(world.title_ids)), np.float32)
    return days.day_outcome(
        world,
        stage.settings,
        stage.day,
        states.select(["index", "state"]),
        pages_of_profiles,
        popular,
    )


def _word(word: str, size: int) -> pa.Array:
    return pa.array([word] * size, pa.string())
