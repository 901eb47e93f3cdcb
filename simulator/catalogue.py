"""The world of a real catalogue and its real ratings.

Names, genres, popularity, quality and tastes are theirs; `simulator/titles.py` makes up the rest.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from conf.errors import UserMistake
from conf.population import TasteSettings
from conf.world import WorldSettings
from simulator.arrays import BOOL, F64, I32, I64
from simulator.draws import text_keys
from simulator.tastes import RealRatings, TasteFit, fitted_tastes, standardised_tastes
from simulator.titles import simulated_titles
from simulator.truth import World


def simulated_world(titles: pa.Table, ratings: pa.Table, settings: WorldSettings) -> World:
    """The world of a catalogue (title_id, name, year, genres) and its ratings.

    Year and genres may be null. A title that is listed twice under one name and year counts once,
    as the one with more ratings. Ratings (profile_id, title_id, stars) of titles that the catalogue
    does not list are left out.

    Raises UserMistake where no rating is left.
    """
    catalogue = _without_doubles(titles, ratings)
    title_ids = catalogue["title_id"].to_pylist()
    genre_names, genres = _genre_matrix(catalogue)
    real_ratings = _real_ratings(ratings, title_ids)
    counts = np.bincount(real_ratings.title, minlength=len(title_ids))
    fit = fitted_tastes(real_ratings, settings.tastes, settings.seed)
    genre_factors = _genre_factors(fit, genres, counts, settings.tastes)
    tastes = standardised_tastes(fit, genre_factors, settings.seed)
    made_up = simulated_titles(text_keys(title_ids), genres, genre_names, settings)
    true_titles = made_up._replace(
        attraction=_standardised(np.log1p(counts)).astype(np.float32),
        quality=tastes.quality.astype(np.float32),
        factors=tastes.factors.astype(np.float32),
        maturity=_maturity(made_up.maturity, catalogue["name"].to_pylist(), settings),
    )
    return World(
        seed=settings.seed,
        titles=true_titles,
        title_ids=tuple(title_ids),
        names=tuple(catalogue["name"].to_pylist()),
        years=tuple(catalogue["year"].to_pylist()),
        genre_names=genre_names,
        artwork_ids=_artwork_ids(title_ids, np.diff(true_titles.artwork_first)),
        tastes_mean=np.zeros(settings.tastes.factors, np.float32),
        tastes_root=tastes.root.astype(np.float32),
        tastes_real=tastes.tastes.astype(np.float32),
    )


def _maturity(drawn: I32, names: list[str], settings: WorldSettings) -> I32:
    """The least age of each title: the known one of its name, else the drawn one."""
    known = settings.catalogue.known_ages
    ages = [known.get(name, age) for name, age in zip(names, drawn.tolist(), strict=True)]
    return np.array(ages, np.int32)


def _genre_matrix(catalogue: pa.Table) -> tuple[tuple[str, ...], BOOL]:
    """The names of all genres (g,), ascending, and which title (t, g) has which."""
    lists = [genres or [] for genres in catalogue["genres"].to_pylist()]
    names = tuple(sorted({genre for genres in lists for genre in genres}))
    matrix = np.zeros((len(lists), len(names)), bool)
    for row, genres in enumerate(lists):
        matrix[row] = [name in genres for name in names]
    return names, matrix


def _artwork_ids(title_ids: list[str], counts: I64) -> tuple[str, ...]:
    """The ids of each title's artworks in turn, for example 242-00."""
    ids = []
    for title_id, count in zip(title_ids, counts, strict=True):
        ids += [f"{title_id}-{number:02d}" for number in range(count)]
    return tuple(ids)


def _without_doubles(titles: pa.Table, ratings: pa.Table) -> pa.Table:
    """The titles in their order; of several with one name and year only one.

    That is the one with most ratings, then the first.
    """
    value_counts = pc.value_counts(ratings["title_id"].combine_chunks())
    rated_ids = value_counts.field("values").to_pylist()
    counts = dict(zip(rated_ids, value_counts.field("counts").to_pylist(), strict=True))
    title_ids, names, years = (titles[name].to_pylist() for name in ("title_id", "name", "year"))
    best: dict[object, int] = {}
    for row, (title_id, name, year) in enumerate(zip(title_ids, names, years, strict=True)):
        key = title_id if year is None else (name, year)  # without a year it is never another one
        if key not in best or counts.get(title_id, 0) > counts.get(title_ids[best[key]], 0):
            best[key] = row
    return titles.take(pa.array(sorted(best.values()), pa.int64()))


def _real_ratings(ratings: pa.Table, title_ids: list[str]) -> RealRatings:
    """The ratings of listed titles as indices; members in order of their profile_id."""
    title = pc.index_in(ratings["title_id"], pa.array(title_ids, pa.string()))
    is_usable = pc.and_(pc.is_valid(title), pc.is_valid(ratings["stars"]))
    usable = ratings.filter(is_usable)
    if not len(usable):
        raise UserMistake("a world needs ratings of the titles it is made from; there are none")
    profile_ids = usable["profile_id"].to_numpy().astype(str)
    members, member = np.unique(profile_ids, return_inverse=True)
    return RealRatings(
        member=member.astype(np.int64),
        title=title.filter(is_usable).to_numpy().astype(np.int64),
        stars=usable["stars"].to_numpy().astype(np.float64),
        members=len(members),
        titles=len(title_ids),
    )


def _genre_factors(fit: TasteFit, genres: BOOL, counts: I64, settings: TasteSettings) -> F64:
    """What is added to the factors of each title (t, k): prior / (ratings + prior) of a mean.

    The mean is that of its genres, weighted by ratings. So a title that nobody rated has the mean
    factors of its genres, and one without genres those of all titles.
    """
    groups = np.column_stack([genres, np.ones(len(genres))])
    weights = groups * counts[:, None]
    group_weights = np.maximum(weights.sum(axis=0), 1)
    group_means = weights.T @ fit.title_factors / group_weights[:, None]
    has_no_genre = ~genres.any(axis=1)
    memberships = np.column_stack([genres, has_no_genre]).astype(np.float64)
    title_means = memberships @ group_means / memberships.sum(axis=1, keepdims=True)
    shrinkage = settings.genre_prior / (counts + settings.genre_prior)
    genre_factors: F64 = title_means * shrinkage[:, None]
    return genre_factors


def _standardised(values: F64) -> F64:
    return (values - values.mean()) / max(float(values.std()), 1e-9)
