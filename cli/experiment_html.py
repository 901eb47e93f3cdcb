"""The decision report of an experiment: one page of HTML that loads nothing."""

# Tested by tests/jobs/test_analyse_experiments.py.

from datetime import datetime
from html import escape

from experiments.analysis.effects import Effect
from jobs.analyse_experiments import Analysis

WIDTH, ROW = 420, 26  # of the plot, in pixels
STYLE = """
:root{color-scheme:light dark;--line:#8888;--good:#1a7f37;--bad:#c4320a}
body{font:16px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem;margin:0}p.verdict{font-size:1.2rem}
table{border-collapse:collapse;width:100%}td,th{padding:.3rem .6rem;border-bottom:1px solid var(--line);text-align:left}
td.n{text-align:right;font-variant-numeric:tabular-nums}.alarm{color:var(--bad);font-weight:600}
svg{display:block;max-width:100%}code{font-size:.9em}
"""


def report_html(found: Analysis, written_at: datetime) -> str:
    """What was declared, who was in it, and every metric with its interval."""
    experiment = found.decision.experiment
    title = escape(found.decision.name)
    shown = sorted(found.effects, key=lambda each: (_ORDER[found.role(each.metric)], each.cell))
    alarm = ""
    if found.is_mismatched:
        alarm = f'<p class="alarm">Sample ratio alarm: p {found.ratio_p:.2g}. No figure below counts.</p>'
    return f"""<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title><style>{STYLE}</style>
<main><h1>{title}</h1><p>{escape(experiment.about)}</p>
<p class="verdict">{escape(found.verdict)}</p>{alarm}
<h2>Against {escape(experiment.control)}</h2>
{_plot(found, shown)}
<table><thead><tr><th>metric<th>role<th>cell<th>control<th>cell<th>change<th>95 % interval<th>p</thead>
<tbody>{"".join(_row(found, each) for each in shown)}</tbody></table>
<p>Intervals are of a look that was planned. p-values are not corrected for the other metrics.</p>
<h2>Who</h2>
<table><thead><tr><th>cell<th>share<th>units<th>changes</thead><tbody>{_cells(found)}</tbody></table>
<p>Sample ratio: p {found.ratio_p:.3f}. Units are {experiment.unit}s; {experiment.size} a cell were declared.</p>
<h2>Declared before the data</h2>
<p>From {experiment.start} until {experiment.end}, in layer {escape(experiment.layer)}. Decided by
<code>{escape(experiment.metric)}</code>; guardrails: {escape(", ".join(experiment.guardrails) or "none")}.
Children's profiles: {experiment.kids}; new members: {experiment.new}.</p>
<p><small>Plays until {found.until}; written {written_at:%Y-%m-%d %H:%M} UTC.</small></p></main></html>
"""


_ORDER = {"metric": 0, "guardrail": 1, "other": 2}


def _row(found: Analysis, each: Effect) -> str:
    interval = f"{each.relative_low:+.2%} to {each.relative_high:+.2%}"
    return (
        f"<tr><td>{escape(each.metric)}<td>{found.role(each.metric)}<td>{escape(each.cell)}"
        f'<td class="n">{each.control_value:.4g}<td class="n">{each.cell_value:.4g}'
        f'<td class="n">{each.relative:+.2%}<td class="n">{interval}<td class="n">{each.p:.3f}'
    )


def _cells(found: Analysis) -> str:
    rows = []
    for name, cell in found.decision.experiment.cells.items():
        changes = ", ".join(f"{path}: {value}" for path, value in cell.changes.items())
        rows.append(
            f'<tr><td>{escape(name)}<td class="n">{cell.share:.0%}<td class="n">{found.units[name]}'
            f"<td><code>{escape(changes or 'as it is')}</code>"
        )
    return "".join(rows)


def _plot(found: Analysis, shown: list[Effect]) -> str:
    """Each interval as a line around its estimate, beside no change."""
    drawn = [each for each in shown if -1e6 < each.relative_low <= each.relative_high < 1e6]
    reach = (
        max(
            (abs(end) for each in drawn for end in (each.relative_low, each.relative_high)),
            default=1,
        )
        or 1
    )
    height = ROW * (len(drawn) + 1)
    middle, scale = 180 + WIDTH / 2, WIDTH / 2 / reach
    lines = [f'<line x1="{middle}" x2="{middle}" y1="0" y2="{height - ROW}" stroke="var(--line)"/>']
    for number, each in enumerate(drawn):
        y = ROW * (number + 0.6)
        low, high = (middle + scale * end for end in (each.relative_low, each.relative_high))
        colour = (
            "var(--good)"
            if each.relative_low > 0
            else "var(--bad)"
            if each.relative_high < 0
            else "currentColor"
        )
        label = escape(f"{each.metric}, {each.cell}")
        lines.append(
            f'<text x="0" y="{y + 4:.0f}" fill="currentColor" font-size="13">{label}</text>'
            f'<line x1="{low:.1f}" x2="{high:.1f}" y1="{y:.1f}" y2="{y:.1f}" stroke="{colour}" stroke-width="2"/>'
            f'<circle cx="{middle + scale * each.relative:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>'
        )
    lines.append(
        f'<text x="{middle}" y="{height - 6}" text-anchor="middle" fill="currentColor" font-size="12">'
        f"change, up to {reach:.1%} either way</text>"
    )
    about = f"Changes against control of {len(drawn)} metrics with their intervals"
    return f'<svg viewBox="0 0 {180 + WIDTH} {height}" role="img" aria-label="{about}">{"".join(lines)}</svg>'
