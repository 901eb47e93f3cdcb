"""What can be continued, by the state of an entry."""

import numpy as np
import pyarrow as pa

from models.catalogue.watch_state import unknown_viewing, viewing_from

ENTRIES = [
    {"resume_seconds": 30.0, "duration_seconds": 120.0},
    {"finished_count": 1.0, "next_episode": "s1e2"},
    {"finished_count": 0.0, "next_episode": "s1e1"},
    {"finished_count": 1.0},
]
COLUMNS = ("resume_seconds", "duration_seconds", "finished_count", "thumb")
TEXTS = ("episode", "next_episode", "device")


def history():
    kinds = {**dict.fromkeys(COLUMNS, pa.float64()), **dict.fromkeys(TEXTS, pa.string())}
    return pa.array(ENTRIES, pa.struct({"first_at": pa.timestamp("us", "UTC"), **kinds}))


def test_half_watched_entries_and_next_episodes_can_be_continued():
    viewing = viewing_from(history(), np.ones(4, bool))
    assert viewing.begun.tolist() == [True, False, False, False]
    assert viewing.to_continue.tolist() == [True, True, False, False]
    assert viewing.share[0] == 0.25


def test_entries_outside_the_mask_are_left_out():
    viewing = viewing_from(history(), np.array([False, True, False, False]))
    assert viewing.next_episode.tolist() == ["s1e2"]


def test_nothing_can_be_continued_of_an_unknown_state():
    assert not unknown_viewing(2).to_continue.any()
