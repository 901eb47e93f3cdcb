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
from conf.rows import RowKind, Rows, rows
from models.catalogue.arrays import Neighbours, Profiles
from models.page.build import UNTRAINED, build_pages
from simulator import days
from simulator.draws import REPLICATION_STRIDE
from simulator.served_pages import PAGES

Change = Callable[[Profiles], Profiles]
TREATMENT, BASELINE = "ours", "baseline"
FIXED_POSITIONS = (1, 2, 3, 5)  # of Continue Watching, that its ranker has to beat
WIDELY_POPULAR = {
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
    serving: bool = (
        False  # rows chosen as they are for members: by the builder and the row model that serve
    )
    place: int = 0  # where Continue Watching is put afterwards; 0 leaves it where it stands


def arms(kinds: Rows | None = None) -> list[Arm]:
    """Each kind of row of `bench rows` alone on a page, ours and its natural baseline; and where one row stands."""
    kinds = kinds or rows()
    return [
        *_alone("continue_watching", kinds, change=lambda p: replace(p, wish=None)),
        *_alone("top_n", kinds, "top_picks", changed=WIDELY_POPULAR),
        *_alone("trending_now", kinds, "trending", changed={"personal_weight": 0.0}),
        *_alone("genre", kinds, changed=WIDELY_POPULAR | {"evidence": "genre"}),
        *_alone("because_you_watched", kinds, changed={"personal_weight": 0.0}, co_watched=True),
        Arm("placement", TREATMENT, kinds, serving=True),
        *(
            Arm("placement", f"at_{place}", kinds, serving=True, place=place)
            for place in FIXED_POSITIONS
        ),
    ]


def _alone(
    comparison: str,
    kinds: Rows,
    name: str = "",
    changed: dict[str, object] | None = None,
    change: Change = lambda profiles: profiles,
    co_watched: bool = False,
) -> list[Arm]:
    kind = kinds.kinds[name or comparison]
    baseline = kind.model_copy(update=changed or {})
    return [
        Arm(comparison, TREATMENT, _only(name or comparison, kind)),
        Arm(comparison, BASELINE, _only(name or comparison, baseline), change, co_watched),
    ]


def _only(name: str, kind: RowKind) -> Rows:
    return Rows(kinds={name: kind}, template=(name,) * kind.most_rows, then=())


def row_comparison(stage: Stage, compared: list[Arm], draws: int) -> pa.Table:
    """Sessions, and those in which a play started on the page, by comparison, side and account.

    Of each comparison only the profiles that have a page on every side count. Each draw is the same day with other
    luck; on one draw all sides have the same. A row by a ranker that does not serve is left out.
    """
    if stage.maker.ranker_id == UNTRAINED:
        compared = [arm for arm in compared if arm.comparison != "top_n"]
    made = pages_of(stage, compared)
    found = []
    for name in dict.fromkeys(arm.comparison for arm in compared):
        sides = [made[place] for place, arm in enumerate(compared) if arm.comparison == name]
        index = np.array(
            sorted(set.intersection(*(set(side["index"].to_pylist()) for side in sides))), np.int64
        )
        for arm, page in zip(
            (arm for arm in compared if arm.comparison == name), sides, strict=True
        ):
            for draw in range(draws):
                found.append(
                    _lived(stage, index, page, draw)
                    .add_column(0, "side", _word(arm.side, len(index)))
                    .add_column(0, "comparison", _word(name, len(index)))
                )
    return pa.concat_tables(found).filter(pc.field("sessions") > 0)


def pages_of(stage: Stage, compared: list[Arm]) -> list[pa.Table]:
    """The pages of each arm as clients read them; a page with a row moved is made of ours, which stands before it."""
    parts: list[list[pa.Table]] = [[] for _ in compared]
    for profiles, scores in stage.batches:
        for made, arm in zip(parts, compared, strict=True):
            if arm.place:
                ours = parts[compared.index(arm._replace(side=TREATMENT, place=0))][-1]
                made.append(with_moved_row(ours, arm.kinds.ordered_by("resume"), arm.place))
            else:
                made.append(_built(stage, arm, arm.change(profiles), scores))
    index = dict(
        zip(stage.states["profile_id"].to_pylist(), stage.states["index"].to_pylist(), strict=True)
    )
    return [client_pages(pa.concat_tables(part), index) for part in parts]


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


def with_moved_row(made: pa.Table, kinds: list[str], place: int) -> pa.Table:
    """The pages with their row of these kinds at a place from 1, last on a shorter page; rows between give way."""
    profile, position = made["profile_id"].to_numpy().astype(str), made["row_position"].to_numpy()
    _, owner = np.unique(profile, return_inverse=True)
    last = np.zeros(owner.max(initial=-1) + 1, np.int64)
    np.maximum.at(last, owner, position)
    is_row = pc.is_in(made["row_kind"], pa.array(kinds, pa.string())).to_numpy()
    stood = np.zeros_like(last)  # 0 where a page has no such row
    stood[owner[is_row]] = position[is_row]
    before, after = stood[owner], np.minimum(place, last)[owner]
    down = (before > after) & (position >= after) & (position < before)
    up = (before > 0) & (before < after) & (position > before) & (position <= after)
    new = np.where(is_row, after, position + down - up).astype(np.int32)
    return made.set_column(made.column_names.index("row_position"), "row_position", pa.array(new))


def client_pages(made: pa.Table, index: dict[str, int]) -> pa.Table:
    """Rows of drafts as the columns of PAGES, one list of rows for each profile by its index in the world."""
    profile = made["profile_id"].to_numpy().astype(str)
    first = (
        np.flatnonzero(np.append(True, profile[1:] != profile[:-1]))
        if len(profile)
        else np.zeros(0, np.int64)
    )
    kind = PAGES.field("rows").type
    names = [kind.value_type.field(place).name for place in range(kind.value_type.num_fields)]
    columns = [made[name].combine_chunks() for name in names]
    cells = columns[names.index("cells")]
    wanted = kind.value_type.field("cells").type.value_type
    fields = [cells.flatten().field(wanted.field(place).name) for place in range(wanted.num_fields)]
    columns[names.index("cells")] = pa.ListArray.from_arrays(
        cells.offsets, pa.StructArray.from_arrays(fields, fields=list(wanted))
    )
    entries = pa.StructArray.from_arrays(columns, fields=list(kind.value_type))
    lists = pa.ListArray.from_arrays(pa.array([*first, len(profile)], pa.int32()), entries)
    return pa.table(
        {"index": pa.array([index[profile[at]] for at in first], pa.int64()), "rows": lists}, PAGES
    )


def _lived(stage: Stage, index: NDArray[np.int64], pages: pa.Table, draw: int) -> pa.Table:
    """A life of the profiles `index` on their pages: account_id, sessions and taken of each."""
    out = replicated_day(stage, index, pages, draw)
    measures = out["measures"].combine_chunks().flatten()
    return pa.table(
        {"account_id": out["account_id"]} | {n: measures.field(n) for n in ("sessions", "taken")}
    )


def replicated_day(stage: Stage, index: NDArray[np.int64], pages: pa.Table, draw: int) -> pa.Table:
    """The day of the profiles `index` on their pages with the luck of a draw, 0 being that of the world; OUTCOME."""
    states = stage.states.filter(pc.is_in(stage.states["index"], pa.array(index))).sort_by("index")
    shown = pages.filter(pc.is_in(pages["index"], pa.array(index))).sort_by("index")
    luck = replace(stage.world, seed=stage.world.seed + REPLICATION_STRIDE * draw)
    unseen = np.zeros((len(stage.settings.countries), len(luck.title_ids)), np.float32)
    return days.day_outcome(
        luck, stage.settings, stage.day, states.select(["index", "state"]), shown, unseen
    )


def _word(word: str, size: int) -> pa.Array:
    return pa.array([word] * size, pa.string())
