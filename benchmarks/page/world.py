"""Pages before the members of the simulated world: the same days, sessions and luck for each builder's.

Days are those of a kept world that has lived on the pipeline's pages; each is lived again on the pages of each builder,
made from the tables of the day before, with several draws of luck. What a member played counts for the metrics of
ranking where it was played with no page at all, found by search: that favours no builder.
"""

from dataclasses import replace

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
    Judged,
    Values,
    means,
    measured,
)
from benchmarks.page.world_day import Day, Say, day_of, row_model
from closed_loop.days import Life
from closed_loop.loop import next_day
from closed_loop.variants import published
from experiments.metrics.rates import Rate, gap_closed, rate, rate_lift
from simulator import days as living
from simulator.draws import LUCK

POPULAR, NO_PAGE = "popular", "no page"
Numbers = NDArray[np.float64]
Words = NDArray[np.str_]


def world(life: Life, days: int, draws: int, say: Say) -> tuple[dict[str, object], dict[str, int]]:
    """The figures of every builder over the last `days` days of a kept world, and the rules that their pages break."""
    first = next_day(life.settings) - days + 1
    model, before = row_model(life, first - 1, say), day_of(life, first - 1) if first > 0 else None
    sessions, values = [], []
    broken: dict[str, int] = {}
    for number in range(first, first + days):
        today = day_of(life, number)
        say(
            f"day {number}: {today.stage.lived.num_rows:,} profiles, {draws} draws of luck before each builder's pages"
        )
        made = {name: today.built(name, model) for name in BUILDERS}
        for name, table in made.items():
            for rule, count in today.broken(table).items():
                broken[f"{name}: {rule}"] = broken.get(f"{name}: {rule}", 0) + count
        lived, wanted = _lived(life, today, made, draws)
        sessions.append(lived)
        then = (
            {}
            if before is None
            else {name: _calm(today, before, before.built(name, model)) for name in BUILDERS}
        )
        values.append(
            {name: _metrics(today, made[name], then.get(name), wanted) for name in BUILDERS}
        )
        before = today
    return figures(pa.concat_tables(sessions), values), broken


def figures(sessions: pa.Table, values: list[dict[str, Values]]) -> dict[str, object]:
    """Means and play rates by builder, and what the stagewise page gains in play rate over the other two.

    `sessions` has account_id, arm, taken and sessions; intervals are clustered by account.
    """
    taken, count, account, arm = _summed(sessions)
    found: dict[str, object] = {}
    for name in BUILDERS:
        pooled = {
            m: np.concatenate([day[name][m] for day in values if m in day[name]])
            for m in values[-1][name]
        }
        mine = arm == name
        told = rate(taken[mine], count[mine], account[mine]).named("play_rate")
        renamed = np.where(mine, "pipeline", np.where(arm == "pipeline", "lived", arm))
        found[name] = (
            means(pooled) | told | _gap(taken, count, account, renamed).named("gap_closed")
        )
    for name in (ORACLE, POPULAR):
        mine = arm == name
        found[name] = rate(taken[mine], count[mine], account[mine]).named("play_rate")
    found |= rate_lift(taken, count, account, arm, STAGEWISE, TEMPLATE).named("play_rate_gain")
    found |= rate_lift(taken, count, account, arm, STAGEWISE, INDEPENDENT).named(
        "play_rate_gain_over_independent"
    )
    return found | {"sessions": int(count[arm == STAGEWISE].sum())}


def _gap(taken: Numbers, count: Numbers, account: Words, arm: Words) -> Rate:
    try:
        return gap_closed(taken, count, account, arm)
    except ValueError:  # nothing to close: the oracle is not above popular
        return Rate(np.nan, np.nan, np.nan)


def _summed(sessions: pa.Table) -> tuple[Numbers, Numbers, Words, Words]:
    sums = sessions.group_by(["account_id", "arm"]).aggregate(
        [("taken", "sum"), ("sessions", "sum")]
    )
    sums = sums.sort_by([("account_id", "ascending"), ("arm", "ascending")])
    taken, count = (
        sums[f"{name}_sum"].to_numpy().astype(np.float64) for name in ("taken", "sessions")
    )
    account, arm = (sums[name].to_numpy().astype(str) for name in ("account_id", "arm"))
    return taken, count, account, arm


def _lived(
    life: Life, today: Day, made: dict[str, pa.Table], draws: int
) -> tuple[pa.Table, dict[str, set[str]]]:
    """Sessions and plays from the page by account and arm; and the titles that each profile plays without a page."""
    index = dict(
        zip(
            today.stage.lived["profile_id"].to_pylist(),
            today.stage.lived["index"].to_pylist(),
            strict=True,
        )
    )
    shown = {name: published(table, index) for name, table in made.items()}
    everybody = today.stage.lived.sort_by("index")
    popular, parts = life.popular(today.stage.day), []
    wanted: dict[str, set[str]] = {
        name: set() for name in today.stage.lived["profile_id"].to_pylist()
    }
    for draw in range(draws):
        luck = replace(today.stage.world, seed=today.stage.world.seed + LUCK * draw)
        for name, page in {**shown, NO_PAGE: None}.items():
            arms = ("pipeline", ORACLE, POPULAR) if name == TEMPLATE else ("pipeline",)
            out = living.day(
                luck,
                today.stage.settings,
                today.stage.day,
                everybody.select(["index", "state"]),
                page,
                popular,
                arms,
            )
            if name == NO_PAGE:
                _add_plays(out, wanted)
            else:
                parts.append(_sessions(out, everybody, name))
    return pa.concat_tables(parts), wanted


def _sessions(out: pa.Table, everybody: pa.Table, name: str) -> pa.Table:
    flat = out["measures"].combine_chunks().flatten()
    arm = pc.if_else(pc.equal(flat.field("arm"), "pipeline"), name, flat.field("arm"))
    each = len(flat) // max(out.num_rows, 1)
    account = (
        everybody["account_id"]
        .combine_chunks()
        .take(pa.array(np.repeat(np.arange(out.num_rows), each)))
    )
    columns = {name_: flat.field(name_) for name_ in ("taken", "sessions")}
    return pa.table(
        {"account_id": account.cast(pa.string()), "arm": arm.cast(pa.string()), **columns}
    )


def _add_plays(out: pa.Table, wanted: dict[str, set[str]]) -> None:
    lists = out["events"].combine_chunks()
    owner = pc.list_parent_indices(lists)
    plays = pc.equal(lists.flatten().field("kind"), "play")
    names = out["profile_id"].combine_chunks().take(owner).filter(plays).to_pylist()
    for name, title in zip(
        names, lists.flatten().field("title_id").filter(plays).to_pylist(), strict=True
    ):
        wanted[name].add(title)


def _metrics(
    today: Day, made: pa.Table, before: pa.Table | None, wanted: dict[str, set[str]]
) -> Values:
    """The metrics of one builder's pages of a day, batch by batch."""
    parts = []
    for profiles, _ in today.batches:
        ids = pa.array(profiles.profile_ids, pa.string())
        mine, then = (
            None if t is None else t.filter(pc.is_in(t["profile_id"], ids)) for t in (made, before)
        )
        relevant = _relevant(
            profiles.profile_ids.tolist(), today.catalogue.title_ids.tolist(), wanted
        )
        assert mine is not None
        parts.append(measured(Judged(today.catalogue, profiles, relevant, mine, then)))
    return {metric: np.concatenate([part[metric] for part in parts]) for metric in parts[0]}


def _calm(today: Day, before: Day, made: pa.Table) -> pa.Table:
    """Yesterday's pages of the profiles that played nothing since."""
    return made.filter(
        pc.is_in(made["profile_id"], pa.array(today.calm_since(before), pa.string()))
    )


def _relevant(
    names: list[str], titles: list[str], wanted: dict[str, set[str]]
) -> NDArray[np.bool_]:
    at = {title: place for place, title in enumerate(titles)}
    relevant = np.zeros((len(names), len(titles)), bool)
    for row, name in enumerate(names):
        relevant[row, [at[title] for title in wanted[name] if title in at]] = True
    return relevant
