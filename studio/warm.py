"""What a studio reads before anybody asks, so that the first answer takes no longer than the others."""

import gc
import threading
from collections.abc import Callable
from functools import partial

from conf.errors import FrontrowError
from jobs.io.published import homepage
from jobs.io.published.stale import stale_days
from jobs.io.status import status
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables import keeper
from studio import reading
from studio.page.covers import cover
from studio.reports.catalogue import known_titles
from studio.reports.ranker_rows import TITLE_RANKERS
from studio.reports.score import score_report
from studio.reports.search import search
from studio.reports.titles import health_of_day
from studio.reports.trace import built_again

DRAWN = 32_768  # covers before anybody asks, less than a millisecond each: 10,000 titles with some pictures


def begin() -> threading.Thread:
    """Keep tables open from now on, and read in a thread of its own what every view needs."""
    keeper.keep()
    thread = threading.Thread(target=_ready, name="warm-up", daemon=True)
    thread.start()
    return thread


def _ready() -> None:
    """Read what views need, and let the garbage collector pass over it from then on.

    It would look at every title and cover again and again: a sixth of a second each time, of
    10,000 titles, in the middle of somebody's answer.
    """
    warm_up()
    gc.collect()
    gc.freeze()


def warm_up() -> list[str]:
    """Read it all; the names of what is not there yet, or cannot be read: views say so themselves."""
    steps: dict[str, Callable[[], object]] = {
        "pages": _pages,
        "status": status,
        "stale days": stale_days,
        "tables": arrow_tables.summaries,
        "titles": _covers,
        "names": lambda: search("a"),
        "health": health_of_day,
        "reasons": _page_maker,
        **{f"scores by {name}": partial(_scores, name) for name in TITLE_RANKERS},
    }
    failed = []
    for name, step in steps.items():
        try:
            step()
        except FrontrowError:
            failed.append(name)
    return failed


def _pages() -> None:
    for day in reading.days()[:1]:
        reading.profiles_of(day)


def _covers() -> None:
    """Draw the covers of titles, with the themes of their pictures, before those without a picture."""
    titles = known_titles().titles
    pictures = arrow_tables.filtered_rows("artwork", [], ["title_id", "theme"]).to_pydict()
    themes = zip(pictures["title_id"], pictures["theme"], strict=True)
    drawn = dict.fromkeys([*themes, *((title_id, None) for title_id in titles)])
    for title_id, theme in list(drawn)[:DRAWN]:
        genres = titles.get(title_id, {}).get("genres") or ()
        cover(title_id, [genre for genre in genres if genre], theme)


def _page_maker() -> None:
    """What makes the newest day's pages, and one page of it, so that loops are compiled."""
    for day in reading.days()[:1]:
        built_again(homepage.page_records(reading.profiles_of(day)[0], day))


def _scores(ranker: str) -> None:
    """The scores of a ranker on the newest day: its trees are made ready once."""
    for day in reading.days()[:1]:
        score_report(reading.profiles_of(day)[0], None, ranker, day)
