"""Continue Watching: which of the titles begun is wanted most, and whether the next session goes on at all (N-040 to
N-043). One implementation of the features for training and for pages."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from conf.days import DAY_S
from conf.rows import rows
from models.candidates.features import history_matrix
from models.candidates.genre_affinity import genre_affinity
from models.catalogue.arrays import Catalogue, Profiles
from models.catalogue.eligibility import allowed, continuing
from models.ragged import Ragged

F32 = NDArray[np.float32]
INTS = NDArray[np.int64]
DEVICES = ("tv", "web", "phone", "tablet")
ENTRY = (
    "resume_days",
    "resume_place",
    "resume_share",
    "resume_left_minutes",
    "resume_length_minutes",
    "resume_next_episode",
    "resume_series",
    "resume_finished_count",
    "resume_plays_count",
    "resume_first_days",
    "resume_newer_count",
    "resume_gap_hours",
    "resume_device",
    "resume_stars",
    "resume_thumb",
    "resume_genre_affinity",
)
TITLE = (
    "title_plays_count_7d",
    "title_plays_count_30d",
    "title_plays_count_all",
    "title_trend_7d",
    "title_launch_age_days",
    "title_year_age",
    "title_stars_mean",
)
PROFILE = (
    "profile_plays_count_7d",
    "profile_plays_count_30d",
    "profile_plays_count_all",
    "profile_first_play_age_days",
    "profile_last_play_age_days",
    "profile_hour_mean_sin",
    "profile_hour_mean_cos",
    "profile_weekend_share",
)
OF_QUERY = (*PROFILE, "profile_kids", "resume_count", "context_weekday")
FEATURES = (*ENTRY, *TITLE, *OF_QUERY)
MODE_FEATURES = (
    *OF_QUERY,
    "wish_best",
    "wish_second",
    "wish_any",
    "newest_days",
    "newest_share",
    "newest_next_episode",
    "newest_newer_count",
    "newest_left_minutes",
    "row_position",
)


@dataclass(frozen=True)
class Begun:
    """What each profile of a batch could go on with, by profile and then newest first."""

    entry: INTS  # (N,) place in the flat history
    profile: INTS  # (N,) index into the batch
    matrix: F32  # (N, len(FEATURES))

    @property
    def starts(self) -> INTS:
        """The first row of each profile that has any."""
        return Ragged.from_runs(self.profile).starts


def begun(catalogue: Catalogue, profiles: Profiles, context: dict[str, float]) -> Begun:
    """The titles with something left that each profile may be shown, with their features."""
    days = max(
        (kind.window_days for kind in rows().kinds.values() if kind.order == "resume"), default=0
    )
    owner, legal = profiles.owners, allowed(catalogue, profiles)
    entry = np.flatnonzero(continuing(profiles, catalogue, days) & legal[owner, profiles.title])
    values = _of_entry(catalogue, profiles, entry) | _of_query(profiles, owner[entry], context)
    values |= {name: catalogue.features[name][profiles.title[entry]] for name in TITLE}
    values |= {name: np.log1p(values[name]) for name in TITLE[:3]}
    return Begun(entry, owner[entry], stacked(values, FEATURES, len(entry)))


def _of_entry(
    catalogue: Catalogue, profiles: Profiles, entry: INTS
) -> dict[str, NDArray[np.floating]]:
    states, owner, title = profiles.states, profiles.owners, profiles.title
    age_s = catalogue.as_of_s - profiles.last_at_s
    newer = profiles.index_within
    gap = np.append(
        np.nan, np.diff(-profiles.last_at_s)
    )  # until the title that was played after it
    affinity = genre_affinity(history_matrix(profiles, catalogue.size), catalogue.genre_matrix)
    device = np.array(
        [DEVICES.index(name) if name in DEVICES else np.nan for name in states.device[entry]]
    )
    return {
        "resume_days": age_s[entry] / DAY_S,
        "resume_place": Ragged.from_runs(owner[entry]).index_within + 1.0,
        "resume_share": states.share[entry],
        "resume_left_minutes": (states.length_s - states.resume_s)[entry] / 60,
        "resume_length_minutes": states.length_s[entry] / 60,
        "resume_next_episode": (~states.begun[entry]).astype(np.float64),
        "resume_series": (states.episode[entry] != "").astype(np.float64),
        "resume_finished_count": states.finished[entry],
        "resume_plays_count": profiles.plays[entry].astype(np.float64),
        "resume_first_days": (catalogue.as_of_s - states.first_at_s[entry]) / DAY_S,
        "resume_newer_count": newer[entry].astype(np.float64),
        "resume_gap_hours": np.where(newer > 0, gap, np.nan)[entry] / 3600,
        "resume_device": device.astype(np.float64),
        "resume_stars": profiles.stars[entry],
        "resume_thumb": states.thumb[entry],
        "resume_genre_affinity": affinity[owner[entry], title[entry]],
    }


def _of_query(
    profiles: Profiles, owner: INTS, context: dict[str, float]
) -> dict[str, NDArray[np.floating]]:
    count = np.bincount(owner, minlength=profiles.size)[owner].astype(np.float64)
    return {name: profiles.features[name][owner] for name in PROFILE} | {
        "profile_kids": profiles.kids[owner].astype(np.float64),
        "resume_count": count,
        "context_weekday": np.full(len(owner), context["context_weekday"]),
    }


def stacked(values: dict[str, NDArray[np.floating]], names: tuple[str, ...], size: int) -> F32:
    """The named columns (size,) side by side (size, names)."""
    matrix = np.empty((size, len(names)), np.float32)
    for place, name in enumerate(names):
        matrix[:, place] = values[name]
    return matrix


def mode_matrix(
    matrix: F32, starts: INTS, wish: NDArray[np.floating], row_position: F32 | float
) -> F32:
    """One row of MODE_FEATURES for each profile: its rows of FEATURES begin at `starts`, newest first.

    `wish` (N,) is the probability with which each title is gone on with once it is looked at; `wish_any` that of any,
    as if each were looked at and decided alone. `row_position` is where the row stood on the page, NaN for nowhere.
    """
    column = {name: matrix[starts, place] for place, name in enumerate(FEATURES)}
    left = np.log1p(-np.clip(wish, 0, 1 - 1e-6))
    best = np.maximum.reduceat(wish, starts) if len(starts) else np.zeros(0)
    owner = Ragged(np.append(starts, len(wish))).owners
    rest = np.where(np.arange(len(wish)) == _first_best(wish, starts), 0.0, wish)
    values = {name: column[name] for name in OF_QUERY} | {
        "wish_best": best,
        "wish_second": np.maximum.reduceat(rest, starts) if len(starts) else np.zeros(0),
        "wish_any": 1 - np.exp(np.bincount(owner, left, minlength=len(starts))),
        "newest_days": column["resume_days"],
        "newest_share": column["resume_share"],
        "newest_next_episode": column["resume_next_episode"],
        "newest_newer_count": column["resume_newer_count"],
        "newest_left_minutes": column["resume_left_minutes"],
        "row_position": np.broadcast_to(np.asarray(row_position, np.float32), len(starts)),
    }
    return stacked(values, MODE_FEATURES, len(starts))


def _first_best(wish: NDArray[np.floating], starts: INTS) -> INTS:
    """For each row (N,) the place of the most wanted row of its profile, the newest of equals."""
    lists = Ragged(np.append(starts, len(wish)))
    order = np.lexsort((np.arange(len(wish)), -wish, lists.owners))
    return np.repeat(order[starts], lists.counts)
