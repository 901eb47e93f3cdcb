from functools import cache

import numpy as np
import pyarrow.compute as pc

from simulator import days
from simulator.arrays import IN_PROGRESS, Context, PageArrays
from simulator.comparison_pages import ARMS, comparison_pages
from simulator.memory import empty_memory
from simulator.parameters import behaviour_parameters, catalogue_days, member_arrays
from simulator.records import states_of
from simulator.utility import empty_scratch
from tests.simulator.small import small_world
from tests.simulator.worlds import (
    legal_for,
    observed,
    past,
    people,
    published,
    records,
    settings,
    states,
)


@cache
def pages(arm: str, day: int = 0) -> PageArrays:
    titles = small_world().titles
    parameters = behaviour_parameters(small_world(), settings())
    context = Context(
        parameters,
        catalogue_days(titles, settings(), day, 1),
        member_arrays(people(past()["index"].to_numpy())),
        empty_memory(len(titles.seconds)),
        empty_scratch(*titles.factors.shape, titles.genres.shape[1], parameters.most_sessions),
    )
    states_before = states_of(past()["state"])
    return comparison_pages(arm, context, states_before, observed(), settings().pages)


def titles_of(arm: str, profile: int) -> np.ndarray:
    first, last = pages(arm).row_first[profile : profile + 2]
    return pages(arm).title[pages(arm).cell_first[first] : pages(arm).cell_first[last]]


def test_every_page_is_full_of_titles_that_can_be_played():
    who, kept = people(past()["index"].to_numpy()), states_of(past()["state"])
    legal = legal_for(small_world(), who, 0)
    room = settings().pages.rows * settings().pages.columns
    for arm in ARMS:
        for p in range(len(who.index)):
            shown, known = titles_of(arm, p), kept.entries[kept.first[p] : kept.first[p + 1]]
            free = np.setdiff1d(
                np.flatnonzero(legal[p]), known["title"][known["status"] != IN_PROGRESS]
            )
            assert len(np.unique(shown)) == len(shown) == min(room, len(free))
            assert np.isin(shown, free).all()
        assert np.diff(pages(arm).cell_first).max() == settings().pages.columns
        assert np.diff(pages(arm).row_first).max() == settings().pages.rows


def test_the_popular_page_is_in_order_of_plays_in_the_country():
    who = people(past()["index"].to_numpy())
    for p in range(20):
        assert (np.diff(observed()[who.country[p], titles_of("popular", p)]) <= 0).all()


def test_the_random_page_is_another_for_each_profile_and_day():
    assert not np.array_equal(titles_of("random", 0)[:10], titles_of("random", 1)[:10])
    assert not np.array_equal(pages("random", 0).title[:10], pages("random", 1).title[:10])


def test_the_oracle_puts_its_best_titles_where_they_are_looked_at_first():
    """By conf one column to the right is likelier than two rows down, so the best are on top."""
    columns = settings().pages.columns
    place = np.array(
        [
            np.mean([observed()[0, titles_of("oracle", p)[c]] for p in range(60)])
            for c in range(columns)
        ]
    )
    assert place[:2].mean() > place[-2:].mean()


def test_the_oracle_offers_to_go_on_first():
    """Sessions to continue take titles in progress, so these stand well above the middle of the page."""
    kept, place = states_of(past()["state"]), []
    for p in range(len(past())):
        known = kept.entries[kept.first[p] : kept.first[p + 1]]
        begun = known["title"][known["status"] == IN_PROGRESS]
        place.append(np.flatnonzero(np.isin(titles_of("oracle", p), begun)))
    room = settings().pages.rows * settings().pages.columns
    assert len(np.concatenate(place)) > 50
    assert np.concatenate(place).mean() < 0.35 * room


def test_oracle_beats_popular_and_popular_beats_random():
    """300 members, three days: paired by session, so that the margins stand far outside the noise."""
    plays, before = np.zeros((3, len(past()))), states(past())
    for day in range(3):
        out = days.day_outcome(small_world(), settings(), day, before, None, observed(), ARMS)
        each = records(out, "measures")["page_plays"].to_numpy().reshape(-1, 3)
        plays += each.T
        before = states(out)
    popular, random, oracle = plays.sum(axis=1)
    for better, worse in ((2, 0), (0, 1)):
        difference = plays[better] - plays[worse]
        assert difference.mean() > 2 * difference.std() / np.sqrt(len(difference)), (
            popular,
            random,
            oracle,
        )
    assert oracle > 1.2 * popular > 1.2 * 1.05 * random


def test_a_served_page_does_as_well_as_the_same_comparison_page():
    who = past()["index"].to_numpy()
    columns, ids = settings().pages.columns, np.array(small_world().title_ids)
    shown = [ids[titles_of("popular", p)].tolist() for p in range(len(who))]
    served = published(
        who, [[page[c : c + columns] for c in range(0, len(page), columns)] for page in shown]
    )
    out = days.day_outcome(
        small_world(), settings(), 0, states(past()), served, observed(), ("pipeline", "popular")
    )
    measures = records(out, "measures")
    one, other = (
        measures.filter(pc.equal(measures["arm"], arm)).drop(["arm"])
        for arm in ("pipeline", "popular")
    )
    assert one.equals(other)
    assert pc.sum(one["page_plays"]).as_py() > 50
