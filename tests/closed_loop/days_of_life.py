"""Measures of made-up days, as the simulated world leaves them."""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

CHANCES = {"pipeline": 0.40, "popular": 0.30, "random": 0.10, "oracle": 0.50}
COUNTS = (
    "sessions",
    "taken",
    "page_plays",
    "search_plays",
    "quality_plays",
    "seconds",
    "page_seconds",
    "seen",
    "illegal_seen",
    "looked",
    "playless",
    "new_plays",
    "young_plays",
    "fetches",
    "fetch_seconds",
)


def measures(
    days: int = 4, profiles: int = 300, chances: Mapping[str, float] = CHANCES, titles: int = 50
) -> pa.Table:
    """Each profile comes on two of three days; all arms meet the same sessions and the same luck."""
    return pa.concat_tables([_day(day, profiles, chances, titles) for day in range(days)])


def _day(day: int, profiles: int, chances: Mapping[str, float], titles: int) -> pa.Table:
    rng = np.random.default_rng(day)
    who = np.flatnonzero(rng.random(profiles) < 2 / 3)
    sessions, luck, favourite = (
        rng.integers(1, 4, len(who)),
        rng.random((len(who), 3)),
        rng.integers(titles, size=len(who)),
    )
    met = np.arange(3) < sessions[:, None]
    return pa.concat_tables(
        [_arm(day, arm, who, sessions, met & (luck < c), favourite) for arm, c in chances.items()]
    )


def _arm(
    day: int,
    arm: str,
    who: np.ndarray,
    sessions: np.ndarray,
    plays: np.ndarray,
    favourite: np.ndarray,
) -> pa.Table:
    """A play from the page lasts an hour, and half of them are good; half of the other sessions end in a search."""
    taken = plays.sum(axis=1)
    found = (sessions - taken) // 2
    counts = dict.fromkeys(COUNTS, np.zeros(len(who), np.int64)) | {
        "sessions": sessions,
        "taken": taken,
        "page_plays": taken,
        "search_plays": found,
        "quality_plays": taken // 2,
        "seconds": 3600 * (taken + found),
        "page_seconds": 3600 * taken,
        "seen": 30 * sessions,
        "looked": 15 * sessions,
        "playless": sessions - taken - found,
    }
    return pa.table(
        {
            "day": pa.array(np.full(len(who), day), pa.int32()),
            "arm": [arm] * len(who),
            "profile_id": [f"p{n}" for n in who],
            "account_id": [f"a{n // 2}" for n in who],
            **{name: pa.array(values, pa.int64()) for name, values in counts.items()},
            "titles": pa.array(
                [[t] * n for t, n in zip(favourite, taken, strict=True)], pa.list_(pa.int32())
            ),
        }
    )
