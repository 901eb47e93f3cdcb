import numba
import numpy as np
import pytest

from conf.pages import pages
from conf.world import WorldSettings
from simulator import days
from simulator.arrays import PageArrays
from simulator.browsing import look_probability
from simulator.members import members
from simulator.parameters import behaviour_parameters, catalogue_days, member_arrays
from simulator.records import states_of
from tests.simulator.small import small_world
from tests.simulator.worlds import (
    ACCOUNTS,
    observed,
    only,
    past,
    records,
    same_page,
    settings,
    states,
    with_terms,
)

TITLES = list(small_world().title_ids[:120])
PAGE = same_page(past()["index"].to_numpy(), TITLES, columns=12)


@numba.njit
def _look_probability(browsing, column):
    return look_probability(browsing, 0, 1.0, 0, column)


def impressions(of=None) -> list[list[dict[str, object]]]:
    out = days.day_outcome(small_world(), of or settings(), 0, states(past()), PAGE, observed())
    return [row for row in out["impressions"].to_pylist() if row]


def test_impressions_come_in_the_order_of_view_with_the_positions_of_the_page():
    for row in impressions():
        instants = [cell["shown_at"] for cell in row]
        assert instants == sorted(instants)
        for cell in row:
            index = (cell["row_position"] - 1) * 12 + cell["column_position"] - 1
            assert cell["title_id"] == TITLES[index]
            assert cell["row_id"] == f"row{cell['row_position'] - 1}"
            assert (cell["policy"], cell["propensity"]) == ("v1", 0.5)
    keys = [
        (c["page_id"], c["row_id"], c["column_position"], c["shown_at"])
        for row in impressions()
        for c in row
    ]
    assert len(set(keys)) == len(keys) > 2000


def test_a_row_that_is_reached_brings_a_screen_into_view_and_the_first_row_always_is():
    for row in impressions(
        with_terms("eyes", skip=1.0, right={"tv": 0.0, "web": 0.0, "phone": 0.0})
    ):
        columns = settings().eyes.screen_columns[row[0]["device"]]
        first = [cell["column_position"] for cell in row[:columns]]
        assert first == list(range(1, columns + 1))
        assert row[0]["row_position"] == 1
        assert max(cell["column_position"] for cell in row) <= max(
            settings().eyes.screen_columns.values()
        )


def test_the_next_row_is_reached_with_the_probability_of_the_device():
    """Without plays and with patience 1 for all, the depth reached is geometric."""
    of = with_terms("appeal", base=-1000.0)
    same_patience = settings().habits.model_copy(update={"patience_spread": 0.0})
    once = only("discover", of).model_copy(
        update={"habits": same_patience, "watching": of.watching.model_copy(update={"again": 0.0})}
    )
    first_cells = [
        cell
        for row in impressions(once)
        for cell in row
        if cell["device"] == "tv" and cell["column_position"] == 1
    ]
    views = np.bincount([cell["row_position"] for cell in first_cells], minlength=11)[1:]
    assert views[0] > 100
    assert views[1:6].sum() / views[:5].sum() == pytest.approx(settings().eyes.down["tv"], abs=0.04)


def test_a_play_from_the_page_says_from_which_cell():
    out = days.day_outcome(small_world(), settings(), 0, states(past()), PAGE, observed())
    events = records(out, "events")
    page_plays = [e for e in events.to_pylist() if e["page_id"] is not None]
    assert len(page_plays) > 50
    for event in page_plays:
        assert event["kind"] == "play"
        assert (
            event["title_id"]
            == TITLES[(event["row_position"] - 1) * 12 + event["column_position"] - 1]
        )


def test_titles_looked_at_are_counted_once_in_a_session_and_so_are_sessions_without_a_play():
    """No row is skipped, nobody goes down or stops before the row's end, and nothing is wanted on the page."""
    eyes = {
        "skip": 0.0,
        "down": dict.fromkeys(settings().devices, 0.0),
        "right": dict.fromkeys(settings().devices, 1.0),
        "swipe": dict.fromkeys(settings().devices, 1.0),
    }
    of = only("discover", with_terms("eyes", **eyes)).model_copy(
        update={"appeal": with_terms("appeal", base=-1000.0).appeal}
    )
    measures = records(
        days.day_outcome(small_world(), of, 0, states(past()), PAGE, observed()), "measures"
    ).to_pandas()
    assert measures.sessions.sum() > 100
    assert (measures.looked == 12 * measures.sessions).all()
    assert (
        measures.seen > measures.looked
    ).any()  # after a search that found something it starts again from the top
    assert (measures.sessions - measures.playless <= measures.search_plays).all()
    assert (measures.playless == measures.sessions)[measures.search_plays == 0].all()
    assert 0 < measures.playless.sum() < measures.sessions.sum()


def test_whoever_comes_for_a_title_sees_one_screen_and_takes_it_there_or_searches_for_it():
    """The page holds every title: what is not on the first screen is found by search all the same."""
    everything = same_page(past()["index"].to_numpy(), list(small_world().title_ids), columns=12)
    once = only("fetch", with_terms("watching", again=0.0))
    out = days.day_outcome(small_world(), once, 0, states(past()), everything, observed())
    measures = records(out, "measures").to_pandas()
    assert (measures.fetches == measures.sessions).all() and measures.looked.sum() == 0
    assert (
        measures.page_plays + measures.search_plays + measures.playless == measures.sessions
    ).all()
    assert (measures.fetch_seconds == measures.seconds).all() and measures.new_plays.sum() == 0
    seen = records(out, "impressions").to_pylist()
    eyes, screens = settings().eyes, pages()
    assert all(s["row_position"] <= screens.device(s["device"]).screen_rows for s in seen)
    assert all(s["column_position"] <= eyes.screen_columns[s["device"]] for s in seen)
    events = records(out, "events").to_pylist()
    on_page = [e for e in events if e["kind"] == "play" and e["page_id"] is not None]
    assert all(e["row_position"] <= screens.device(e["device"]).screen_rows for e in on_page)
    first_screen = {(s["profile_id"], s["title_id"]) for s in seen}
    searches = [e for e in events if e["kind"] == "search"]
    assert len(searches) > 10 and len(on_page) > 10
    # one session a day: what was searched for did not stand on the screen that was seen
    single = dict(zip(out["profile_id"].to_pylist(), measures.sessions == 1, strict=True))
    for event in searches:
        if single[event["profile_id"]]:
            assert (event["profile_id"], event["title_id"]) not in first_screen


def test_the_title_that_a_session_comes_for_is_the_same_on_every_page_and_in_every_replication():
    once = only("fetch", with_terms("watching", again=0.0))

    def fetched(page, replication: int) -> list[tuple[object, object]]:
        out = days.day_outcome(
            small_world(), once, 0, states(past()), page, observed(), replication=replication
        )
        single = records(out, "measures")["sessions"].to_numpy() == 1
        names = set(out.filter(single)["profile_id"].to_pylist())
        plays = [e for e in records(out, "events").to_pylist() if e["kind"] == "play"]
        return sorted({(e["profile_id"], e["title_id"]) for e in plays if e["profile_id"] in names})

    assert fetched(PAGE, 0) == fetched(PAGE, 1) == fetched(None, 0)
    assert len(fetched(PAGE, 0)) > 50


def calm(of: WorldSettings, **eyes: object) -> WorldSettings:
    """Sessions that discover once, of members as patient as each other, who want nothing on a page."""
    changed = of.model_copy(update={"eyes": of.eyes.model_copy(update=eyes)})
    return only("discover", changed).model_copy(
        update={
            "appeal": of.appeal.model_copy(update={"base": -1000.0}),
            "habits": of.habits.model_copy(update={"patience_spread": 0.0}),
            "watching": of.watching.model_copy(update={"again": 0.0}),
        }
    )


def looks(of: WorldSettings, device: str, sessions: int = 4) -> np.ndarray:
    """(sessions, 10, 12) which cells of a page of 120 titles were looked at, a day's sessions in turn."""
    who = members(small_world(), of, 0, ACCOUNTS)
    batch = member_arrays(who)
    firsts = 10 * np.arange(len(who.index) + 1), 12 * np.arange(10 * len(who.index) + 1)
    titles = np.tile(np.arange(120, dtype=np.int32), len(who.index))
    pages_of_all = PageArrays(*firsts, titles, np.full(len(titles), -1, np.int32))
    found = []
    for replication in range(sessions):
        log, _ = days.simulated_log(
            behaviour_parameters(small_world(), of, replication),
            catalogue_days(small_world().titles, of, 0, 1),
            batch,
            states_of(past()["state"]),
            pages_of_all,
        )
        seen = log.impressions[: log.used[1]]
        seen = seen[seen[:, 3] == of.devices.index(device)]
        begins = np.cumsum(seen[:, 1] % 120 == 0) - 1  # the first cell is in view once in a session
        one = np.zeros((begins[-1] + 1, 120))
        np.maximum.at(one, (begins, seen[:, 1] % 120), seen[:, 4])
        found.append(one.reshape(-1, 10, 12))
    return np.concatenate(found)


def test_by_position_a_cell_is_looked_at_whatever_the_others_are():
    eyes = {"law": "position", "down": dict.fromkeys(settings().devices, 0.7)}
    seen = looks(calm(settings(), **eyes, right=dict.fromkeys(settings().devices, 0.6)), "tv")
    rows, columns = np.meshgrid(np.arange(10), np.arange(12), indexing="ij")
    assert len(seen) > 300
    assert seen.mean(axis=0) == pytest.approx(0.7**rows * 0.6**columns, abs=0.09)
    after, without = seen[seen[:, 0, 1] == 1, 0, 2].mean(), seen[seen[:, 0, 1] == 0, 0, 2].mean()
    assert after == pytest.approx(without, abs=0.12), "no cascade: what was not seen ends nothing"


def test_by_position_any_title_that_is_looked_at_and_wanted_is_played():
    """All are wanted: in a cascade that is the first cell, by position any of those looked at."""
    columns = {}
    for law in ("cascade", "position"):
        of = calm(settings(), law=law, skip=0.0)
        of = of.model_copy(update={"appeal": of.appeal.model_copy(update={"base": 1000.0})})
        out = days.day_outcome(small_world(), of, 0, states(past()), PAGE, observed())
        plays = [
            e for e in records(out, "events").to_pylist() if e["page_id"] and e["kind"] == "play"
        ]
        columns[law] = np.array([play["column_position"] for play in plays])
        assert len(plays) > 50
    assert np.mean(columns["cascade"] == 1) > 0.6  # less those whose first title is not for them
    assert columns["position"].mean() > columns["cascade"].mean() + 0.5


def test_a_screen_that_is_swiped_to_is_entered_anywhere():
    """On television a screen is six cells: of twelve in a row the last six take a swipe."""
    devices = settings().devices
    eyes = {"skip": 0.0, "interest": 1.0, "swipe": dict.fromkeys(devices, 0.8)}
    eyes |= {"right": dict.fromkeys(devices, 0.9), "down": dict.fromkeys(devices, 0.8)}
    seen = looks(calm(settings(), **eyes, enters_left=0.25), "tv")
    first = seen[:, 0].mean(axis=0)
    assert first[:6] == pytest.approx(0.9 ** np.arange(6), abs=0.06)
    anywhere = np.mean(0.9 ** np.arange(6))
    within = 0.25 * 0.9 ** np.arange(6) + 0.75 * anywhere
    assert first[6:] == pytest.approx(0.9**5 * 0.8 * within, abs=0.07)
    is_there = seen[:, 0, 6:].any(axis=1)
    assert seen[is_there, 0, 6].mean() < 0.9, "not the first cell of the screen for all"
    parameters = behaviour_parameters(small_world(), calm(settings(), **eyes, enters_left=0.25))
    expected = [_look_probability(parameters.browsing, column) for column in range(12)]
    assert first == pytest.approx(expected, abs=0.07)


def test_whoever_sees_something_for_the_mood_goes_on_in_the_row():
    devices = settings().devices
    eyes = {"skip": 0.0, "right": dict.fromkeys(devices, 0.5)}
    plain = looks(calm(settings(), **eyes, interest=1.0), "tv")
    curious = looks(calm(settings(), **eyes, interest=1000.0), "tv")
    assert plain[:, 0, 1].mean() == pytest.approx(0.5, abs=0.08)
    assert curious[:, 0, 1].mean() > plain[:, 0, 1].mean() + 0.05


def test_rows_are_read_as_far_to_the_right_below_as_above():
    seen = looks(calm(settings(), skip=0.0), "tv")
    reached = seen[:, :, 0].sum(axis=0)
    widths = seen[:, :, :6].sum(axis=(0, 2))[:4] / reached[:4]
    assert widths == pytest.approx(widths.mean(), rel=0.15)
