"""`frontrow whatif`: a variant's pages of past days beside those that the settings of now would make."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import click
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from rich.console import Console
from rich.table import Table

from cli.metrics import choices
from cli.paired_metrics import STRATA, Ruler
from conf.days import days_between, parse_day
from conf.errors import Rejected
from conf.pages import pages
from conf.plain_text import one_line
from jobs.io.progress import progress_printer
from jobs.io.published.simulated import profiles_of_day, share_as_stored, simulated_pages
from studio.reports.changes import asked_changes

BETTER, WORSE, UNTOLD = "better", "worse", "not told apart"
DRY_PROFILES = 20  # whose pages are built before any others


class Yield(NamedTuple):
    """How many pages and rows came out."""

    pages: int
    rows: int

    @classmethod
    def of(cls, page_rows: pa.Table) -> "Yield":
        """What is in records of `drafts`."""
        return cls(pc.count_distinct(page_rows["profile_id"]).as_py(), page_rows.num_rows)


@click.command()
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="PATH=VALUE",
    help="A setting of conf, as rows.kinds.trending.personal_weight=0; may be given more than once.",
)
@click.option(
    "--cell", metavar="EXPERIMENT.CELL", help="The changes of a cell of conf/experiments.yaml."
)
@click.option("--from", "first", required=True, metavar="DAY", help="The first day, YYYY-MM-DD.")
@click.option("--to", "last", metavar="DAY", help="The last day; by default the first.")
@click.option(
    "--by",
    default="all",
    show_default=True,
    help=f"One or more of {', '.join(STRATA)}, separated by commas.",
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
@click.option(
    "--dry-run",
    is_flag=True,
    help="Build a few pages of the first day, tell what all will take, and stop.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def whatif(
    settings: tuple[str, ...],
    cell: str | None,
    first: str,
    last: str | None,
    by: str,
    device: str,
    horizon: int,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Build a variant's pages of past days from what is stored, and compare them with those of now.

    Nothing is written or published. A few pages are built first, and all stops where a variant has
    fewer pages or rows than the audit would let pass. Differences are variant less control, of the
    same profiles, with 95 % intervals clustered by account.

    Example: frontrow whatif --set pages.builder=template --from 2026-01-04 --dry-run
    """
    changes = asked_changes(settings, cell)
    days = list(days_between(parse_day(first, "--from"), parse_day(last or first, "--to")))
    strata = choices(by, STRATA, "--by")
    say = progress_printer(Console(stderr=True), time.monotonic())
    ruler = Ruler(device, horizon, strata)
    figures: dict[str, Any] = {"changes": dict(changes), "days": [day.isoformat() for day in days]}
    figures |= _dry_run(days, changes)
    if not dry_run:
        say(f"all pages will take about {figures['estimated_s']:.0f} s")
        figures |= _simulated(days, changes, ruler, say)
    if as_json:
        print(one_line(json.dumps(figures, ensure_ascii=False)))
    else:
        _print(figures)


def _dry_run(days: list[date], changes: Mapping[str, Any]) -> dict[str, Any]:
    """A few pages of the first day: that they can be built, and how long all will take."""
    everybody = profiles_of_day(days[0])
    few = everybody.slice(0, DRY_PROFILES)
    control = simulated_pages(days[0], few, {})  # compiles what is not compiled yet
    began = time.monotonic()
    variant = simulated_pages(days[0], few, changes)
    spent = time.monotonic() - began
    _enough(Yield.of(variant), Yield.of(control), days[0])
    return {"dry_pages": len(few), "estimated_s": 2 * spent * len(everybody) / len(few) * len(days)}


def _enough(variant: Yield, control: Yield, ds: date) -> None:
    """Raises Rejected where the audit would not let the variant's pages pass beside control's."""
    bounds = pages().audit
    for name, least in (("pages", bounds.least_pages), ("rows", bounds.least_rows)):
        have, usual = getattr(variant, name), getattr(control, name)
        if have < least * usual:
            raise Rejected(
                f"{ds}: the variant has {have} {name} where control has {usual}; nothing more is built"
            )


def _simulated(
    days: list[date], changes: Mapping[str, Any], ruler: Ruler, say: Callable[[str], None]
) -> dict[str, Any]:
    """The pages of all days, and what they are worth."""
    began, total, same = time.monotonic(), 0, []
    for ds in days:
        profiles = profiles_of_day(ds)
        control, variant = (simulated_pages(ds, profiles, made) for made in ({}, changes))
        _enough(Yield.of(variant), Yield.of(control), ds)
        ruler.add(ds, control, variant)
        same.append(share_as_stored(ds, control))
        total += Yield.of(control).pages + Yield.of(variant).pages
        say(
            f"{ds}: {len(profiles)} profiles, {same[-1]:.0%} of control's pages are as they were stored"
        )
    spent = time.monotonic() - began
    measured = ruler.figures()
    return {
        "metrics": measured,
        **({"choice": choice(measured)} if "all" in ruler.strata else {}),
        "first_screens_changed": float(np.concatenate(ruler.changed).mean()),
        "control_as_stored": float(np.mean(same)),
        "pages_per_min": 60 * total / spent,
    }


def choice(measured: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """What the page metrics that changes are chosen by say of all pages: better, worse or untold.

    A variant is taken that is better by the first and not worse by the second.
    """
    selection = pages().selection
    told = {of["metric"]: _told(of) for of in measured if of["stratum"] == "all"}
    by, also = (told.get(name, UNTOLD) for name in (selection.by, selection.may_not_lose))
    take = by == BETTER and also != WORSE
    return {
        selection.by: by,
        selection.may_not_lose: also,
        "take": "variant" if take else "control",
    }


def _told(of: Mapping[str, Any]) -> str:
    low, high = of["difference_low"], of["difference_high"]
    if low is None or high is None or low <= 0 <= high:
        return UNTOLD
    return BETTER if low > 0 else WORSE


def _choice_sentence(chosen: Mapping[str, str]) -> str:
    """What is chosen and by what, for people."""
    (by, of_by), (also, of_also), (_, take) = chosen.items()
    return f"take the {take}: {of_by} by {by}, {of_also} by {also}, which may not be lost"


def _print(figures: Mapping[str, Any]) -> None:
    """The figures as a table."""
    console = Console(highlight=False, markup=False)
    names = (
        "metric",
        "stratum",
        "value",
        "control",
        "variant",
        "difference",
        "95 % interval",
        "pages",
    )
    table = Table(*names, box=None, header_style="bold")
    for of in figures.get("metrics", ()):
        interval = (
            "-"
            if of["difference_low"] is None
            else f"[{of['difference_low']:+.4f}, {of['difference_high']:+.4f}]"
        )
        numbers = (f"{of['control']:.4f}", f"{of['variant']:.4f}", f"{of['difference']:+.4f}")
        table.add_row(
            of["metric"], of["stratum"], of["value"], *numbers, interval, str(of["pages"])
        )
    if table.row_count:
        console.print(table)
        if "choice" in figures:
            console.print(_choice_sentence(figures["choice"]))
        changed, same = figures["first_screens_changed"], figures["control_as_stored"]
        console.print(f"first screens changed: {changed:.0%}; control as it was stored: {same:.0%}")
    else:
        console.print(
            f"dry run: {figures['dry_pages']} pages could be built; all will take about {figures['estimated_s']:.0f} s"
        )
