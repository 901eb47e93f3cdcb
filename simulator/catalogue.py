"""The world from a real catalogue and its real ratings: names, genres, popularity, quality and tastes are theirs."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from conf.errors import UserMistake
from conf.population import TasteSettings
from conf.world import WorldSettings
from simulator.draws import F64, text_keys
from simulator.tastes import Fit, Ratings, fit, measured
from simulator.titles import made_up
from simulator.truth import World


def world(titles: pa.Table, ratings: pa.Table, settings: WorldSettings) -> World:
    """The world of a catalogue (title_id, name, year, genres) and its ratings (profile_id, title_id, stars).

    Year and genres may be null. A title listed twice under one name and year is kept once, as the one that was rated
    more often. Ratings of what the catalogue does not list are left out.
    """
    kept = _without_doubles(titles, ratings)
    ids, listed = (
        kept["title_id"].to_pylist(),
        [genres or [] for genres in kept["genres"].to_pylist()],
    )
    names = tuple(sorted({genre for genres in listed for genre in genres}))
    genres = np.array([[name in genres for name in names] for genres in listed], bool).reshape(
        len(ids), len(names)
    )
    known = _indexed(ratings, ids)
    counts = np.bincount(known.title, minlength=len(ids))
    found = fit(known, settings.tastes, settings.seed)
    tastes = measured(found, _lean(found, genres, counts, settings.tastes), settings.seed)
    made = made_up(text_keys(ids), genres, names, settings)._replace(
        attraction=_standardised(np.log1p(counts)).astype(np.float32),
        quality=tastes.quality.astype(np.float32),
        factors=tastes.factors.astype(np.float32),
    )
    return World(
        seed=settings.seed,
        titles=made,
        title_ids=tuple(ids),
        names=tuple(kept["name"].to_pylist()),
        years=tuple(kept["year"].to_pylist()),
        genre_names=names,
        artwork_ids=tuple(
            f"{title}-{picture:02d}"
            for title, pictures in zip(ids, np.diff(made.picture_first), strict=True)
            for picture in range(pictures)
        ),
        tastes_mean=np.zeros(settings.tastes.factors, np.float32),
        tastes_root=tastes.root.astype(np.float32),
        tastes_real=tastes.tastes.astype(np.float32),
    )


def _without_doubles(titles: pa.Table, ratings: pa.Table) -> pa.Table:
    """The titles in their order; of several with one name and year the one with most ratings, then the first."""
    rated = pc.value_counts(ratings["title_id"].combine_chunks())
    counts = dict(
        zip(rated.field("values").to_pylist(), rated.field("counts").to_pylist(), strict=True)
    )
    ids, names, years = (titles[name].to_pylist() for name in ("title_id", "name", "year"))
    best: dict[object, int] = {}
    for row, (title, name, year) in enumerate(zip(ids, names, years, strict=True)):
        key = title if year is None else (name, year)  # without a year a title is never another one
        if key not in best or counts.get(title, 0) > counts.get(ids[best[key]], 0):
            best[key] = row
    return titles.take(pa.array(sorted(best.values()), pa.int64()))


def _indexed(ratings: pa.Table, ids: list[str]) -> Ratings:
    """The ratings of listed titles as indices; members in order of their profile_id."""
    title = pc.index_in(ratings["title_id"], pa.array(ids, pa.string()))
    usable = pc.and_(pc.is_valid(title), pc.is_valid(ratings["stars"]))
    kept = ratings.filter(usable)
    if not len(kept):
        raise UserMistake("a world needs ratings of the titles it is made from; there are none")
    profiles, member = np.unique(kept["profile_id"].to_numpy().astype(str), return_inverse=True)
    stars = kept["stars"].to_numpy().astype(np.float64)
    return Ratings(
        member.astype(np.int64),
        title.filter(usable).to_numpy().astype(np.int64),
        stars,
        len(profiles),
        len(ids),
    )


def _lean(
    found: Fit, genres: NDArray[np.bool_], counts: NDArray[np.int64], settings: TasteSettings
) -> F64:
    """What is added to the factors of each title (t, k) for its genres: their mean, prior / (ratings + prior) of it.

    So a title that nobody rated has the mean factors of its genres, and one without genres those of all titles.
    """
    weights = np.column_stack([genres, np.ones(len(genres))]) * counts[:, None]
    means = weights.T @ found.title_factors / np.maximum(weights.sum(axis=0), 1)[:, None]
    belongs = np.column_stack([genres, ~genres.any(axis=1)]).astype(np.float64)
    own = belongs @ means / belongs.sum(axis=1, keepdims=True)
    shrunk: F64 = own * (settings.genre_prior / (counts + settings.genre_prior))[:, None]
    return shrunk


def _standardised(values: F64) -> F64:
    return (values - values.mean()) / max(float(values.std()), 1e-9)
