"""The members of the world. A profile is a pure function of the seed and its index.

So it is the same in whatever batch it is drawn.
"""

import numpy as np

from conf.world import WorldSettings
from simulator.arrays import BOOL, F32, F64, I32, I64
from simulator.draws import (
    DAYPARTS,
    DEVICES,
    DRIFT,
    HABITS,
    HOUSEHOLD,
    LANGUAGES,
    LIKES,
    ORIGINS,
    OTHER,
    TASTE,
    dirichlet_draws,
    normal_draws,
    uniform_draws,
)
from simulator.households import PROFILES_PER_ACCOUNT, households
from simulator.truth import TrueMembers, World

GROWN_UP = 21  # the maturity setting of those who set none


def members(world: World, settings: WorldSettings, first_account: int, count: int) -> TrueMembers:
    """All profiles, by index, of `count` accounts from first_account on."""
    accounts = np.arange(first_account, first_account + count, dtype=np.int64)
    return members_of_accounts(world, settings, accounts)


def members_of_accounts(world: World, settings: WorldSettings, accounts: I64) -> TrueMembers:
    """All profiles of some accounts, in their order.

    A member's taste is that of a member of the real log mixed with as much of the population's own
    spread as conf says, at the population's variance:
    (real + noise * root @ z) / sqrt(1 + noise^2), z standard normal.
    """
    index, account = households(settings, accounts)
    household_draws = uniform_draws(settings.seed, index, HOUSEHOLD, 6)
    kids = _kids(settings, index, household_draws[:, 0])
    shared = _second_shares(settings, kids, household_draws[:, 1], household_draws[:, 2])
    origins = uniform_draws(settings.seed, index, ORIGINS, 3)
    taste = _tastes(world, settings, index, TASTE, origins[:, 0], kids)
    other_taste = _tastes(world, settings, index, OTHER, origins[:, 1], kids)
    drift = _tastes(world, settings, index, DRIFT, origins[:, 2], kids)
    habits = normal_draws(settings.seed, index, HABITS, 4)
    genres = len(world.genre_names)
    whims = normal_draws(settings.seed, index, LIKES, genres + len(settings.themes))
    genre_likes = _genre_likes(world, settings, taste, whims[:, :genres])
    means = settings.habits
    return TrueMembers(
        index=index,
        country=account.country.astype(np.int32),
        kids=kids,
        limit=_limits(settings, kids, household_draws[:, 3], household_draws[:, 4]),
        understands=_understands(settings, index, account.country),
        taste=taste,
        other_taste=np.where(shared[:, None] > 0, other_taste, taste),
        shared=shared.astype(np.float32),
        drift=drift,
        strictness=(settings.tastes.strictness * habits[:, 0]).astype(np.float32),
        genre_likes=genre_likes,
        theme_likes=_theme_likes(world, settings, genre_likes, whims[:, genres:]),
        sessions=_sessions(settings, habits[:, 1]),
        dayparts=_daypart_shares(settings, index),
        weekend=_log_normal(means.weekend, means.weekend_spread, habits[:, 2]),
        devices=_device_shares(settings, index),
        patience=_log_normal(1.0, means.patience_spread, habits[:, 3]),
        join_day=account.join_day.astype(np.int32),
        cancel_day=account.cancel_day.astype(np.int32),
    )


def profile_ids(index: I64) -> list[str]:
    """The ids of profiles as clients know them, for example m0000123-2: account 123, profile 2."""
    accounts, numbers = np.divmod(index, PROFILES_PER_ACCOUNT)
    return [
        f"m{account:07d}-{number}"
        for account, number in zip(accounts.tolist(), numbers.tolist(), strict=True)
    ]


def account_ids(index: I64) -> list[str]:
    """The ids of the accounts of profiles as clients know them, for example m0000123."""
    accounts = index // PROFILES_PER_ACCOUNT
    return [f"m{account:07d}" for account in accounts.tolist()]


def _kids(settings: WorldSettings, index: I64, uniforms: F64) -> BOOL:
    """Whether a profile is a child's: never the first of a household, else by chance."""
    is_first = index % PROFILES_PER_ACCOUNT == 0
    return ~is_first & (uniforms < settings.households.kids_share)


def _second_shares(settings: WorldSettings, kids: BOOL, which: F64, value: F64) -> F64:
    """The share of sessions of a second person, by two uniforms; 0 where there is none."""
    least, most = settings.households.second_share
    is_shared = (which < settings.households.shared_share) & ~kids
    return np.where(is_shared, least + (most - least) * value, 0.0)


def _limits(settings: WorldSettings, kids: BOOL, which: F64, value: F64) -> I32:
    """Maturity settings in years, by two uniforms: all children have one, some grown-ups."""
    kids_limits = np.array(settings.households.kids_limits)
    adult_limits = np.array(settings.households.limits)
    kids_limit = kids_limits[(value * len(kids_limits)).astype(np.int64)]
    adult_limit = adult_limits[(value * len(adult_limits)).astype(np.int64)]
    has_limit = which < settings.households.limit_share
    limit = np.where(kids, kids_limit, np.where(has_limit, adult_limit, GROWN_UP))
    return limit.astype(np.int32)


def _understands(settings: WorldSettings, index: I64, country: I64) -> BOOL:
    """(n, languages) the first of the country, and each other of its languages by chance."""
    languages, countries = settings.languages, settings.countries.values()
    shape = (len(countries), len(languages))
    is_first, is_spoken = np.zeros(shape, bool), np.zeros(shape, bool)
    for row, each in enumerate(countries):
        columns = [languages.index(language) for language in each.languages]
        is_first[row, columns[0]] = True
        is_spoken[row, columns] = True
    uniforms = uniform_draws(settings.seed, index, LANGUAGES, len(languages))
    by_chance = uniforms < settings.households.second_language_share
    return is_first[country] | (is_spoken[country] & by_chance)


def _tastes(
    world: World, settings: WorldSettings, index: I64, purpose: int, origin: F64, kids: BOOL
) -> F32:
    """(n, k) tastes about those of the real members that `origin` (n,) in [0, 1) picks.

    Children's are shifted towards what children are offered.
    """
    noise = settings.tastes.own_noise
    normals = normal_draws(settings.seed, index, purpose, world.tastes_root.shape[0])
    real_member = (origin * len(world.tastes_real)).astype(np.int64)
    real = world.tastes_real[real_member]
    spread = noise * normals.astype(np.float32) @ world.tastes_root.T
    taste = (real + spread) / np.sqrt(1 + noise**2)
    taste[kids] += _kids_shift(world, settings)
    return taste.astype(np.float32)


def _kids_shift(world: World, settings: WorldSettings) -> F32:
    """(k,) the shift of children's tastes.

    The least shift, in the population's measure, that moves the liking for what children are
    offered by conf's standard deviations.
    """
    kids_genres = settings.catalogue.children
    is_kids_genre = np.array([name in kids_genres for name in world.genre_names], bool)
    is_kids_title = (world.titles.genres & is_kids_genre).any(axis=1)
    direction = _directions(world, is_kids_title[:, None])[:, 0]
    root = world.tastes_root
    return settings.households.kids_taste * root @ (root.T @ direction)


def _directions(world: World, groups: BOOL) -> F32:
    """(k, g) what sets each group of titles (t, g) apart from all titles.

    taste @ a column has variance 1 over members.
    """
    factors = world.titles.factors
    sizes = np.maximum(groups.sum(axis=0), 1)
    group_mean = factors.T @ (groups / sizes)
    overall_mean = factors.mean(axis=0)[:, None] * groups.any(axis=0)
    difference = group_mean - overall_mean
    spread = np.linalg.norm(world.tastes_root.T @ difference, axis=0)
    return (difference / np.where(spread > 1e-6, spread, np.inf)).astype(np.float32)


def _genre_likes(world: World, settings: WorldSettings, taste: F32, whims: F64) -> F32:
    """(n, g) likings for genres at variance 1: partly what the tastes say, partly a whim."""
    share = settings.tastes.genre_share
    by_taste = taste @ _directions(world, world.titles.genres)
    return (np.sqrt(share) * by_taste + np.sqrt(1 - share) * whims).astype(np.float32)


def _theme_likes(world: World, settings: WorldSettings, genre_likes: F32, whims: F64) -> F32:
    """(n, themes) likings for themes of artworks, at variance 1.

    A theme that stands for a genre follows the liking for it.
    """
    share = settings.tastes.theme_share
    likes = whims.copy()
    for theme, genre in settings.catalogue.theme_genres.items():
        if genre not in world.genre_names:
            continue
        column = settings.themes.index(theme)
        genre_like = genre_likes[:, world.genre_names.index(genre)]
        likes[:, column] = np.sqrt(share) * genre_like + np.sqrt(1 - share) * likes[:, column]
    return likes.astype(np.float32)


def _sessions(settings: WorldSettings, normals: F64) -> F32:
    """(n,) mean sessions a day: log-normal with the mean of conf, but for a cut at the most."""
    spread = settings.sessions.spread
    sessions = _log_normal(settings.sessions.per_day, spread, normals - spread / 2)
    return np.minimum(sessions, settings.sessions.most)


def _daypart_shares(settings: WorldSettings, index: I64) -> F32:
    mean, sureness = settings.sessions.daypart_shares, settings.habits.dayparts_sureness
    return _shares(settings, index, DAYPARTS, mean, sureness)


def _device_shares(settings: WorldSettings, index: I64) -> F32:
    mean, sureness = settings.habits.devices, settings.habits.devices_sureness
    return _shares(settings, index, DEVICES, mean, sureness)


def _shares(
    settings: WorldSettings, index: I64, purpose: int, mean: tuple[float, ...], sureness: float
) -> F32:
    """(n, d) shares of each profile, Dirichlet about the mean."""
    weights = sureness * np.array(mean) / sum(mean)
    return dirichlet_draws(settings.seed, index, purpose, weights).astype(np.float32)


def _log_normal(median: float, spread: float, normals: F64) -> F32:
    """Log-normal about the median; spread is that of the logarithm."""
    return (median * np.exp(spread * normals)).astype(np.float32)
