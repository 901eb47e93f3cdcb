"""The figures of `frontrow bench studio`, of a home that is there."""

# Tested by tests/benchmarks/studio/test_run.py.

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from benchmarks.firsthour.start_up import seconds
from benchmarks.studio import browser as looks
from benchmarks.studio.copies import made_ones
from benchmarks.studio.forecasts import forecast_judged
from benchmarks.studio.views import SEED, Studio, addresses, studio, view_times
from jobs.io.published import homepage
from jobs.io.serving import releases
from jobs.io.shown_titles import title_batches
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables.ranges import table_day
from studio import reading

WINDOWS = 3  # homepages whose every title is walked to by arrow keys
BROWSER = ("axe_violations", "console_errors", "external_requests", "keyboard_reach")
PART = "&part=1"  # of the address of reasons that open beside a page; alone they are no page
LONG = {"homepage", "page"}  # views that axe reads for seconds; they are looked at on two screens
Say = Callable[[str], None]


def figures(home: Path, asked: int, traced: int, with_browser: bool, say: Say) -> dict[str, object]:
    """All figures; what needs a browser is null without one."""
    day = homepage.newest_day(homepage.publication_receipts())
    pages = table_day(homepage.PUBLISHED, day, homepage.trusted_version_of(day))
    health = arrow_tables.filtered_rows("title_health", [("ds", "=", day)], ["title_id", "health"])
    profile_ids, title_ids = reading.profiles_of(day), _distinct(health["title_id"])
    cells = _cells(profile_ids, day, asked)
    days = [str(each) for each in sorted(arrow_tables.written_at("title_health"))]
    say("commands")
    times = {name: seconds(words, home) for name, words in _commands(cells[0]).items()}
    is_served = releases.serving_id(releases.folder_of(home)) is not None
    searchers = profile_ids if is_served else [""]  # without a release editors alone can search
    paths = addresses(profile_ids, title_ids, cells, days, searchers, asked)
    with studio(home) as running:
        say("views")
        views = view_times(running, paths)
        found = dict.fromkeys(BROWSER)
        if with_browser and looks.CHROMIUM:
            say("a browser")
            found = _looked(running, paths)
    say(f"the traces of {traced} pages")
    return {
        "day": str(day),
        "profiles": len(profile_ids),
        "titles": len(title_ids),
        **{name: wall for name, (wall, _) in times.items()},
        "cpu": {name: cpu for name, (_, cpu) in times.items()},
        **{f"view_{key}_ms": {view: of[key] for view, of in views.items()} for key in _KEYS},
        "health_complete": health_complete(health["health"]),
        "most_rows_of_a_title": median_of_most(title_batches(pages)),
        "trace_complete": trace_complete(made_ones(profile_ids), day, traced),
        **forecast_judged(),
        **found,
    }


_KEYS = ("p95", "p50", "first", "cpu_p95", "cpu_p50", "cpu_first")


def _commands(cell: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """The commands that people wait for, each about a profile and a title of its page."""
    profile, title = cell["profile"], cell["title"]
    return {
        "why_s": ("why", "--profile", profile, "--row", "2"),
        "why_not_s": ("why-not", "--title", title),
        "page_s": ("page", "--profile", profile),
        "dry_run_s": ("why-not", "--title", title, "--ahead", "--forecast", "1"),
    }


def _distinct(column: pa.ChunkedArray) -> list[str]:
    names: list[str] = pc.unique(column.cast(pa.string())).to_pylist()
    return names


def _cells(profile_ids: Sequence[str], day: date, count: int) -> list[dict[str, str]]:
    """So many cells, each drawn at random of a page drawn at random, with the address of its reasons."""
    rng = random.Random(SEED)
    drawn = []
    for _ in range(count):
        row = rng.choice(homepage.page_records(rng.choice(profile_ids), day))
        cell = rng.choice(row["cells"])
        address = {"profile": row["profile_id"], "row": row["row_id"], "title": cell["title_id"]}
        drawn.append(address | {"part": "1"})
    return drawn


def trace_complete(profile_ids: Sequence[str], day: date, count: int) -> float:
    """The share of cells, of pages drawn at random, of which source, score, filters, row and picture are told."""
    from studio.reports.trace import built_again, is_complete, row_traces

    told: list[bool] = []
    for profile_id in random.Random(SEED).sample(profile_ids, min(count, len(profile_ids))):
        rows = homepage.page_records(profile_id, day)
        page = built_again(rows)
        for row in rows:
            told += map(is_complete, row_traces(page, row))
    return sum(told) / len(told)


def _looked(running: Studio, paths: Mapping[str, list[str]]) -> dict[str, Any]:
    """What a browser finds on one address of each view, and the titles that arrow keys reach."""
    with looks.browser() as started:
        whole = [of[0].removesuffix(PART) for view, of in paths.items() if view not in LONG]
        long = [of[0] for view, of in paths.items() if view in LONG]
        seen = [
            looks.look(started, running.base, running.link, whole),
            looks.look(started, running.base, running.link, long, widths=(320, 1366)),
            looks.look_at_panel(started, running.base, running.link, paths["homepage"][0]),
        ]
        found = looks.Found()
        counts = []
        with looks.window(started, running.base, running.link, found) as page:
            for path in paths["page"][:WINDOWS]:
                page.goto(running.base + path, timeout=looks.PATIENCE_MS)
                counts.append(looks.keyboard_reach(page))
    seen.append(found)
    return {
        "axe_violations": sum(len(each.violations) for each in seen),
        "console_errors": sum(len(each.console) for each in seen),
        "external_requests": sum(len(each.requests) for each in seen),
        "keyboard_reach": sum(n for n, _ in counts) / sum(total for _, total in counts),
        "browser_found": sorted({fault for each in seen for fault in each.everything}),
    }


def health_complete(health: pa.ChunkedArray) -> float:
    """The share of states that a rule explains."""
    explained = pc.invert(pc.equal(health.cast(pa.string()), "unexplained"))
    return float(pc.mean(explained).as_py())


def median_of_most(batches: Iterable[pa.RecordBatch]) -> float:
    """The median over pages of how many rows have the title that is in most of them.

    A page is in one batch, as row groups have it.
    """
    return float(np.median(np.concatenate([_most(batch) for batch in batches])))


def _most(batch: pa.RecordBatch) -> NDArray[np.int64]:
    """Of each page of a batch the rows of the title that is in most of them."""
    cells = batch["cells"]
    titles = cells.flatten()
    if isinstance(titles, pa.StructArray):
        titles = titles.field("title_id")
    owner, title = (_codes(texts) for texts in (batch["profile_id"], titles))
    size = int(title.max()) + 1
    keys = owner[pc.list_parent_indices(cells).to_numpy()] * size + title
    pairs, counts = np.unique(keys, return_counts=True)
    most = np.zeros(int(owner.max()) + 1, np.int64)
    np.maximum.at(most, pairs // size, counts)
    return most


def _codes(texts: pa.Array) -> NDArray[np.int64]:
    """A number for each text, the same for the same one."""
    coded = texts if isinstance(texts, pa.DictionaryArray) else texts.dictionary_encode()
    known = np.unique(coded.indices.to_numpy(), return_inverse=True)[1]
    return known.astype(np.int64)
