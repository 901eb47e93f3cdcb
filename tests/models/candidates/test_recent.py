"""Windows that end at a moment and take nothing after it."""

import numpy as np

from conf.days import DAY_S
from models.candidates.recent import recent, recent_counts

TITLE = np.array([0, 0, 1, 2, 2])
AT = np.array([0.0, 9, 9, 10, 10.5]) * DAY_S  # in days


def test_window_holds_its_end_and_not_its_start() -> None:
    assert recent_counts(TITLE, AT, 10.0 * DAY_S, 1, 3).tolist() == [0, 0, 1]
    assert recent_counts(TITLE, AT, 10.0 * DAY_S, 1.001, 3).tolist() == [1, 1, 1]
    assert recent_counts(TITLE, AT, 10.0 * DAY_S, 365, 3).tolist() == [2, 1, 1]


def test_recent_is_the_mean_share_over_windows() -> None:
    assert np.allclose(
        recent(TITLE, AT, 10.0 * DAY_S, (1, 365), 3).counts,
        [(0 + 2 / 4) / 2, (0 + 1 / 4) / 2, (1 + 1 / 4) / 2],
    )


def test_empty_window_gives_zeros_not_nan() -> None:
    assert recent(TITLE, AT, -5.0, (1,), 3).counts.tolist() == [0, 0, 0]
