"""The online step: what it never shows, what it fills in, and what it leaves alone."""

from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.page.violations import violations
from conf.compiled import plain_loops
from conf.pages import pages
from conf.rows import rows
from models.page.build import build_pages
from models.page.online.assemble import CONTEXT, CONTINUING, Visit, assemble
from models.page.online.catalogue_view import CatalogueView
from models.page.online.lifts import HOUR, MOMENTS, ContextLift
from tests.models.page import small
from tests.models.page.test_template_properties import worlds

NOW_S = small.AS_OF_S + 3600


def in_time() -> float:
    return 1000.0


def built(shop: Any, people: Any, wishes: Any, near: Any, owner: int) -> pa.Table:
    made = build_pages(shop, people, wishes, near, "r")
    return made.filter(pa.compute.equal(made["profile_id"], people.profile_ids[owner]))


def alone(people: Any, owner: int) -> Any:
    """One profile of a batch, with its settings and what it played."""
    mine = people.entries_of(owner)
    return replace(
        people,
        profile_ids=people.profile_ids[[owner]],
        country=people.country[[owner]],
        kids=people.kids[[owner]],
        maturity_limit=people.maturity_limit[[owner]],
        blocked=(people.blocked[owner],),
        understands=(people.understands[owner],),
        offsets=np.array([0, people.counts[owner]]),
        title=people.title[mine],
        stars=people.stars[mine],
        plays=people.plays[mine],
        last_at_s=people.last_at_s[mine],
        viewing=None,
        my_lists=None,
    )


def hourly(by_hour: np.ndarray) -> tuple[ContextLift]:
    """Lifts of genres (24, g) in every country."""
    return (ContextLift("genre", HOUR, MOMENTS[HOUR], {"*": by_hour.astype(np.float32)}),)


def titles_of(row: dict[str, Any]) -> list[str]:
    return [cell["title_id"] for cell in row["cells"]]


@settings(max_examples=40, deadline=None)
@given(made=worlds)
def test_a_page_for_which_nothing_changed_stays_as_it_is(made: tuple[Any, ...]) -> None:
    shop, people, *_ = made
    for owner in range(people.size):
        page = built(*made, owner)
        again = assemble(page, alone(people, owner), CatalogueView(shop), Visit(NOW_S), in_time)
        assert not again.removed and not again.skipped_steps
        assert again.rows.select(page.column_names).to_pylist() == page.to_pylist()


@settings(max_examples=60, deadline=None)
@given(made=worlds, seed=st.integers(0, 1000), device=st.sampled_from([None, *pages().devices]))
def test_whatever_changed_no_rule_is_broken(
    made: tuple[Any, ...], seed: int, device: str | None
) -> None:
    """Titles blocked, watched and gone since, a lower limit, another hour: the page keeps every rule of pages."""
    shop, people, *_ = made
    rng = np.random.default_rng(seed)
    lifts = hourly(rng.normal(size=(24, len(shop.genres))))
    for owner in range(people.size):
        page, who = built(*made, owner), alone(people, owner)
        who = replace(
            who,
            blocked=(rng.choice(shop.size, 1 + shop.size // 10).astype(np.int32),),
            maturity_limit=np.array([rng.choice([6, 12, 99])], np.int16),
        )
        ended = {
            c: np.where(rng.random(shop.size) < 0.1, NOW_S - 1, ends)
            for c, ends in shop.ends_s.items()
        }
        begun, finished = (tuple(str(t) for t in rng.choice(shop.title_ids, 2)) for _ in range(2))
        visit = Visit(NOW_S, device, begun, finished)
        view = CatalogueView(replace(shop, ends_s=ended), lifts)
        assembled = assemble(page, who, view, visit, in_time)
        if owner == 0:  # as `frontrow page` makes it; slow
            with plain_loops():
                assert assemble(page, who, view, visit, in_time).rows.equals(assembled.rows)
        shown = all_titles(assembled.rows)
        gone = (
            {shop.title_ids[t] for t in np.flatnonzero(ended[""] < NOW_S)}
            if who.country[0] != "NO"
            else set()
        )
        assert not shown & gone
        broken = (
            violations(assembled.rows, shop, who, pages(), rows())
            if assembled.rows.num_rows
            else {}
        )
        assert not broken.keys() - {"no page for a profile that may see something"}, broken
        for row in assembled.rows.to_pylist():
            policy = rows().kinds[row["row_kind"]].watched
            assert not (policy in ("hide", "begun") and set(titles_of(row)) & set(finished))
            assert not (policy in ("hide", "finished") and set(titles_of(row)) & set(begun))
            assert device is None or len(row["cells"]) <= pages().devices[device].columns
        assert device is None or assembled.rows.num_rows <= pages().devices[device].rows


SHOP = small.catalogue(
    {f"c{i:02d}": {"genres": ["Comedy"], "plays": 60 - i} for i in range(30)}
    | {f"d{i:02d}": {"genres": ["Drama"], "plays": 60 - i, "maturity": 12} for i in range(30)},
    countries=["NO"],
)
ME = small.profiles(
    SHOP,
    {
        "me": {
            "history": ["c00", "d00"],
            "states": {
                "c00": {"resume_s": 600.0, "length_s": 3600.0, "finished": 0.0},
                "d00": {"resume_s": 900.0, "length_s": 3600.0, "finished": 0.0},
            },
        }
    },
)
PAGE = built(
    SHOP,
    ME,
    small.scores(SHOP, [{t: -float(t[1:]) for t in SHOP.title_ids if t not in ("c00", "d00")}]),
    small.neighbours(SHOP, {}),
    0,
)


def all_titles(page: pa.Table) -> set[str]:
    return {title for row in page.to_pylist() for title in titles_of(row)}


def rows_of(assembled: pa.Table) -> dict[str, list[str]]:
    return {row["row_kind"]: titles_of(row) for row in reversed(assembled.to_pylist())}


def test_a_film_finished_in_this_session_is_not_offered_again() -> None:
    assembled = assemble(
        PAGE, ME, CatalogueView(SHOP), Visit(NOW_S, "tv", finished_titles=("c00",)), in_time
    )
    assert rows_of(PAGE)["continue_watching"] == ["c00", "d00"]
    assert rows_of(assembled.rows)["continue_watching"] == ["d00"]


def test_what_this_session_began_comes_first() -> None:
    last = PAGE.filter(pa.compute.not_equal(PAGE["row_kind"], "continue_watching"))
    mine = PAGE.filter(pa.compute.equal(PAGE["row_kind"], "continue_watching"))
    below = pa.concat_tables([last.slice(0, 2), mine]).set_column(
        PAGE.column_names.index("row_position"), "row_position", pa.array([1, 2, 3], pa.int32())
    )
    assembled = assemble(
        below, ME, CatalogueView(SHOP), Visit(NOW_S, "tv", begun_titles=("d00",)), in_time
    ).rows.to_pylist()
    assert (assembled[0]["row_kind"], titles_of(assembled[0])) == (
        "continue_watching",
        ["d00", "c00"],
    )


def test_gaps_are_filled_from_the_reserve_behind_what_the_device_shows() -> None:
    phone, picks = pages().devices["phone"].columns, rows_of(PAGE)["top_picks"]
    child = replace(ME, maturity_limit=np.array([11], np.int16))
    shop = replace(SHOP, maturity=np.where(SHOP.maturity < 0, 6, SHOP.maturity).astype(np.int16))
    assembled = assemble(PAGE, child, CatalogueView(shop), Visit(NOW_S, "phone"), in_time)
    assert len(picks) > phone and any(t.startswith("d") for t in picks[:phone])
    assert {t[0] for cells in rows_of(assembled.rows).values() for t in cells} == {"c"}
    assert rows_of(assembled.rows)["top_picks"] == [t for t in picks if t.startswith("c")][:phone]
    assert {one.reason for one in assembled.removed} == {"above its maturity limit"}


def test_a_title_whose_window_has_ended_is_gone_from_that_very_second() -> None:
    ends = {c: np.where(SHOP.title_ids == "c01", NOW_S, np.inf) for c in ("", "NO")}
    view = CatalogueView(replace(SHOP, ends_s=ends))
    before, after = (
        assemble(PAGE, ME, view, Visit(at_s, "tv"), in_time) for at_s in (NOW_S - 1, NOW_S)
    )
    assert "c01" in all_titles(before.rows)
    assert "c01" not in all_titles(after.rows)
    assert {one.reason for one in after.removed} == {"not available in its country"}


def test_a_title_whose_window_begins_later_is_not_shown_before_that_very_second() -> None:
    """A page is read for a moment before the one that its catalogue is known at."""
    since = {c: np.where(SHOP.title_ids == "c01", NOW_S, np.nan) for c in ("", "NO")}
    view = CatalogueView(replace(SHOP, since_s=since))
    before, after = (
        assemble(PAGE, ME, view, Visit(at_s, "tv"), in_time) for at_s in (NOW_S - 1, NOW_S)
    )
    assert "c01" not in all_titles(before.rows)
    assert "c01" in all_titles(after.rows)


def test_drama_comes_forward_at_the_hour_of_drama() -> None:
    by_hour = np.zeros((24, 2), np.float32)
    by_hour[20] = [-1.0, 1.0]  # comedy, drama
    view = CatalogueView(SHOP, hourly(by_hour))
    day = NOW_S - NOW_S % 86400
    noon, evening = (
        assemble(PAGE, ME, view, Visit(day + hour * 3600, "tv"), in_time).rows for hour in (12, 20)
    )
    heads = [
        [title[0] for title in rows_of(assembled)["top_picks"][:6]] for assembled in (noon, evening)
    ]
    assert heads[1] == sorted(heads[0], reverse=True) != heads[0], "all drama before all comedy"
    firsts = [[row["row_title"] for row in assembled.to_pylist()] for assembled in (noon, evening)]
    assert firsts[1].index("Drama") < firsts[1].index("Comedy") and firsts[0].index(
        "Comedy"
    ) < firsts[0].index("Drama")
    assert firsts[0][0] == firsts[1][0] == "Continue Watching"


def test_an_update_does_not_lean_twice_to_the_hour_it_was_made_for() -> None:
    by_hour = np.zeros((24, 2), np.float32)
    by_hour[20] = [-0.1, 0.1]  # comedy, drama
    view, evening = CatalogueView(SHOP, hourly(by_hour)), NOW_S - NOW_S % 86400 + 20 * 3600
    once = assemble(PAGE, ME, view, Visit(evening), in_time).rows
    made_for = pa.repeat(pa.scalar(round(evening * 1e6), pa.timestamp("us", "UTC")), once.num_rows)
    again = assemble(
        once.append_column("visit_at", made_for), ME, view, Visit(evening + 60), in_time
    ).rows
    assert rows_of(again) == rows_of(once) != rows_of(PAGE)
    assert rows_of(assemble(once, ME, view, Visit(evening + 60), in_time).rows) != rows_of(once), (
        "else it would"
    )


@pytest.mark.parametrize(("left", "skipped_steps"), [(1.0, ()), (0.0, (CONTINUING, CONTEXT))])
def test_without_time_only_what_could_wait_is_left_out(
    left: float, skipped_steps: tuple[str, ...]
) -> None:
    assembled = assemble(
        PAGE, ME, CatalogueView(SHOP), Visit(NOW_S, "tv", finished_titles=("c00",)), lambda: left
    )
    assert assembled.skipped_steps == skipped_steps
    assert "c00" not in rows_of(assembled.rows)["continue_watching"]


def test_titles_and_kinds_that_nobody_knows_any_more_are_left_out() -> None:
    shop = small.catalogue(
        {"c00": {"genres": ["Comedy"], "plays": 3}, "d00": {"genres": ["Drama"], "plays": 1}}
    )
    assembled = assemble(
        PAGE, small.profiles(shop, {"me": {}}), CatalogueView(shop), Visit(NOW_S, "tv"), in_time
    )
    assert {t for cells in rows_of(assembled.rows).values() for t in cells} <= {"c00", "d00"}
    odd = PAGE.set_column(
        PAGE.column_names.index("row_kind"), "row_kind", pa.array(["?"] * PAGE.num_rows)
    )
    assert not assemble(odd, ME, CatalogueView(SHOP), Visit(NOW_S, "tv"), in_time).rows.num_rows


def test_window_that_begins_after_the_visit_is_not_open_yet() -> None:
    since = {
        c: np.where(SHOP.title_ids == "c01", NOW_S + 1, begin) for c, begin in SHOP.since_s.items()
    }
    view = CatalogueView(replace(SHOP, since_s=since))
    before, at = (
        assemble(PAGE, ME, view, Visit(at_s, "tv"), in_time) for at_s in (NOW_S, NOW_S + 1)
    )
    assert "c01" not in all_titles(before.rows) and "c01" in all_titles(at.rows)


def test_row_that_says_which_titles_come_first_keeps_its_order() -> None:
    by_hour = np.zeros((24, 2), np.float32)
    by_hour[20] = [-1.0, 1.0]  # comedy, drama
    evening = NOW_S - NOW_S % 86400 + 20 * 3600
    rows = PAGE.to_pylist()
    rows = [row | {"row_kind": "popular"} for row in rows if row["row_id"] == "top_picks"]
    page = pa.Table.from_pylist(rows, PAGE.schema)
    assembled = assemble(page, ME, CatalogueView(SHOP, hourly(by_hour)), Visit(evening), in_time)
    (row,) = assembled.rows.to_pylist()
    assert titles_of(row) == titles_of(rows[0])[: len(titles_of(row))]


def test_of_two_titles_of_one_name_and_year_one_is_shown() -> None:
    twins = np.full(SHOP.size, -1)
    twins[[1, 2]] = 0
    both = all_titles(assemble(PAGE, ME, CatalogueView(SHOP), Visit(NOW_S), in_time).rows)
    one = all_titles(
        assemble(PAGE, ME, CatalogueView(SHOP, twins=twins), Visit(NOW_S), in_time).rows
    )
    assert both - one == {"c02"} and "c01" in one
