from functools import cache
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from conf.pages import pages as layout
from simulator import days
from simulator.arrays import ABANDONED, FINISHED, IN_PROGRESS
from simulator.records import states_of
from tests.simulator.small import small_world
from tests.simulator.worlds import observed, only, past, published, records, settings, states

SERIES = small_world().titles.series


@cache
def memory_entries() -> np.ndarray:
    return states_of(past()["state"]).entries


def plays_of_profiles() -> list[list[dict[str, object]]]:
    return [[e for e in row if e["kind"] == "play"] for row in past()["events"].to_pylist()]


def test_a_series_goes_on_episode_by_episode_and_a_film_has_none():
    steps, index = [], {title: t for t, title in enumerate(small_world().title_ids)}
    for plays in plays_of_profiles():
        for title in {play["title_id"] for play in plays}:
            numbers = [_number(play["episode"]) for play in plays if play["title_id"] == title]
            assert SERIES[index[title]] or set(numbers) == {None}
            if SERIES[index[title]]:
                assert numbers[0] == 0
                last = small_world().titles.episodes[index[title]] - 1
                again = (last, 0)  # whoever saw the last episode may begin anew
                pairs = [pair for pair in pairwise(numbers) if pair != again]
                steps += [after - before for before, after in pairs]
    assert set(steps) == {0, 1}


def _number(episode: str | None) -> int | None:
    return None if episode is None else 10 * (int(episode[1:3]) - 1) + int(episode[4:6]) - 1


def test_a_finished_film_is_not_in_progress_and_begins_anew_when_it_is_seen_again():
    film = ~SERIES[memory_entries()["title"]]
    is_watched_to_the_end = film & (memory_entries()["share"] >= 1)
    assert is_watched_to_the_end.sum() > 200
    assert (memory_entries()["status"][is_watched_to_the_end] == FINISHED).all()
    assert (memory_entries()["status"][film & ~is_watched_to_the_end] != FINISHED).all()
    for plays in plays_of_profiles():
        watched: dict[str, float] = {}
        for play in plays:
            if play["episode"] is None:
                before = watched.get(play["title_id"], 0.0)
                share = play["watched_seconds"] / play["duration_seconds"]
                watched[play["title_id"]] = share + (0.0 if before >= 0.998 else before)
                assert watched[play["title_id"]] < 1.0001


def test_a_title_left_early_is_abandoned_and_is_not_played_again():
    is_abandoned = memory_entries()["status"] == ABANDONED
    assert is_abandoned.sum() > 100
    assert (memory_entries()["share"][is_abandoned] < settings().watching.abandon_below).all()
    before = states(past())
    memories = states_of(before["state"])
    pages_by_status = {status: _pages_of(memories, status) for status in (ABANDONED, IN_PROGRESS)}
    plays = {status: _page_plays(before, pages) for status, pages in pages_by_status.items()}
    assert plays[ABANDONED] <= 1 < 20 < plays[IN_PROGRESS]


def _pages_of(memories, status: int) -> pa.Table:
    """For each profile a page of the titles that have the status with it, one a row."""
    pages = []
    for first, last in pairwise(memories.first):
        entries = memories.entries[first:last]
        pages.append(
            [[small_world().title_ids[t]] for t in entries["title"][entries["status"] == status]]
        )
    return published(past()["index"].to_numpy(), pages)


def _page_plays(before: pa.Table, pages: pa.Table) -> int:
    out = days.day_outcome(small_world(), settings(), 0, before, pages, observed())
    return pc.sum(records(out, "measures")["page_plays"]).as_py()


def test_stars_are_given_after_the_end_and_rise_with_how_far_titles_are_watched():
    events = records(past(), "events")
    stars = events.filter(pc.equal(events["kind"], "rating"))
    assert set(stars["value"].to_pylist()) <= {1.0, 2.0, 3.0, 4.0, 5.0}
    assert pc.mean(stars["value"]).as_py() > settings().watching.overall  # who finishes liked it
    thumbs = events.filter(pc.equal(events["kind"], "thumb"))
    assert set(thumbs["value"].to_pylist()) == {-1.0, 1.0}
    others = events.filter(pc.invert(pc.is_in(events["kind"], pa.array(["rating", "thumb"]))))
    assert others["value"].null_count == len(others)


def test_new_plays_are_those_of_titles_never_played_within_two_screens_of_the_first_cell():
    """Counted again from the events: first plays, at most one screen down or to the right.

    Nobody comes for a title here: what one came for is no discovery of the page's.
    """
    before = states(past())
    index = before["index"].to_numpy()
    ids = np.array(small_world().title_ids)
    page = [ids[row : row + 14].tolist() for row in range(0, 14 * 12, 14)]
    pages = published(index, [page] * len(index))
    out = days.day_outcome(small_world(), only("discover"), 0, before, pages, observed())
    memories = states_of(before["state"])
    launched = dict(zip(ids, small_world().titles.launch_day, strict=True))
    new, young, page_plays = [], [], 0
    for number, events in enumerate(out["events"].to_pylist()):
        entries = memories.entries[memories.first[number] : memories.first[number + 1]]
        played = set(ids[entries["title"]])
        counts = [0, 0]
        for event in events:
            if event["kind"] != "play":
                continue
            title, screen = event["title_id"], layout().devices[event["device"]]
            if event["page_id"] is not None and title not in played:
                down = (event["row_position"] - 1) // screen.screen_rows
                right = (event["column_position"] - 1) // screen.screen_columns
                counts[0] += down + right < 2
                counts[1] += down + right < 2 and launched[title] > -layout().exploration.days
                page_plays += 1
            played.add(title)
        new.append(counts[0])
        young.append(counts[1])
    measures = records(out, "measures")
    assert measures["new_plays"].to_pylist() == new
    assert measures["young_plays"].to_pylist() == young
    assert 0 < sum(young) < sum(new) < page_plays
