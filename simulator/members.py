"""Who lives in the world. A profile is a pure function of the seed and its index, whatever batch it is drawn in."""

import numpy as np
from numpy.typing import NDArray

from conf.world import WorldSettings
from simulator.draws import (
    DAYPARTS,
    DEVICES,
    DRIFT,
    F64,
    HABITS,
    HOUSEHOLD,
    LANGUAGES,
    LIKES,
    ORIGINS,
    OTHER,
    TASTE,
    dirichlets,
    normals,
    uniforms,
)
from simulator.households import PLACES, households
from simulator.truth import F32, Members, World

BOOL = NDArray[np.bool_]
I32 = NDArray[np.int32]
I64 = NDArray[np.int64]
GROWN_UP = 21  # the maturity setting of those who set none


def members(world: World, settings: WorldSettings, first_account: int, accounts: int) -> Members:
    """All profiles, sorted by index, of the accounts first_account up to first_account + accounts."""
    return members_of(
        world, settings, np.arange(first_account, first_account + accounts, dtype=np.int64)
    )


def members_of(world: World, settings: WorldSettings, accounts: I64) -> Members:
    """All profiles of some accounts, in their order.

    A member's taste is that of a member of the real log mixed with as much of the population's own spread as conf
    says, at the population's variance: (real + noise * root @ z) / sqrt(1 + noise^2), z standard normal.
    """
    index, shared = households(settings, accounts)
    who = uniforms(settings.seed, index, HOUSEHOLD, 6)
    least, most = settings.households.second_share
    kids = (index % PLACES > 0) & (who[:, 0] < settings.households.kids_share)
    share = np.where(
        (who[:, 1] < settings.households.shared_share) & ~kids,
        least + (most - least) * who[:, 2],
        0.0,
    )
    origins = uniforms(settings.seed, index, ORIGINS, 3)
    taste, other, drift = (
        _tastes(world, settings, index, purpose, origins[:, at], kids)
        for at, purpose in enumerate((TASTE, OTHER, DRIFT))
    )
    habits = normals(settings.seed, index, HABITS, 4)
    whims = normals(settings.seed, index, LIKES, len(world.genre_names) + len(settings.themes))
    likes = _likes(world, settings, taste, whims[:, : len(world.genre_names)])
    return Members(
        index=index,
        country=shared.country.astype(np.int32),
        kids=kids,
        limit=_limits(settings, kids, who[:, 3], who[:, 4]),
        understands=_understands(settings, index, shared.country),
        taste=taste,
        other_taste=np.where(share[:, None] > 0, other, taste),
        shared=share.astype(np.float32),
        drift=drift,
        strictness=(settings.tastes.strictness * habits[:, 0]).astype(np.float32),
        genre_likes=likes,
        theme_likes=_theme_likes(world, settings, likes, whims[:, len(world.genre_names) :]),
        sessions=_sessions(settings, habits[:, 1]),
        dayparts=_mix(
            settings,
            index,
            DAYPARTS,
            settings.sessions.daypart_shares,
            settings.habits.dayparts_sureness,
        ),
        weekend=_scattered(settings.habits.weekend, settings.habits.weekend_spread, habits[:, 2]),
        devices=_mix(
            settings, index, DEVICES, settings.habits.devices, settings.habits.devices_sureness
        ),
        patience=_scattered(1.0, settings.habits.patience_spread, habits[:, 3]),
        joined=shared.joined.astype(np.int32),
        left=shared.left.astype(np.int32),
    )


def profile_ids(index: I64) -> list[str]:
    """The names of profiles outside, for example m0000123-2: account 123, place 2."""
    return [f"m{i // PLACES:07d}-{i % PLACES}" for i in index.tolist()]


def account_ids(index: I64) -> list[str]:
    """The names of the accounts of profiles outside, for example m0000123."""
    return [f"m{i // PLACES:07d}" for i in index.tolist()]


def _limits(settings: WorldSettings, kids: BOOL, which: F64, value: F64) -> I32:
    """Maturity settings in years: all children have one, some grown-ups."""
    child, grown = (
        np.array(limits) for limits in (settings.households.kids_limits, settings.households.limits)
    )
    set_to = grown[(value * len(grown)).astype(np.int64)]
    adult = np.where(which < settings.households.limit_share, set_to, GROWN_UP)
    return np.where(kids, child[(value * len(child)).astype(np.int64)], adult).astype(np.int32)


def _understands(settings: WorldSettings, index: I64, country: I64) -> BOOL:
    """The first language of the country, and each other of its languages with one probability."""
    first, spoken = (
        np.zeros((len(settings.countries), len(settings.languages)), bool) for _ in range(2)
    )
    for row, there in enumerate(settings.countries.values()):
        first[row, settings.languages.index(there.languages[0])] = True
        spoken[row, [settings.languages.index(language) for language in there.languages]] = True
    learned = uniforms(settings.seed, index, LANGUAGES, len(settings.languages))
    return first[country] | (
        spoken[country] & (learned < settings.households.second_language_share)
    )


def _tastes(
    world: World, settings: WorldSettings, index: I64, purpose: int, origin: F64, kids: BOOL
) -> F32:
    """(n, k) tastes about those of the real members that `origin` (n,) in [0, 1) picks; children's lean as they do."""
    noise = settings.tastes.own_noise
    draw = normals(settings.seed, index, purpose, world.tastes_root.shape[0]).astype(np.float32)
    real = world.tastes_real[(origin * len(world.tastes_real)).astype(np.int64)]
    taste = (real + noise * draw @ world.tastes_root.T) / np.sqrt(1 + noise**2)
    taste[kids] += _childish(world, settings)
    return taste.astype(np.float32)


def _childish(world: World, settings: WorldSettings) -> F32:
    """(k,) the least shift of a taste, in the population's measure, that moves the liking for what children are offered
    by conf's standard deviations.
    """
    offered = np.array([name in settings.catalogue.children for name in world.genre_names], bool)
    towards = _directions(world, (world.titles.genres & offered).any(axis=1)[:, None])[:, 0]
    return settings.households.kids_taste * world.tastes_root @ (world.tastes_root.T @ towards)


def _directions(world: World, groups: BOOL) -> F32:
    """(k, g) what sets each group of titles (t, g) apart from all; taste @ a column has variance 1 over members."""
    sizes = np.maximum(groups.sum(axis=0), 1)
    apart = world.titles.factors.T @ (groups / sizes) - world.titles.factors.mean(axis=0)[
        :, None
    ] * groups.any(axis=0)
    spread = np.linalg.norm(world.tastes_root.T @ apart, axis=0)
    return (apart / np.where(spread > 1e-6, spread, np.inf)).astype(np.float32)


def _likes(world: World, settings: WorldSettings, taste: F32, noise: F64) -> F32:
    """(n, g) likings for genres at variance 1: partly what the tastes say, partly a whim."""
    share = settings.tastes.genre_share
    told = taste @ _directions(world, world.titles.genres)
    return (np.sqrt(share) * told + np.sqrt(1 - share) * noise).astype(np.float32)


def _theme_likes(world: World, settings: WorldSettings, likes: F32, noise: F64) -> F32:
    """(n, themes) what pictures evoke, at variance 1: a theme that stands for a genre follows the liking for it."""
    share, out = settings.tastes.theme_share, noise.copy()
    for theme, genre in settings.catalogue.theme_genres.items():
        if genre in world.genre_names:
            at = settings.themes.index(theme)
            out[:, at] = (
                np.sqrt(share) * likes[:, world.genre_names.index(genre)]
                + np.sqrt(1 - share) * out[:, at]
            )
    return out.astype(np.float32)


def _sessions(settings: WorldSettings, normal: F64) -> F32:
    """Log-normal with the mean of conf, but for a cut at the most there may be."""
    spread = settings.sessions.spread
    return np.minimum(
        _scattered(settings.sessions.per_day, spread, normal - spread / 2), settings.sessions.most
    )


def _mix(
    settings: WorldSettings, index: I64, purpose: int, mean: tuple[float, ...], sureness: float
) -> F32:
    """(n, d) shares of each profile, Dirichlet about the mean."""
    weights = sureness * np.array(mean) / sum(mean)
    return dirichlets(settings.seed, index, purpose, weights).astype(np.float32)


def _scattered(median: float, spread: float, normal: F64) -> F32:
    """Log-normal about the median; spread is that of the logarithm."""
    return (median * np.exp(spread * normal)).astype(np.float32)
