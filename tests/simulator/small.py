"""A small made-up ratings log of known rank, and the world that is made from it."""

from functools import cache

import numpy as np
import pyarrow as pa

from conf.world import WorldSettings, world_settings
from simulator.catalogue import simulated_world
from simulator.truth import World

MEMBERS, TITLES, NOISE = 300, 200, 0.5
GENRES = ("Action", "Animation", "Children's", "Comedy", "Drama", "Horror", "Romance")


@cache
def small_settings() -> WorldSettings:
    """The settings as they stand, but for fewer factors."""
    settings = world_settings()
    return settings.model_copy(update={"tastes": settings.tastes.model_copy(update={"factors": 4})})


@cache
def small_log() -> tuple[pa.Table, pa.Table]:
    """A catalogue and its ratings: stars are 3.5 + a bias each + two factors each + NOISE."""
    draw = np.random.default_rng(3)
    title = np.concatenate(
        [draw.choice(TITLES, 40, replace=False, p=_fame()) for _ in range(MEMBERS)]
    )
    member = np.repeat(np.arange(MEMBERS), 40)
    tastes, factors = draw.normal(size=(MEMBERS, 2)), draw.normal(size=(TITLES, 2))
    stars = 3.5 + 0.4 * draw.normal(size=MEMBERS)[member] + 0.4 * draw.normal(size=TITLES)[title]
    stars += 0.5 * (tastes[member] * factors[title]).sum(axis=1) + NOISE * draw.normal(
        size=len(member)
    )
    ratings = {
        "profile_id": [f"r{m}" for m in member],
        "title_id": [f"t{t}" for t in title],
        "stars": stars,
    }
    genres = [
        [GENRES[(t + step) % len(GENRES)] for step in range(1 + t % 2)] for t in range(TITLES)
    ]
    titles = {
        "title_id": [f"t{t}" for t in range(TITLES)],
        "name": [f"Title {t}" for t in range(TITLES)],
        "year": [1980 + t % 40 for t in range(TITLES)],
        "genres": genres,
    }
    return pa.table(titles), pa.table(ratings)


@cache
def small_world() -> World:
    """The world of the small log."""
    return simulated_world(*small_log(), small_settings())


def _fame() -> np.ndarray:
    weights = 1.0 / (5 + np.arange(TITLES))
    return weights / weights.sum()
