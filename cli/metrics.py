"""`frontrow metrics`: figures of a day's published pages, without building them again."""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from cli.page_metrics import METRICS, DevicePages
from conf.days import end_of, parse_day
from conf.errors import Rejected, UserMistake
from conf.pages import Device, pages
from conf.plain_text import one_line
from experiments.metrics.catalogue import (
    catalogue_coverage,
    effective_size,
    exposure,
    gini,
    kind_shares,
    share_of,
)
from experiments.metrics.rates import UNDEFINED, rate
from jobs.io.experiments.added_kinds import reader_rows
from jobs.io.published import homepage
from jobs.io.published.facts import DayCatalogue, ProfileFacts, day_catalogue, profile_facts
from jobs.io.published.grids import PageGrids, stored_pages
from jobs.io.published.navigation import fitted_navigation
from jobs.io.tables import arrow as arrow_tables

STRATA = ("all", "builder", "country", "tenure", "kids")
Group = tuple[str, str, str]  # a metric, a stratum such as kids, and a value of it


@dataclass
class Sample:
    """The values of one metric in one group of profiles, and the account of each, in parts."""

    values: list[NDArray[np.float64]] = field(default_factory=list)
    accounts: list[NDArray[np.object_]] = field(default_factory=list)


@dataclass(frozen=True)
class Day:
    """What is measured: the pages of a day on a device, and the plays of the days after."""

    ds: date
    device: Device
    horizon_days: int
    facts: DayCatalogue


@dataclass
class Measurement:
    """The values of a day's pages by group, the exposure of each title, and the kind of each row."""

    samples: defaultdict[Group, Sample]
    exposure: NDArray[np.float64]  # (t,)
    row_kinds: list[NDArray[np.object_]]


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
    help=f"One or more of {', '.join(STRATA)}, separated by commas.",
)
@click.option(
    "--metric",
    "names",
    multiple=True,
    help=f"Only this metric; may be given more than once. One of {', '.join(METRICS)}.",
)
@click.option(
    "--device", default="tv", show_default=True, help="tv, web or phone: what it shows is measured."
)
@click.option(
    "--horizon",
    type=click.IntRange(1),
    default=7,
    show_default=True,
    help="Days after the page whose plays count.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def metrics(
    ds: str | None, by: str, names: tuple[str, ...], device: str, horizon: int, as_json: bool
) -> None:
    """Measure the published pages of a day: what they hold, and what was played after them.

    Metrics of plays are means over the profiles that played something new in the days after.
    Intervals are 95 %, clustered by account.

    Example: frontrow metrics --by builder,kids --metric recall_3x4
    """
    strata = choices(by, STRATA, "--by")
    metric_names = choices(",".join(names or METRICS), tuple(METRICS), "--metric")
    published_day = parse_day(ds) if ds else _newest_published_day()
    facts = day_catalogue(published_day, pages().exploration.days)
    day = Day(published_day, pages().device(device), horizon, facts)
    measurement = _measure(day, strata, metric_names)
    groups = sorted(measurement.samples.items())
    row_kinds = np.concatenate([np.array([], object), *measurement.row_kinds])
    figures = {
        "ds": day.ds.isoformat(),
        "device": device,
        "horizon_days": horizon,
        "pages": [_figure(group, sample) for group, sample in groups],
        "catalogue": _catalogue_figures(measurement.exposure, facts),
        "row_kinds": kind_shares(row_kinds),
        "navigation": fitted_navigation(day.ds, pages()),
        "log_until": _log_until(),
    }
    if as_json:
        print(one_line(json.dumps(figures, ensure_ascii=False)))
    else:
        _print_figures(figures)


def _newest_published_day() -> date:
    return homepage.newest_day(homepage.publication_receipts())


def _log_until() -> str | None:
    """The last day of which events were landed."""
    table = arrow_tables.open_table("events")
    parts = [] if table is None else table.partitions()
    days = [part["ds"] for part in parts if part.get("ds")]
    return max(days, default=None)


def choices(text: str, allowed: tuple[str, ...], option: str) -> list[str]:
    """The names in a text separated by commas; one that is not allowed is the user's mistake."""
    names = [part.strip() for part in text.split(",") if part.strip()]
    for name in names:
        if name not in allowed:
            raise UserMistake(f"{option} {name!r}: choose from {', '.join(allowed)}")
    return names


def _measure(day: Day, strata: list[str], metric_names: list[str]) -> Measurement:
    """The values of each metric, by stratum and its values, over all pages of the day."""
    title_count = len(day.facts.title_ids)
    total = Measurement(defaultdict(Sample), np.zeros(title_count), [])
    for batch, shown_pages, profiles in _device_pages(day):
        grid = shown_pages.grid
        chances = shown_pages.navigation.seen(*grid.shape[1:])
        total.exposure += exposure(grid, chances, title_count)
        total.row_kinds.append(batch.kinds[batch.kinds != ""])
        for name in metric_names:
            values = METRICS[name](shown_pages)
            for stratum in strata:
                _add_values(total.samples, name, stratum, values, profiles)
    return total


def _add_values(
    samples: defaultdict[Group, Sample],
    name: str,
    stratum: str,
    values: NDArray[np.float64],
    profiles: ProfileFacts,
) -> None:
    """Add the values (p,) of a metric to the sample of each value of a stratum, nan left out."""
    stratum_values = profiles.strata[stratum]
    for stratum_value in np.unique(stratum_values):
        in_group = (stratum_values == stratum_value) & ~np.isnan(values)
        sample = samples[name, stratum, str(stratum_value)]
        sample.values.append(values[in_group])
        sample.accounts.append(profiles.account[in_group])


def _device_pages(day: Day) -> Iterator[tuple[PageGrids, DevicePages, ProfileFacts]]:
    """The pages of some profiles at a time with everything that metrics need."""
    facts, device = day.facts, day.device
    until = end_of(day.ds + timedelta(days=day.horizon_days))
    repeatable = frozenset(name for name, kind in reader_rows().kinds.items() if kind.may_repeat)
    screens_before = _screens_of_day_before(day)
    no_screen = np.full((device.screen_rows, device.screen_columns), -1, np.int32)
    for batch in stored_pages(day.ds, facts.title_ids, device.rows, device.columns):
        profiles = profile_facts(batch.profile_ids, batch.builder, facts, day.ds, until)
        before = [screens_before.get(profile_id, no_screen) for profile_id in batch.profile_ids]
        device_pages = DevicePages(
            grid=batch.grid,
            kinds=batch.kinds,
            repeatable=repeatable,
            day_before=np.stack(before),
            relevant=profiles.relevant,
            played=profiles.played,
            own_genres=profiles.own,
            genres=facts.genres,
            new_titles=facts.fresh,
            device=device,
        )
        yield batch, device_pages, profiles


def _screens_of_day_before(day: Day) -> dict[str, NDArray[np.int32]]:
    """The first screens of the day before by profile.

    None where that day was not published, or is not what its receipt says.
    """
    device = day.device
    day_before = day.ds - timedelta(days=1)
    screens: dict[str, NDArray[np.int32]] = {}
    try:
        for batch in stored_pages(
            day_before, day.facts.title_ids, device.screen_rows, device.screen_columns
        ):
            screens.update(zip(batch.profile_ids, batch.grid, strict=True))
    except (UserMistake, Rejected):
        return {}
    return screens


def _figure(group: Group, sample: Sample) -> dict[str, object]:
    """The mean of a sample with its interval; None where it has no values."""
    name, stratum, stratum_value = group
    values = np.concatenate(sample.values)
    accounts = np.concatenate(sample.accounts).astype(str)
    mean = rate(values, np.ones(len(values)), accounts) if len(values) else UNDEFINED
    return {
        "metric": name,
        "stratum": stratum,
        "value": stratum_value,
        "mean": _number(mean.value),
        "low": _number(mean.low),
        "high": _number(mean.high),
        "pages": len(values),
    }


def _number(value: float) -> float | None:
    return None if np.isnan(value) else value


def _catalogue_figures(
    title_exposure: NDArray[np.float64], facts: DayCatalogue
) -> dict[str, float]:
    """How exposure spreads over titles: by the declared navigation model, over all pages."""
    return {
        "coverage": catalogue_coverage(title_exposure),
        "exposure_gini": gini(title_exposure),
        "effective_catalogue_size": effective_size(title_exposure),
        "exposure_of_new_titles": share_of(title_exposure, facts.fresh),
        "titles": float(len(title_exposure)),
    }


def _print_figures(figures: dict[str, Any]) -> None:
    console = Console(highlight=False)
    names = ("metric", "stratum", "value", "mean", "95 % interval", "pages")
    table = Table(*names, box=None, header_style="bold")
    for figure in figures["pages"]:
        mean, interval = "-", "-"
        if figure["mean"] is not None:
            mean = f"{figure['mean']:.4f}"
        if figure["low"] is not None:
            interval = f"[{figure['low']:.4f}, {figure['high']:.4f}]"
        group = (figure["metric"], figure["stratum"], figure["value"])
        table.add_row(*group, mean, interval, str(figure["pages"]))
    head = f"pages of {figures['ds']} on {figures['device']}"
    console.print(f"{head}, plays of the {figures['horizon_days']} days after")
    console.print(table)
    if figures["log_until"] and figures["log_until"] <= figures["ds"]:
        console.print(
            f"No play after {figures['ds']} is in the log, which ends {figures['log_until']}: what"
            " plays tell is not known yet (-); an earlier --ds has it",
            soft_wrap=True,
        )
    for name in ("catalogue", "row_kinds"):
        console.print(f"{name}: {_one_line(figures[name])}", soft_wrap=True)
    for device, chances in figures["navigation"].items():
        console.print(f"navigation on {device}: {_one_line(chances)}", soft_wrap=True)


def _one_line(values: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.4g}" for name, value in values.items())
