"""A catalogue and its ratings by draws, where no real ones are taken: the second world's.

Titles have one genre or two by their weights. The factors of a title are the mean of its genres'
and some of its own, so that tastes go along genres in part, as those of real ratings do. Members
choose what they rate by its fame and by how they like it, and rate it 1 to 5 stars:
3.5 + quality + a bias each + taste_spread * affinity + noise.
"""

import numpy as np
import pyarrow as pa

from conf.population import DrawnCatalogue
from simulator.arrays import BOOL, F64, I64
from simulator.draws import (
    DRAWN_CHOICE,
    DRAWN_FACTORS,
    DRAWN_GENRES,
    DRAWN_MEMBERS,
    DRAWN_NAMES,
    DRAWN_STARS,
    DRAWN_TITLES,
    normal_draws,
    uniform_draws,
)

_FACTORS = 8  # of taste, behind the stars
_MIDDLE = 3.5  # stars
_BIAS = 0.4  # stars between members, one standard deviation
_LEAST_RATINGS = 20  # of a member
_YEARS = (1935, 2025)
_FIRST_WORDS = (
    *("Amber", "Broken", "Crimson", "Distant", "Electric", "Fallen", "Gentle", "Hidden"),
    *("Iron", "Jagged", "Kind", "Last", "Midnight", "Northern", "Open", "Paper"),
    *("Quiet", "Restless", "Silver", "Tender", "Under", "Velvet", "Winter", "Yellow"),
)
_SECOND_WORDS = (
    *("Alibi", "Bridge", "Captain", "Daughter", "Echo", "Ferry", "Garden", "Harbour"),
    *("Island", "Journey", "Kitchen", "Letter", "Mirror", "Neighbour", "Orchard", "Promise"),
    *("Quarry", "River", "Station", "Theatre", "Uncle", "Verdict", "Waltz", "Zoo"),
)


def drawn_catalogue(settings: DrawnCatalogue, seed: int) -> tuple[pa.Table, pa.Table]:
    """Titles (title_id, name, year, genres) and ratings (profile_id, title_id, stars)."""
    title, member = np.arange(settings.titles), np.arange(settings.members)
    genres = _genres(settings, seed, title)
    factors = _factors(settings, seed, genres)
    traits = normal_draws(seed, title, DRAWN_TITLES, 2)
    tastes = normal_draws(seed, member, DRAWN_MEMBERS, _FACTORS + 2)
    affinity = tastes[:, :_FACTORS] @ factors.T
    fame = settings.fame_spread * traits[:, 0]
    choice = fame + settings.choosiness * affinity + _gumbels(settings, seed, member)
    counts = settings.ratings * np.exp(settings.ratings_spread * tastes[:, _FACTORS])
    counts = np.clip(counts, _LEAST_RATINGS, settings.titles / 2).astype(np.int64)
    rank = np.argsort(np.argsort(-choice, axis=1), axis=1)
    who, which = np.nonzero(rank < counts[:, None])
    expected = (
        _MIDDLE + _BIAS * tastes[who, _FACTORS + 1] + settings.taste_spread * affinity[who, which]
    )
    expected += settings.quality_spread * traits[which, 1]
    noise = normal_draws(seed, member, DRAWN_STARS, settings.titles)[who, which]
    stars = np.clip(np.rint(expected + settings.noise * noise), 1, 5)
    ratings = {
        "profile_id": [f"d{number}" for number in who.tolist()],
        "title_id": [str(number + 1) for number in which.tolist()],
        "stars": stars,
    }
    return _titles_table(settings, seed, genres), pa.table(ratings)


def _genres(settings: DrawnCatalogue, seed: int, title: I64) -> BOOL:
    """(t, g) one genre by weight, and another one for a share of titles."""
    weights = np.array(list(settings.genres.values()))
    uniforms = uniform_draws(seed, title, DRAWN_GENRES, 3)
    cumulative = np.cumsum(weights) / weights.sum()
    first, second = (np.searchsorted(cumulative[:-1], uniforms[:, n], "right") for n in (0, 1))
    genres = np.zeros((len(title), len(weights)), bool)
    genres[title, first] = True
    has_second = uniforms[:, 2] < settings.second_genre_share
    genres[title[has_second], second[has_second]] = True
    return genres


def _factors(settings: DrawnCatalogue, seed: int, genres: BOOL) -> F64:
    """(t, k) factors of length 1 on average: `genre_share` of them by genre, the rest a title's own."""
    titles, kinds = genres.shape
    draws = normal_draws(seed, np.arange(kinds + titles), DRAWN_FACTORS, _FACTORS)
    draws /= np.sqrt(_FACTORS)
    by_genre = genres @ draws[:kinds] / np.sqrt(genres.sum(axis=1, keepdims=True))
    share = settings.genre_share
    factors: F64 = np.sqrt(share) * by_genre + np.sqrt(1 - share) * draws[kinds:]
    return factors


def _gumbels(settings: DrawnCatalogue, seed: int, member: I64) -> F64:
    """(m, t) noises: the largest sums with them are a draw without replacement by softmax."""
    uniforms = uniform_draws(seed, member, DRAWN_CHOICE, settings.titles)
    noises: F64 = -np.log(-np.log(uniforms + 1e-300))
    return noises


def _titles_table(settings: DrawnCatalogue, seed: int, genres: BOOL) -> pa.Table:
    """Names are two words and differ by year where they are alike."""
    title = np.arange(settings.titles)
    uniforms = uniform_draws(seed, title, DRAWN_NAMES, 3)
    names = list(settings.genres)
    first = (uniforms[:, 0] * len(_FIRST_WORDS)).astype(int)
    second = (uniforms[:, 1] * len(_SECOND_WORDS)).astype(int)
    year = _YEARS[0] + (uniforms[:, 2] ** 0.4 * (_YEARS[1] - _YEARS[0] + 1)).astype(int)
    columns = {
        "title_id": pa.array([str(number + 1) for number in title.tolist()]),
        "name": [
            f"{_FIRST_WORDS[one]} {_SECOND_WORDS[other]}"
            for one, other in zip(first, second, strict=True)
        ],
        "year": pa.array(year, pa.int32()),
        "genres": [[names[g] for g in np.flatnonzero(row)] for row in genres],
    }
    return pa.table(columns)
