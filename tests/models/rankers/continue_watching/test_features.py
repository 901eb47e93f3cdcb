"""What can be gone on with and its features, on histories small enough to check by hand."""

from typing import Any

import numpy as np
import pytest

from models.catalogue.arrays import Profiles
from models.ragged import Ragged
from models.rankers.continue_watching.features import (
    CONTINUATION_FEATURES,
    FEATURES,
    PROFILE,
    continuation_matrix,
    resume_titles,
)
from tests.models.page import small

SHOP = small.catalogue(
    {
        "a": {"genres": ["Crime"], "plays": 9},
        "b": {"genres": ["Crime"]},
        "c": {"genres": ["Drama"]},
        "d": {},
        "grim": {"maturity": 18},
    }
)
HALF = {"resume_s": 600, "length_s": 6000, "finished": 0, "device": "phone"}
NEXT = {
    "resume_s": 0,
    "length_s": 1800,
    "finished": 4,
    "episode": "S01E04",
    "next_episode": "S01E05",
}
DONE = {"resume_s": 0, "length_s": 6000, "finished": 1}
CONTEXT = {"context_weekday": 5.0}


def people(*histories: list[str], states: dict[str, Any], **facts: Any) -> Profiles:
    made = small.profiles(
        SHOP, {f"p{n}": {"history": h, "states": states, **facts} for n, h in enumerate(histories)}
    )
    made.features.update({name: np.zeros(made.size, np.float32) for name in PROFILE})
    return made


def column(found: Any, name: str) -> list[float]:
    return found.matrix[:, FEATURES.index(name)].tolist()


def test_only_what_has_something_left_and_may_be_shown_counts() -> None:
    states = {"a": HALF, "b": DONE, "c": NEXT, "grim": HALF}
    found = resume_titles(
        SHOP, people(["grim", "c", "b", "a"], ["b"], states=states, limit=18), CONTEXT
    )
    assert found.profile.tolist() == [0, 0, 0] and found.by_profile.starts.tolist() == [0]
    child = resume_titles(SHOP, people(["grim", "c", "b", "a"], states=states, limit=16), CONTEXT)
    assert child.entry.tolist() == []  # a title of unknown maturity counts as for adults


def test_features_say_where_and_when_it_was_left() -> None:
    found = resume_titles(
        SHOP, people(["c", "b", "a"], states={"a": HALF, "b": DONE, "c": NEXT}), CONTEXT
    )
    assert column(found, "resume_days") == [0, 2]
    assert column(found, "resume_place") == [1, 2]
    assert column(found, "resume_share") == pytest.approx([0, 0.1])
    assert column(found, "resume_left_minutes") == [30, 90]
    assert column(found, "resume_next_episode") == [1, 0]
    assert column(found, "resume_newer_count") == [0, 2]
    assert (
        np.isnan(column(found, "resume_gap_hours")[0])
        and column(found, "resume_gap_hours")[1] == 24
    )
    assert column(found, "resume_genre_affinity") == pytest.approx(
        [1 / 3, 2 / 3]
    )  # two of three are crime
    assert column(found, "resume_device")[1] == 2 and column(found, "context_weekday") == [5, 5]


def test_continuation_knows_the_best_the_second_and_whether_any_is_wanted() -> None:
    matrix = np.zeros((5, len(FEATURES)), np.float32)
    matrix[:, FEATURES.index("resume_days")] = [1, 2, 3, 7, 8]
    found = continuation_matrix(
        matrix, Ragged(np.array([0, 3, 5])), np.array([0.1, 0.5, 0.5, 0.2, 0.0]), 1.0
    )

    def of(name: str) -> list[float]:
        return found[:, CONTINUATION_FEATURES.index(name)].tolist()

    assert of("wish_best") == pytest.approx([0.5, 0.2])
    assert of("wish_second") == pytest.approx([0.5, 0.0])
    assert of("wish_any") == pytest.approx([1 - 0.9 * 0.5 * 0.5, 0.2], abs=1e-5)
    assert of("newest_days") == [1, 7] and of("row_position") == [1, 1]


def test_a_batch_gives_each_profile_what_it_gets_alone() -> None:
    states = {"a": HALF, "c": NEXT}
    together = resume_titles(SHOP, people(["c", "a"], [], ["a", "b"], states=states), CONTEXT)
    alone = resume_titles(SHOP, people(["a", "b"], states=states), CONTEXT)
    assert np.array_equal(together.matrix[together.profile == 2], alone.matrix, equal_nan=True)


def test_nobody_with_anything_left_is_no_trouble() -> None:
    found = resume_titles(SHOP, people([], states={}), CONTEXT)
    assert found.matrix.shape == (0, len(FEATURES))
    assert continuation_matrix(found.matrix, found.by_profile, np.zeros(0), 1.0).shape == (
        0,
        len(CONTINUATION_FEATURES),
    )
