"""Candidates of each profile and the features of profile x title pairs.

One implementation for training and serving.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from conf.contracts import contract
from conf.days import COUNT_WINDOWS
from models.candidates.genre_affinity import genre_affinity
from models.candidates.sources import general_best, own_best
from models.catalogue.arrays import Catalogue, Profiles
from models.catalogue.eligibility import played_mask
from models.ragged import Ragged, ranks, standard_scores

COUNTS = (*(f"title_plays_count_{w}d" for w in COUNT_WINDOWS), "title_plays_count_all")
UNUSED = ("title_stars_count",)  # of the title features; the shrunk mean of stars has it in it
TITLE = tuple(
    name
    for name in contract("title_features").columns
    if name.startswith("title_") and name not in ("title_id", *UNUSED)
)
PROFILE = tuple(
    name
    for name in contract("profile_features").columns
    if name.startswith("profile_") and name != "profile_id"
)
PERSONAL = (
    "ease",
    "ease_recent",
    "cosine",
    "cosine_recent",
    "genre_affinity",
    "genre_affinity_recent",
)
SINCE = (
    "title_age_at_last_visit_days",
    "title_age_at_first_visit_days",
)  # below 0: it came after the visit
VISITS = ("profile_last_play_age_days", "profile_first_play_age_days")
RANKED = ("ease", "ease_recent", "cosine", "title_plays_count_7d", "title_plays_count_30d")
CONTEXT = ("context_weekday", "context_season_sin", "context_season_cos")
FEATURES = (
    *TITLE,
    *PROFILE,
    *PERSONAL,
    "year_gap",
    *SINCE,
    *(f"{name}_z" for name in RANKED),
    *(f"{name}_rank" for name in RANKED),
    *CONTEXT,
)
FLOATS = NDArray[np.floating]
RECENT = 20  # plays of a history that count as recent


@dataclass(frozen=True)
class Pairs(Ragged):
    """Candidates of a batch of m profiles, a list for each, sorted by profile and then title."""

    profile: NDArray[np.int32]  # (N,) index into the batch
    title: NDArray[np.int32]  # (N,) index into the catalogue
    matrix: NDArray[np.float32]  # (N, len(FEATURES)), or as many as were asked for

    def dense(self, scores: NDArray[np.floating], size: int) -> NDArray[np.float32]:
        """Scores (N,) as a matrix (m, size), -inf where a title is no candidate."""
        table = np.full((self.list_count, size), -np.inf, np.float32)
        table[self.profile, self.title] = scores
        return table


class PairInputs(NamedTuple):
    """What the features of pairs are computed from."""

    catalogue: Catalogue
    profiles: Profiles
    personal: dict[str, NDArray[np.float32]]  # see personal_scores
    context: dict[str, float]  # by the names of CONTEXT


class PairParts(NamedTuple):
    """The features of pairs of m profiles and n titles, but for RANKED's, by what each depends on."""

    title: dict[str, FLOATS]  # (n,)
    profile: dict[str, FLOATS]  # (m,)
    differences: dict[str, tuple[FLOATS, FLOATS]]  # (n,) of the title, less (m,) of the profile
    both: dict[str, NDArray[np.float32]]  # (m, n)


def history_matrix(profiles: Profiles, size: int, recent: int | None = None) -> sparse.csr_matrix:
    """0/1 matrix (m, size) of what each profile played, or of its `recent` newest plays only."""
    keep = slice(None) if recent is None else profiles.index_within < recent
    row = profiles.owners[keep]
    column = profiles.title[keep]
    ones = np.ones(len(row), np.float32)
    return sparse.csr_matrix((ones, (row, column)), shape=(profiles.size, size))


def pairs(
    inputs: PairInputs,
    allowed: NDArray[np.bool_],
    per_source: int | None,
    names: Sequence[str] = FEATURES,
    promised: NDArray[np.bool_] | None = None,
) -> Pairs:
    """Candidates of each profile with their features, or those of `names`.

    `allowed` (m, n) masks what may be shown at all; titles already played are no candidates either.
    Each source (EASE, recent EASE, cosine, popularity over windows, trend, newness, genre) gives
    its `per_source` best titles; None takes every title. Those of `promised` (m, n) come beside them.
    """
    catalogue, profiles, personal, _ = inputs
    mask = allowed & ~played_mask(profiles, catalogue.size)
    if per_source is not None:
        personal_best = own_best(personal, mask, per_source)
        best_for_all = general_best(catalogue, COUNTS, per_source)
        given = personal_best | best_for_all[None, :]
        mask = mask & (given if promised is None else given | promised)
    return pairs_of(inputs, mask, names)


def pairs_of(inputs: PairInputs, mask: NDArray[np.bool_], names: Sequence[str] = FEATURES) -> Pairs:
    """The pairs of a mask (m, n) with their features `names`.

    Ranks and standard scores are among these pairs.
    """
    row, column = np.nonzero(mask)
    profile = row.astype(np.int32)
    title = column.astype(np.int32)
    lists = Ragged.from_counts(mask.sum(axis=1))
    values = _plain_values(inputs, profile, title)
    for name in RANKED:
        score = np.asarray(values[name], np.float64)
        if f"{name}_z" in names:
            values[f"{name}_z"] = standard_scores(score, lists)
        if f"{name}_rank" in names:
            values[f"{name}_rank"] = ranks(score, lists)
    matrix = np.empty((len(profile), len(names)), np.float32)
    for index, name in enumerate(names):
        matrix[:, index] = values[name]
    return Pairs(lists.offsets, profile, title, matrix)


def personal_scores(
    catalogue: Catalogue, profiles: Profiles, ease: sparse.csr_matrix, cosine: sparse.csr_matrix
) -> dict[str, NDArray[np.float32]]:
    """Each profile's own scores of each title, by its history: matrices (m, n) by PERSONAL.

    `ease` and `cosine` are the weights (n, n) of the item models.
    """
    history = history_matrix(profiles, catalogue.size)
    recent = history_matrix(profiles, catalogue.size, RECENT)
    genres = catalogue.genre_matrix
    return {
        "ease": (history @ ease).toarray(),
        "ease_recent": (recent @ ease).toarray(),
        "cosine": (history @ cosine).toarray(),
        "cosine_recent": (recent @ cosine).toarray(),
        "genre_affinity": genre_affinity(history, genres),
        "genre_affinity_recent": genre_affinity(recent, genres),
    }


def pair_parts(inputs: PairInputs) -> PairParts:
    """The features of all pairs of a batch of profiles with the catalogue."""
    catalogue, profiles, personal, context = inputs
    features = catalogue.features
    first_play_age = features["title_first_play_age_days"]
    since = {
        name: (first_play_age, profiles.features[visit])
        for name, visit in zip(SINCE, VISITS, strict=True)
    }
    of_day = {name: np.full(profiles.size, context[name]) for name in CONTEXT}
    return PairParts(
        title=title_values(catalogue),
        profile={name: profiles.features[name] for name in PROFILE} | of_day,
        differences=since | {"year_gap": _year_ages(catalogue, profiles)},
        both=personal,
    )


def title_values(catalogue: Catalogue) -> dict[str, FLOATS]:
    """The features of titles (n,); plays as log(1 + plays)."""
    features = catalogue.features
    return {name: np.log1p(features[name]) if name in COUNTS else features[name] for name in TITLE}


def _plain_values(
    inputs: PairInputs, row: NDArray[np.int32], column: NDArray[np.int32]
) -> dict[str, FLOATS]:
    """The features of pairs (N,) of profiles `row` and titles `column`, but for RANKED's."""
    parts = pair_parts(inputs)
    values: dict[str, FLOATS] = {name: of_all[column] for name, of_all in parts.title.items()}
    values |= {name: of_all[row] for name, of_all in parts.profile.items()}
    for name, (of_titles, of_profiles) in parts.differences.items():
        values[name] = of_titles[column] - of_profiles[row]
    return values | {name: of_all[row, column] for name, of_all in parts.both.items()}


def _year_ages(catalogue: Catalogue, profiles: Profiles) -> tuple[FLOATS, FLOATS]:
    """Each title's age in years (n,), and the mean of what each profile played (m,); NaN if unknown."""
    age = catalogue.features["title_year_age"].astype(np.float64)
    history = history_matrix(profiles, catalogue.size)
    has_age = ~np.isnan(age)
    count = np.asarray(history @ has_age.astype(np.float64)).ravel()
    total = np.asarray(history @ np.nan_to_num(age)).ravel()
    return age, np.divide(total, count, out=np.full(len(total), np.nan), where=count > 0)
