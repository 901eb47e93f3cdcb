"""The tables of docs/scale.md, made from the figures of one run of `frontrow bench scale`.

The figures stand beside the page in docs/scale.json: a copy of var/bench/scale.json of the run that
the page tells of. The page is written by hand but for the parts between two marks.
"""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

Run = Mapping[str, Any]
MARK = re.compile(r"(<!-- made from scale\.json: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
CAPACITIES = (1_000_000, 57_000_000, 100_000_000)
KEPT = ("build_profile_features", "assemble_drafts", "publish_homepage_rows")  # by profile
HOUR_S = 3600
NOT_MEASURED = "not measured"
GOALS: tuple[tuple[str, str, str], ...] = (
    ("pages_per_cpu_s", ">= 500", "whole pages a CPU second, features to published rows"),
    ("assemble_pages_per_cpu_s", ">= 1,000", "the same, of `assemble_drafts` alone"),
    ("core_hours_per_100m_pages", "<= 56", "core-hours of 100 million pages, without fixed costs"),
    ("growth_exponent", "<= 1.03", "how a night grows with members"),
    ("titles_exponent", "<= .5", "how the cost of a page grows with titles"),
    ("history_ratio", "<= 1.1", "a night after the longest log over one after the shortest"),
    ("tick_share", "<= .03", "a tick that touched 1 % over a night"),
    ("land_records_per_cpu_s", ">= 100,000", "landed records a CPU second, the slower format"),
    ("als_recommend_all_ratio", ">= 1", "our pages over MLlib's flat lists of 300, by CPU second"),
    ("scorer_ratio", ">= 10", "rows a CPU second of our trees over LightGBM's"),
    ("orchestration_ratio", "<= 1.3", "a night by Airflow over one process, on the clock"),
    ("train_speedup_2_tasks", ">= 1.3", "training by two tasks"),
    ("train_metric_delta", "<= .003", "what that loses of nDCG@10"),
    ("pages_equal", "true", "pages by workers' files and by Spark's writer have one hash"),
)


def scale_page(text: str, run: Run) -> str:
    """The page with each table made anew; `text` is the page as it stands."""
    return MARK.sub(lambda part: f"{part[1]}{PARTS[part[2]](run)}\n{part[3]}", text)


def figures_of(path: Path) -> Run:
    """The figures of the run that the page tells of."""
    run: Run = json.loads(path.read_text(encoding="utf-8"))
    return run


def basis(run: Run) -> str:
    """What was measured, and on which machine."""
    if not run["members"]:
        return (
            "No night is in these figures yet: only what a floor and the scorer of trees cost on"
            f" {run['cores']} shared cores of a machine with {run['memory_gb']:g} GB ({run['cpu']}),"
            " while other programs used them."
        )
    sizes = run.get("job_sizes", [])
    crossed = (
        " The smallest is a small job to Spark and the largest a large one (`conf/job_size.py`), so"
        " the slopes have that change in them."
        if len(set(sizes)) > 1
        else ""
    )
    members = ", ".join(f"{count:,}" for count in run["members"])
    trees = "; ".join(
        f"`{name}` {shape['trees']} trees of up to {shape['leaves']} leaves"
        for name, shape in run["rankers"].items()
    )
    return (
        f"Services of {members} members, each with {run['titles']:,} titles, {run['days']} days of"
        f" log and {run['plays_a_profile']} plays a profile, on {run['cores']} shared cores of a"
        f" machine with {run['memory_gb']:g} GB ({run['cpu']}). Rankers: {trees}.{crossed}"
    )


def goals(run: Run) -> str:
    """Each figure beside what it is to reach."""
    lines = ["| figure | measured | to reach | what it is |", "|---|---|---|---|"]
    for name, goal, about in GOALS:
        lines.append(f"| `{name}` | {number(run.get(name))} | {goal} | {about} |")
    return "\n".join(lines)


def slopes(run: Run) -> str:
    """Of each job the fixed cost, the cost of a page, and its multiple of the floor."""
    if not run["slopes"]:
        return NOT_MEASURED
    last = run["nights"][len(run["members"]) - 1]
    lines = [
        "| job | fixed CPU s | CPU ms a page | times its floor | bytes a page | peak MB |",
        "|---|---|---|---|---|---|",
    ]
    for job, slope in run["slopes"].items():
        cells = [
            number(slope["fixed_cpu_s"]),
            number(slope["ms_per_page"]),
            number(slope["floor_ratio"]) if slope["floor_ratio"] else "",
            number(slope["bytes_per_page"]),
            number(last["stages"][job]["peak_rss_mb"]),
        ]
        lines.append(f"| `{job}` | {' | '.join(cells)} |")
    return "\n".join(lines)


def capacity(run: Run) -> str:
    """What larger services would take, if the slopes hold: nothing of it was measured."""
    if not run["slopes"]:
        return NOT_MEASURED
    lines = [
        "| members | core-hours a night | on 100 cores | kept a night | log | scratch |",
        "|---|---|---|---|---|---|",
    ]
    small, last = (run["nights"][place] for place in (0, len(run["members"]) - 1))
    page_s = sum(slope["ms_per_page"] for slope in run["slopes"].values()) / 1000
    fixed_s = sum(slope["fixed_cpu_s"] for slope in run["slopes"].values())
    kept = sum(run["slopes"][job]["bytes_per_page"] for job in KEPT)
    log = run["slope_of_log_bytes"]
    scratch = max(
        (stage["peak_scratch_mb"] - small["stages"][job]["peak_scratch_mb"]) * 2**20
        for job, stage in last["stages"].items()
    ) / (last["members"] - small["members"])
    for members in CAPACITIES:
        hours = (page_s * members + fixed_s) / HOUR_S
        cells = [
            f"{members:,}",
            number(hours),
            f"{number(hours / 100)} h",
            *(amount(part * members) for part in (kept, log, max(scratch, 0.0))),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def floors(run: Run) -> str:
    """What the floor's parts cost."""
    floor = run["floor"][str(run["titles"])]
    names = [name for name in floor if name not in ("build_similars_all", "bytes_per_page")]
    lines = ["| floor | CPU ms a page |", "|---|---|"]
    lines += [f"| `{name}` | {number(1000 * floor[name])} |" for name in names]
    return "\n".join(lines)


def number(value: object) -> str:
    """A figure for people."""
    if value is None:
        return NOT_MEASURED
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        size = abs(value)
        return f"{value:,.0f}" if size >= 100 else f"{value:.3g}"
    return str(value)


def amount(size: float) -> str:
    """Bytes in the unit that keeps them short."""
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:,.3g} TB"


PARTS: dict[str, Callable[[Run], str]] = {
    "basis": basis,
    "goals": goals,
    "slopes": slopes,
    "floors": floors,
    "capacity": capacity,
}
