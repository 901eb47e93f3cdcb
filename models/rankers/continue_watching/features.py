"""Features of Continue Watching, for training and for pages (N-040 to N-043).

Of each title that a profile can go on with, and of whether its next session goes on with any.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from conf.days import DAY_S
from conf.rows import rows
from models.candidates.features import history_matrix
from models.candidates.genre_affinity import genre_affinity
from models.catalogue.arrays import Catalogue, Profiles
from models.catalogue.eligibility import allowed, continuing
from models.ragged import Ragged, ranks

F32 = NDArray[np.float32]
INTS = NDArray[np.int64]
Columns = dict[str, NDArray[np.floating]]  # a value for each row, by feature
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
COUNTS = ("title_plays_count_7d", "title_plays_count_30d", "title_plays_count_all")
TITLE = (
    *COUNTS,
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
QUERY = (*PROFILE, "profile_kids", "resume_count", "context_weekday")
FEATURES = (*ENTRY, *TITLE, *QUERY)
CONTINUATION_FEATURES = (
    *QUERY,
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
class ResumeTitles:
    """The N titles that the profiles of a batch can go on with, by profile and then newest first."""

    entry: INTS  # (N,) index into the flat histories of the batch
    profile: INTS  # (N,) index into the batch
    matrix: F32  # (N, len(FEATURES))

    @property
    def by_profile(self) -> Ragged:
        """The titles as one list for each profile that has any."""
        return Ragged.from_runs(self.profile)


def resume_titles(
    catalogue: Catalogue, profiles: Profiles, context: dict[str, float]
) -> ResumeTitles:
    """The titles with something left to watch that each profile may be shown, with their features."""
    may_be_shown = allowed(catalogue, profiles)[profiles.owners, profiles.title]
    entry = np.flatnonzero(continuing(profiles, catalogue, _window_days()) & may_be_shown)
    profile = profiles.owners[entry]
    columns = (
        _entry_columns(catalogue, profiles, entry)
        | _title_columns(catalogue, profiles.title[entry])
        | _query_columns(profiles, profile, context)
    )
    return ResumeTitles(entry, profile, feature_matrix(columns, FEATURES, len(entry)))


def _window_days() -> int:
    """How far back the rows look that hold what can be gone on with."""
    windows = [kind.window_days for kind in rows().kinds.values() if kind.order == "resume"]
    return max(windows, default=0)


def _entry_columns(catalogue: Catalogue, profiles: Profiles, entry: INTS) -> Columns:
    """What a profile did with each title so far."""
    states = profiles.states
    profile, title = profiles.owners[entry], profiles.title[entry]
    age_s = catalogue.as_of_s - profiles.last_at_s
    length_s = states.length_s[entry]
    left_s = (states.length_s - states.resume_s)[entry]
    newer = profiles.index_within
    # seconds until the title that was played after it; of a profile's newest title there is none
    gap_s = np.append(np.nan, np.diff(-profiles.last_at_s))
    gap_s = np.where(newer > 0, gap_s, np.nan)
    history = history_matrix(profiles, catalogue.size)
    affinity = genre_affinity(history, catalogue.genre_matrix)
    return {
        "resume_days": age_s[entry] / DAY_S,
        "resume_place": Ragged.from_runs(profile).index_within + 1.0,
        "resume_share": states.share[entry],
        "resume_left_minutes": left_s / 60,
        "resume_length_minutes": length_s / 60,
        "resume_next_episode": (~states.begun[entry]).astype(np.float64),
        "resume_series": (states.episode[entry] != "").astype(np.float64),
        "resume_finished_count": states.finished[entry],
        "resume_plays_count": profiles.plays[entry].astype(np.float64),
        "resume_first_days": (catalogue.as_of_s - states.first_at_s[entry]) / DAY_S,
        "resume_newer_count": newer[entry].astype(np.float64),
        "resume_gap_hours": gap_s[entry] / 3600,
        "resume_device": _device_numbers(states.device[entry]),
        "resume_stars": profiles.stars[entry],
        "resume_thumb": states.thumb[entry],
        "resume_genre_affinity": affinity[profile, title],
    }


def _device_numbers(devices: NDArray[np.object_]) -> NDArray[np.float64]:
    """The index in DEVICES of each, NaN for any other."""
    numbers = [DEVICES.index(name) if name in DEVICES else np.nan for name in devices]
    return np.array(numbers).astype(np.float64)


def _title_columns(catalogue: Catalogue, title: NDArray[np.integer]) -> Columns:
    """What is known of each title; counts of plays as logarithms."""
    columns: Columns = {}
    for name in TITLE:
        values = catalogue.features[name][title]
        columns[name] = np.log1p(values) if name in COUNTS else values
    return columns


def _query_columns(profiles: Profiles, profile: INTS, context: dict[str, float]) -> Columns:
    """What is the same for all titles of a profile."""
    titles = np.bincount(profile, minlength=profiles.size)
    columns: Columns = {name: profiles.features[name][profile] for name in PROFILE}
    columns["profile_kids"] = profiles.kids[profile].astype(np.float64)
    columns["resume_count"] = titles[profile].astype(np.float64)
    columns["context_weekday"] = np.full(len(profile), context["context_weekday"])
    return columns


def feature_matrix(columns: Columns, names: tuple[str, ...], size: int) -> F32:
    """The named columns (size,) side by side (size, names)."""
    matrix = np.empty((size, len(names)), np.float32)
    for column, name in enumerate(names):
        matrix[:, column] = columns[name]
    return matrix


def continuation_matrix(
    matrix: F32, lists: Ragged, probability: NDArray[np.floating], row_position: F32 | float
) -> F32:
    """One row of CONTINUATION_FEATURES for each of n profiles, from its titles' rows of FEATURES.

    Args:
        matrix: (N, len(FEATURES)) the titles, by profile and then newest first.
        lists: the titles of each profile, at least one.
        probability: (N,) that each title is gone on with once it is looked at. `wish_any` is the probability of any
            of them, as if each were looked at and decided alone.
        row_position: (n,) or one number: where the row stood on the page, NaN for nowhere.
    """
    newest = {name: matrix[lists.starts, column] for column, name in enumerate(FEATURES)}
    columns: Columns = {name: newest[name] for name in QUERY}
    others = np.where(_is_best(probability, lists), 0.0, probability)
    log_refusal = np.log1p(-np.clip(probability, 0, 1 - 1e-6))
    no_title = np.bincount(lists.owners, log_refusal, minlength=lists.list_count)
    columns |= {
        "wish_best": _greatest(probability, lists),
        "wish_second": _greatest(others, lists),
        "wish_any": 1 - np.exp(no_title),
        "newest_days": newest["resume_days"],
        "newest_share": newest["resume_share"],
        "newest_next_episode": newest["resume_next_episode"],
        "newest_newer_count": newest["resume_newer_count"],
        "newest_left_minutes": newest["resume_left_minutes"],
        "row_position": np.broadcast_to(np.asarray(row_position, np.float32), lists.list_count),
    }
    return feature_matrix(columns, CONTINUATION_FEATURES, lists.list_count)


def _greatest(values: NDArray[np.floating], lists: Ragged) -> NDArray[np.floating]:
    """The greatest value (n,) of each list, none of which is empty."""
    if not lists.list_count:
        return np.zeros(0)
    greatest: NDArray[np.floating] = np.maximum.reduceat(values, lists.starts)
    return greatest


def _is_best(probability: NDArray[np.floating], lists: Ragged) -> NDArray[np.bool_]:
    """Whether each title (N,) is the most probable one of its profile, the newest of equals."""
    return ranks(probability, lists) == 1
