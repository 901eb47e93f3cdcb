"""The report of the simulated world: one page of HTML with its plots inside, which fetches and runs nothing."""

import io
import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pyarrow as pa
import pyarrow.compute as pc
from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup, escape
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure as Drawing
from matplotlib.ticker import MaxNLocator

from closed_loop import figures
from closed_loop.validation import RealityCheck
from conf.errors import UserMistake
from experiments.metrics.rates import Rate

PAGE = "world.html"
# Told apart by colour (Okabe and Ito's, safe for the colour-blind), dashes and marks.
LOOKS: dict[str, dict[str, Any]] = {
    "pipeline": {"color": "#0072b2", "linestyle": "-", "marker": "o"},
    "popular": {"color": "#d55e00", "linestyle": "--", "marker": "s"},
    "random": {"color": "#555555", "linestyle": ":", "marker": "^"},
    "oracle": {"color": "#009e73", "linestyle": "-.", "marker": "D"},
}
DRAWN: dict[Any, Any] = {
    "svg.hashsalt": "frontrow",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.3,
}
UNSAID = {"Date": None, "Creator": None, "Format": None, "Type": None}
MANY_DAYS = 40  # beyond which marks would run into each other


def write_report(measures: pa.Table, validation: Sequence[RealityCheck], folder: Path) -> Path:
    """Write `world.html` into the folder: figures by day and arm, the last three days, and how real the world is.

    `measures` has one row for each day, profile and arm with a session.
    """
    if not len(measures):
        raise UserMistake(
            "there is nothing to report: nobody came yet; live more days or more members"
        )
    path = folder / PAGE
    path.parent.mkdir(parents=True, exist_ok=True)
    page = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True
    ).get_template("report.html")
    path.write_text(page.render(_template_values(measures, validation)), encoding="utf-8")
    return path


def _template_values(measures: pa.Table, validation: Sequence[RealityCheck]) -> dict[str, Any]:
    """What `report.html` shows, by the names that it uses."""
    arms, days = figures.arms_of(measures), figures.days_of(measures)
    recent = days[-figures.RECENT_DAYS :]
    recent_measures = figures.part(measures, recent)
    return {
        "days": len(days),
        "last": days[-1],
        "arms": arms,
        "validation": [_compared(check) for check in validation],
        "profiles": pc.count_distinct(measures["profile_id"]).as_py(),
        "accounts": pc.count_distinct(measures["account_id"]).as_py(),
        "plots": _plots(measures, arms, days),
        "recent": _days_in_words(recent),
        "table": _table(recent_measures, arms, recent),
        "apart": _arm_differences(recent_measures, arms),
    }


def _days_in_words(days: list[int]) -> str:
    if len(days) == 1:
        return f"Day {days[0]}"
    return f"The last {len(days)} days, {days[0]} to {days[-1]}"


def _plots(measures: pa.Table, arms: list[str], days: list[int]) -> list[dict[str, Any]]:
    each = [figures.part(measures, [day]) for day in days]
    parts = {
        arm: [figures.part(rows, [day], arm) for day, rows in zip(days, each, strict=True)]
        for arm in arms
    }
    plots = []
    for figure in figures.FIGURES:
        lines = {arm: [figures.figure_rate(figure, rows) for rows in parts[arm]] for arm in arms}
        plots.append(_plot(figure.name, figure.about, figure.unit, days, lines))
    spreads = {
        arm: [Rate(figures.spread(rows), math.nan, math.nan) for rows in parts[arm]] for arm in arms
    }
    return [*plots, _plot(*figures.SPREAD, "", days, spreads)]


def _plot(
    name: str, about: str, unit: str, days: list[int], lines: dict[str, list[Rate]]
) -> dict[str, Any]:
    last = ", ".join(f"{arm} {_number(values[-1].value, unit)}" for arm, values in lines.items())
    return {
        "name": name,
        "about": about,
        "svg": _svg(name, f"On day {days[-1]}: {last}.", unit, days, lines),
    }


def _svg(name: str, said: str, unit: str, days: list[int], lines: dict[str, list[Rate]]) -> Markup:
    """The lines as an SVG element with a title and a description; the same lines give the same text."""
    with mpl.rc_context(DRAWN):
        drawing = Drawing(figsize=(4.6, 3.2))
        axes = drawing.subplots(
            gridspec_kw={"left": 0.13, "right": 0.98, "top": 0.97, "bottom": 0.25}
        )
        for arm, values in lines.items():
            _draw(axes, arm, days, values)
        axes.set_xlabel("day")
        axes.set_ylabel(unit)
        axes.set_ylim(bottom=0)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        drawing.legend(
            loc="lower center", ncols=4, frameon=False, handlelength=1.6, columnspacing=0.9
        )
        text = io.StringIO()
        FigureCanvasSVG(drawing).print_svg(text, metadata=UNSAID)
    return _inline(text.getvalue(), name, said)


def _draw(axes: Any, arm: str, days: list[int], values: list[Rate]) -> None:
    look = LOOKS[arm] if len(days) <= MANY_DAYS else {**LOOKS[arm], "marker": ""}
    axes.plot(days, [each.value for each in values], label=arm, linewidth=1.6, markersize=4, **look)
    low, high = [each.low for each in values], [each.high for each in values]
    axes.fill_between(days, low, high, color=look["color"], alpha=0.15, linewidth=0)


def _inline(svg: str, name: str, said: str) -> Markup:
    """The SVG without what only a file needs, ids made its own, with a text for those who do not see it."""
    slug = re.sub(r"[^a-z]+", "-", name.lower())
    body = svg[svg.index(">", svg.index("<svg")) + 1 :]
    body = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", body, flags=re.DOTALL)
    body = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{slug}-", body)
    width, height = re.findall(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)[0]
    return Markup(
        f'<svg viewBox="0 0 {width} {height}" role="img" aria-labelledby="{slug}-title {slug}-text">'
        f'<title id="{slug}-title">{escape(name)}</title><desc id="{slug}-text">{escape(said)}</desc>{body.strip()}'
    )


def _table(measures: pa.Table, arms: list[str], days: list[int]) -> list[dict[str, Any]]:
    parts = {arm: figures.part(measures, days, arm) for arm in arms}
    rows = [
        {
            "name": figure.name,
            "cells": [_cell(figures.figure_rate(figure, parts[arm]), figure.unit) for arm in arms],
        }
        for figure in (*figures.FIGURES, figures.ILLEGAL)
    ]
    spread = [_cell(Rate(figures.spread(parts[arm]), math.nan, math.nan), "") for arm in arms]
    return [*rows, {"name": figures.SPREAD[0], "cells": spread}]


def _arm_differences(measures: pa.Table, arms: list[str]) -> list[dict[str, Any]]:
    """What sets arms apart, where they were measured; what cannot be told says why."""
    rows = [
        {
            "name": f"{first} above {second}",
            "cell": _cell(
                _percent(figures.play_rate_difference(measures, first, second)), "points"
            ),
        }
        for first, second in (("popular", "random"), ("pipeline", "popular"), ("oracle", "popular"))
        if {first, second} <= set(arms)
    ]
    if {"pipeline", "popular", "oracle"} <= set(arms):
        rows.append(
            {
                "name": "gap closed: (pipeline - popular) / (oracle - popular)",
                "cell": _gap(measures),
            }
        )
    return rows


def _gap(measures: pa.Table) -> dict[str, str]:
    try:
        return _cell(_percent(figures.gap(measures)), "%")
    except ValueError as error:
        return {"value": "not told", "interval": str(error)}


def _percent(share: Rate) -> Rate:
    return Rate(*(100 * end for end in share))


def _cell(value: Rate, unit: str) -> dict[str, str]:
    if math.isfinite(value.low):
        return {
            "value": _number(value.value, unit),
            "interval": f"{_digits(value.low)} to {_digits(value.high)}",
        }
    return {
        "value": _number(value.value, unit),
        "interval": "no interval" if math.isnan(value.low) else "unbounded",
    }


def _number(value: float, unit: str) -> str:
    return "none" if math.isnan(value) else f"{_digits(value)} {unit}".strip()


def _digits(value: float) -> str:
    """Three digits, or all before the point."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _compared(check: RealityCheck) -> dict[str, str]:
    """A check in words."""
    bounds = f"{check.low:g} to {check.high:g}"
    if check.high == math.inf:
        bounds = f"at least {check.low:g}"
    return {
        "figure": check.figure,
        "real": "none found" if check.real is None else _digits(check.real),
        "off": _deviation(check),
        "simulated": _number(check.simulated, ""),
        "verdict": _verdict(check),
        "source": check.source,
        "range": "" if check.inside is None else bounds,
    }


def _deviation(check: RealityCheck) -> str:
    """How far the simulated figure is off the real one; empty where there is none."""
    if check.off is None or math.isnan(check.off):
        return ""
    return f"{check.off:+.2f}" if check.kind == "difference" else f"x {check.off:.2f}"


def _verdict(check: RealityCheck) -> str:
    """Whether the figure lies in its range, or why that is not known."""
    if check.inside is None:
        return "not told" if math.isnan(check.simulated) else "no range"
    return "yes" if check.inside else "no"
