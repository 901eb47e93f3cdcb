"""Small pools of artwork, policies and profiles for tests of the choice."""

import numpy as np

from conf.artwork import ArtworkSettings, artwork_settings
from models.artwork.choice import ArtworkSlots, ChoiceProfiles, PolicyPools, policy_pools
from models.artwork.policy import ArtworkEffect, ArtworkPolicy, LinearBeliefs
from models.artwork.pools import ArtworkPools
from models.artwork.profile_features import FeatureFrame

FRAME = FeatureFrame((), (), (), 10.0)


def pools(*titles, themes=("face", "place")) -> ArtworkPools:
    """The artwork of titles; a title is a list of (theme, level) or (theme, level, maturity)."""
    flat = [(*artwork, -1)[:3] for title in titles for artwork in title]
    return ArtworkPools(
        offsets=np.cumsum([0, *(len(title) for title in titles)]),
        artwork_ids=np.array([f"a{number:03d}" for number in range(len(flat))], object),
        themes=tuple(themes),
        theme=np.array([themes.index(theme) for theme, _, _ in flat], np.int32),
        level=np.array([level for _, level, _ in flat], np.int32),
        maturity=np.array([age for _, _, age in flat], np.int16),
    )


def policy(draws, themes=("face", "place"), effects=None, **changes) -> ArtworkPolicy:
    """A policy whose draws (s, themes) are what each theme evokes in everybody.

    An unknown theme evokes nothing.
    """
    known = np.array(draws, np.float32)
    unknown = np.zeros((len(known), 1), np.float32)
    always = np.concatenate([known, unknown], axis=1)[:, :, None]
    weights = np.concatenate([always, np.zeros_like(always)], axis=2)
    beliefs = LinearBeliefs(weights, np.zeros(len(known), np.float32))
    associations = np.zeros((len(themes) + 1, 0), np.float32)
    by_id = {name: ArtworkEffect(*effect) for name, effect in (effects or {}).items()}
    return ArtworkPolicy(
        FRAME, tuple(themes), associations, beliefs, by_id, **{"unseen_spread": 0.0, **changes}
    )


def settings(**exploration) -> ArtworkSettings:
    """Settings without chance, unless `exploration` says otherwise.

    A theme may have half of the first screen.
    """
    usual = artwork_settings()
    half = usual.variety.model_copy(update={"most_share": 0.5})
    shares = {"uniform_share": 1e-9, "fresh_share": 0.0} | exploration
    chance = usual.exploration.model_copy(update=shares)
    return usual.model_copy(update={"exploration": chance, "variety": half})


def pools_of(
    catalogue: ArtworkPools, believed: ArtworkPolicy, chosen: ArtworkSettings, title_ages=None
) -> PolicyPools:
    """The pools as a policy sees them.

    Titles are for everybody unless `title_ages` says otherwise.
    """
    titles = len(catalogue.sizes)
    ages = np.zeros(titles, np.int16) if title_ages is None else np.array(title_ages, np.int16)
    title_keys = np.arange(titles, dtype=np.uint64) + np.uint64(77)
    artwork_keys = np.arange(catalogue.size, dtype=np.uint64)
    draws = {"draws": len(believed.beliefs.draws)}
    with_draws = chosen.model_copy(
        update={"exploration": chosen.exploration.model_copy(update=draws)}
    )
    least_ages = catalogue.least_ages(ages)
    return policy_pools(catalogue, believed, least_ages, title_keys, artwork_keys, with_draws)


def profiles(count: int, age_limit: int = 99) -> ChoiceProfiles:
    """So many profiles without features but the one that everybody has."""
    features = np.tile(np.array([[1.0, 0.0]], np.float32), (count, 1))
    keys = np.arange(count, dtype=np.uint64) + np.uint64(1000)
    return ChoiceProfiles(features, np.full(count, age_limit), keys)


def every_title(count: int, titles: int, on_screen: bool = False) -> ArtworkSlots:
    """A slot for every title of every profile."""
    return ArtworkSlots(
        np.repeat(np.arange(count), titles),
        np.tile(np.arange(titles), count),
        np.full(count * titles, on_screen),
    )
