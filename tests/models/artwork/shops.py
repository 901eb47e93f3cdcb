"""Small shops of pictures and viewers for tests of the choice."""

import numpy as np

from conf.artwork import Artwork, artwork
from models.artwork.choice import Places, Shop, Viewers, shop_of
from models.artwork.pictures import Pictures
from models.artwork.policy import Policy, Weights
from models.artwork.profile_features import Frame

FRAME = Frame((), (), (), 10.0)


def pictures(*pools, themes=("face", "place")):
    """Pictures of titles; a pool is a list of (theme, level) or (theme, level, maturity)."""
    flat = [(*one, -1)[:3] for pool in pools for one in pool]
    return Pictures(
        np.cumsum([0, *(len(pool) for pool in pools)]),
        np.array([f"a{n:03d}" for n in range(len(flat))], object),
        tuple(themes),
        np.array([themes.index(theme) for theme, _, _ in flat], np.int32),
        np.array([level for _, level, _ in flat], np.int32),
        np.array([age for _, _, age in flat], np.int16),
    )


def policy(draws, themes=("face", "place"), **more):
    """A policy whose draws (s, themes) are what each theme evokes in everybody; an unknown theme evokes nothing."""
    told = np.array(draws, np.float32)
    known = np.concatenate([told, np.zeros((len(told), 1), np.float32)], axis=1)[:, :, None]
    told_traits = np.concatenate([known, np.zeros_like(known)], axis=2)
    return Policy(
        FRAME,
        tuple(themes),
        np.zeros((len(themes) + 1, 0), np.float32),
        Weights(told_traits, np.zeros(len(told), np.float32)),
        **{"effects": {}, "unseen_spread": 0.0, **more},
    )


def settings(**exploration) -> Artwork:
    """The settings with other shares of chance; none by default; half of a screen for a theme."""
    none = {"uniform_share": 1e-9, "fresh_share": 0.0}
    usual = artwork()
    half = usual.variety.model_copy(update={"most_share": 0.5})
    chance = usual.exploration.model_copy(update=none | exploration)
    return usual.model_copy(update={"exploration": chance, "variety": half})


def shop(found: Pictures, believed: Policy, chosen: Artwork, title_ages=None) -> Shop:
    """The shop of a policy; titles are for everybody unless `title_ages` says otherwise."""
    titles = len(found.offsets) - 1
    ages = found.ages(
        np.zeros(titles, np.int16) if title_ages is None else np.array(title_ages, np.int16)
    )
    keys = (
        np.arange(titles, dtype=np.uint64) + np.uint64(77),
        np.arange(found.size, dtype=np.uint64),
    )
    return shop_of(found, believed, ages, keys, believed.beliefs.draws.shape[0], chosen)


def viewers(count: int, limit: int = 99) -> Viewers:
    """So many profiles without traits but the one that everybody has."""
    traits = np.tile(np.array([[1.0, 0.0]], np.float32), (count, 1))
    return Viewers(
        traits, np.full(count, limit), np.arange(count, dtype=np.uint64) + np.uint64(1000)
    )


def everywhere(count: int, titles: int, on_screen: bool = False) -> Places:
    """Every title for every profile."""
    return Places(
        np.repeat(np.arange(count), titles),
        np.tile(np.arange(titles), count),
        np.full(count * titles, on_screen),
    )
