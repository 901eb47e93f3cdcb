"""Which pairs become training rows, on a service small enough to see all of it."""

import numpy as np

from conf.candidates import candidate_settings
from models.candidates.moment import Moment, strongest
from models.rankers.examples import example_rows
from tests.models.candidates.test_features import CONTEXT, WEIGHTS, N, catalogue, profiles


def moment(per_source: int = 4, gone: int | None = None) -> Moment:
    titles = catalogue(title_plays_count_all=[4, 3, 2, 1], title_plays_count_7d=[4, 3, 2, 1])
    if gone is not None:
        titles.available[""][gone] = False
    near = strongest(WEIGHTS.toarray(), N)
    return Moment(titles, near, near, CONTEXT, per_source)


def found(
    fresh: list[list[int]],
    shown: dict[int, int] | None = None,
    whole: bool = False,
    after_days: float = 3.0,
    **more: int,
):
    few = candidate_settings().model_copy(update={"negatives_per_query": more.pop("negatives", 1)})
    history = [[0] for _ in fresh]
    played, places = np.full((len(fresh), N), np.nan), np.zeros((len(fresh), N), np.int32)
    for row, titles in enumerate(fresh):
        played[row, titles] = after_days
    for title, place in (shown or {}).items():
        places[0, title] = place
    return example_rows(moment(**more), profiles(*history), played, places, few, whole)


def test_every_play_is_kept_and_as_many_others_as_asked_for() -> None:
    rows = found([[1]])
    assert rows.title[rows.label == 1].tolist() == [1]
    assert rows.candidate.sum() == 2 and rows.sampled.sum() == 2
    assert rows.relevant_count.tolist() == [1]


def test_a_play_after_the_days_that_judge_teaches_but_does_not_judge() -> None:
    late = candidate_settings().judged_days + 1.0
    rows = found([[1]], after_days=late)
    assert rows.title[rows.label == 1].tolist() == [1]
    assert rows.played_days[rows.label == 1].tolist() == [late]
    assert np.isnan(rows.played_days[rows.label == 0]).all()
    assert rows.relevant_count.tolist() == [0]


def test_what_was_shown_and_not_played_is_what_was_not_chosen() -> None:
    rows = found([[1]], shown={3: 7, 1: 2}, negatives=5)
    assert rows.title[rows.candidate].tolist() == [1, 3]
    assert rows.shown_rank[rows.candidate].tolist() == [2, 7]


def test_what_is_not_available_is_no_negative() -> None:
    rows = found([[1]], negatives=5, gone=3)
    assert 3 not in rows.title.tolist()


def test_a_play_beyond_the_candidates_teaches_the_whole_catalogue_only() -> None:
    rows = found([[3], [1]], per_source=1)
    own = rows.profile == 0
    assert rows.label[own & rows.sampled].sum() == 1
    assert rows.label[own & rows.candidate].sum() == 0


def test_a_query_without_a_play_teaches_nothing_and_is_kept_for_judging_only() -> None:
    assert len(found([[], [1]], negatives=3).title) == len(found([[1]], negatives=3).title)
    assert found([[]], whole=True).candidate.sum() == 3


def test_a_query_kept_whole_teaches_no_more_than_others() -> None:
    whole, bounded = found([[1], []], negatives=1, whole=True), found([[1], []], negatives=1)
    assert whole.candidate.sum() > bounded.candidate.sum() == 2
    assert whole.title[whole.training].tolist() == bounded.title[bounded.training].tolist()


def test_the_draw_is_the_same_every_time() -> None:
    once, again = (found([[1], [2]], negatives=1) for _ in range(2))
    assert np.array_equal(once.title, again.title) and np.array_equal(
        once.matrix, again.matrix, equal_nan=True
    )
