"""`frontrow metrics`: figures of the published pages of a day, by builder and stratum, without building them again."""

import json
from collections.abc import Iterator
from datetime import date, timedelta

import click
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from cli.page_metrics import METRICS, Shown
from conf.days import end_of, parse_day
from conf.errors import Rejected, UserMistake
from conf.pages import Device, pages
from conf.rows import rows
from experiments.metrics.catalogue import (
    catalogue_coverage,
    effective_size,
    exposure,
    gini,
    kind_shares,
    share_of,
)
from experiments.metrics.rates import Rate, rate
from jobs.io.published import homepage
from jobs.io.published.facts import Facts, Members, facts_of, members_of
from jobs.io.published.grids import Pages, stored_pages
from jobs.io.published.navigation import fitted

STRATA = ("all", "builder", "country", "tenure", "kids")
Told = dict[tuple[str, str, str], tuple[list[NDArray[np.float64]], list[NDArray[np.object_]]]]


@click.command()
@click.option(
    "--ds",
    default=None,
    metavar="DAY",
    help="The day, YYYY-MM-DD; by default the newest published one.",
)
@click.option(
    "--by",
    default="all",
    show_default=True,
    help=f"One or more of {', '.join(STRATA)}, with commas.",
)
@click.option(
    "--metric", "names", multiple=True, help="Only this metric; may be given more than once."
)
@click.option(
    "--device", default="tv", show_default=True, help="tv, web or phone: what it shows is measured."
)
@click.option(
    "--horizon",
    type=click.IntRange(1),
    default=7,
    show_default=True,
    help="Days after whose plays count.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def metrics(
    ds: str | None, by: str, names: tuple[str, ...], device: str, horizon: int, as_json: bool
) -> None:
    """Measure the published pages of a day: what they hold, and what members played after them.

    A metric of what was played is told of members who played something new in the days after. Intervals are 95 %,
    clustered by account.

    Example: frontrow metrics --by builder,kids --metric recall_3x4
    """
    strata = _asked(by, STRATA, "--by")
    wanted = _asked(",".join(names or METRICS), tuple(METRICS), "--metric")
    day = parse_day(ds) if ds else max(receipt.ds for receipt in homepage.published())
    facts, screen = facts_of(day, pages().exploration.days), pages().device(device)
    told, seen, kinds = _measured(day, facts, screen, horizon, strata, wanted)
    found = {
        "ds": day.isoformat(),
        "device": device,
        "horizon_days": horizon,
        "pages": [_figure(key, *told[key]) for key in sorted(told)],
        "catalogue": _of_catalogue(seen, facts),
        "row_kinds": kind_shares(kinds),
        "navigation": fitted(day, pages()),
    }
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        _show(found)


def _asked(text: str, known: tuple[str, ...], option: str) -> list[str]:
    given = [part.strip() for part in text.split(",") if part.strip()]
    if unknown := [part for part in given if part not in known]:
        raise UserMistake(f"{option} {unknown[0]!r}: choose from {', '.join(known)}")
    return given


def _measured(
    day: date, facts: Facts, screen: Device, horizon: int, strata: list[str], wanted: list[str]
) -> tuple[Told, NDArray[np.float64], NDArray[np.object_]]:
    """The values of each metric and stratum, how often each title is seen, and the kinds of all rows."""
    told: Told = {}
    seen, kinds = np.zeros(len(facts.title_ids)), []
    for some, shown, members in _shown(day, facts, screen, horizon):
        seen += exposure(shown.grid, shown.eye.seen(*shown.grid.shape[1:]), len(seen))
        kinds.append(some.kinds[some.kinds != ""])
        for metric in wanted:
            values = METRICS[metric](shown)
            for stratum in strata:
                for value in np.unique(members.strata[stratum]):
                    mine = (members.strata[stratum] == value) & ~np.isnan(values)
                    parts = told.setdefault((metric, stratum, str(value)), ([], []))
                    parts[0].append(values[mine])
                    parts[1].append(members.account[mine])
    return told, seen, np.concatenate(kinds) if kinds else np.array([], object)


def _shown(
    day: date, facts: Facts, screen: Device, horizon: int
) -> Iterator[tuple[Pages, Shown, Members]]:
    """The pages of some members at a time with everything that metrics ask for."""
    free = frozenset(name for name, kind in rows().kinds.items() if kind.may_repeat)
    before = _day_before(day, facts, screen)
    none = np.full((screen.screen_rows, screen.screen_columns), -1, np.int32)
    for some in stored_pages(day, facts.title_ids, screen.rows, screen.columns):
        members = members_of(
            some.profile_ids, some.builder, facts, day, end_of(day + timedelta(days=horizon))
        )
        then = np.stack([before.get(name, none) for name in some.profile_ids])
        known = (members.relevant, members.own, facts.genres, facts.fresh)
        shown = Shown(some.grid, some.kinds, free, then, *known, screen)
        yield some, shown, members


def _day_before(day: date, facts: Facts, screen: Device) -> dict[str, NDArray[np.int32]]:
    """The first screens of the day before by profile; none where it was not published or is not to be trusted."""
    try:
        parts = list(
            stored_pages(
                day - timedelta(days=1), facts.title_ids, screen.screen_rows, screen.screen_columns
            )
        )
    except (UserMistake, Rejected):
        return {}
    return {
        name: grid for part in parts for name, grid in zip(part.profile_ids, part.grid, strict=True)
    }


def _figure(
    key: tuple[str, str, str],
    values: list[NDArray[np.float64]],
    accounts: list[NDArray[np.object_]],
) -> dict[str, object]:
    all_, account = np.concatenate(values), np.concatenate(accounts).astype(str)
    found = rate(all_, np.ones(len(all_)), account) if len(all_) else Rate(np.nan, np.nan, np.nan)
    mean, low, high = (None if np.isnan(end) else end for end in found)
    told = dict(zip(("metric", "stratum", "value"), key, strict=True))
    return {**told, "mean": mean, "low": low, "high": high, "pages": len(all_)}


def _of_catalogue(seen: NDArray[np.float64], facts: Facts) -> dict[str, float]:
    """How exposure spreads: by the declared navigation model, over all pages."""
    return {
        "coverage": catalogue_coverage(seen),
        "exposure_gini": gini(seen),
        "effective_catalogue_size": effective_size(seen),
        "exposure_of_new_titles": share_of(seen, facts.fresh),
        "titles": float(len(seen)),
    }


def _show(found: dict[str, object]) -> None:
    console = Console(highlight=False)
    table = Table(
        "metric",
        "stratum",
        "value",
        "mean",
        "95 % interval",
        "pages",
        box=None,
        header_style="bold",
    )
    figures: list[dict[str, object]] = found["pages"]  # type: ignore[assignment]
    for one in figures:
        ends = "-" if one["low"] is None else f"[{one['low']:.4f}, {one['high']:.4f}]"
        mean = "-" if one["mean"] is None else f"{one['mean']:.4f}"
        table.add_row(
            *(str(one[name]) for name in ("metric", "stratum", "value")),
            mean,
            ends,
            str(one["pages"]),
        )
    console.print(
        f"pages of {found['ds']} on {found['device']}, plays of the {found['horizon_days']} days after"
    )
    console.print(table)
    for name in ("catalogue", "row_kinds"):
        part: dict[str, float] = found[name]  # type: ignore[assignment]
        console.print(
            f"{name}: " + ", ".join(f"{key} {value:.4g}" for key, value in part.items()),
            soft_wrap=True,
        )
    eyes: dict[str, dict[str, float]] = found["navigation"]  # type: ignore[assignment]
    for name, eye in eyes.items():
        told = ", ".join(f"{key} {value:.4g}" for key, value in eye.items())
        console.print(f"navigation on {name}: {told}", soft_wrap=True)
