"""Rules on the pictures of a page's cells and on the probabilities that they give, from the tables
alone.

Nothing of the policy's code is used: what a policy may say follows from `conf/artwork.yaml`.
"""

from collections.abc import Iterable
from datetime import date
from math import lcm

from conf.artwork import artwork_settings
from features.sql_text import quoted, quoted_list

PICTURE_RULES = (
    "pictures_of_their_titles",
    "pictures_suitable",
    "policy_known",
    "propensity_in_support",
)
DEFAULT_POLICY = "default"  # the most representative picture, where no policy was learned yet
TENTHS = 10  # editors judge representativeness in tenths
NO_LIMIT = 999  # years, of a profile that is held to none
POINTS = 10**9  # in which probabilities are compared
ROUNDING = 0.01  # of a point
# For each title and limit of a reader `pool`, how many pictures suit, and `first_choice`, the most
# representative of them, of equals the first.
POOLS = """
    CREATE TEMP TABLE pools AS
    SELECT title_no, picture_limit, count(*)::INTEGER AS pool,
        first(artwork_id ORDER BY tenths DESC, artwork_id) AS first_choice
    FROM pictures
    JOIN (SELECT DISTINCT picture_limit FROM readers) ON own_age <= picture_limit
    GROUP BY ALL
"""
POINT = f"TRY_CAST(round_even(propensity * {POINTS}, 0) AS BIGINT)"
JOINS = f"""
    LEFT JOIN pools
        ON pools.title_no = cells.title_no AND pools.picture_limit = page_rows.picture_limit
    LEFT JOIN pictures
        ON pictures.title_no = cells.title_no AND pictures.artwork_id = cells.artwork_id
    LEFT JOIN support ON support.point = {POINT} AND support.pool = pools.pool
    LEFT JOIN least_pools ON least_pools.point = CASE WHEN own.in_view THEN {POINT} END
"""


def policies_of(policies: Iterable[tuple[date, str]], ds: date) -> tuple[str, ...]:
    """The names that the policy of a day may have, of all (day, name) that there are.

    A choice stands for a period of days, counted from year 1 on: the newest policy that there was
    as the period began, else the first one since.
    """
    until_ds = sorted((day, name) for day, name in policies if day <= ds)
    if not until_ds:
        return (DEFAULT_POLICY,)
    period_age = ds.toordinal() % artwork_settings().sticky.hold_days
    before = [day for day, _ in until_ds if (ds - day).days >= period_age]
    chosen_day = before[-1] if before else until_ds[0][0]
    return tuple(name for day, name in until_ds if day == chosen_day)


def support_points(widest: int) -> list[tuple[int, int]]:
    """(pool, point) for pools of up to `widest` pictures: the probabilities, in 1 / POINTS, that a
    policy can give to one of so many.

    uniform / k + fresh / (fresh ones) + the rest x (draws in which the picture is best) / draws.
    """
    settings = artwork_settings()
    uniform = settings.exploration.uniform_share
    fresh = settings.exploration.fresh_share
    draws = lcm(settings.exploration.draws, settings.trees.draws)
    points = {(1, POINTS)}
    for pool in range(2, widest + 1):
        of_chance = [(uniform / pool, 1 - uniform), (uniform / pool, 1 - uniform - fresh)]
        of_chance += [
            (uniform / pool + fresh / fresh_ones, 1 - uniform - fresh)
            for fresh_ones in range(1, pool + 1)
        ]
        for chance, rest in of_chance:
            for wins in range(draws + 1):
                exact = (chance + rest * wins / draws) * POINTS
                points |= {(pool, round(exact - ROUNDING)), (pool, round(exact + ROUNDING))}
    return sorted(points)


def picture_rules(policy_names: tuple[str, ...]) -> dict[str, str]:
    """A condition on a cell for each of PICTURE_RULES; null counts as broken."""
    is_card = f"cells.artwork_id = {quoted(artwork_settings().title_card)}"
    has_choice = "coalesce(pools.pool, 0) > 0"
    suits = "pictures.own_age <= page_rows.picture_limit"
    in_support = _is_default_choice() if policy_names == (DEFAULT_POLICY,) else _in_support()
    return {
        "pictures_of_their_titles": f"{is_card} OR pictures.own_age IS NOT NULL",
        "pictures_suitable": f"CASE WHEN {is_card} THEN NOT {has_choice} ELSE {suits} END",
        "policy_known": f"list_contains({quoted_list(policy_names)}, cells.policy)",
        "propensity_in_support": in_support,
    }


def _is_default_choice() -> str:
    """Without a policy the first choice is certain."""
    card = quoted(artwork_settings().title_card)
    return f"cells.propensity = 1 AND cells.artwork_id = coalesce(pools.first_choice, {card})"


def _in_support() -> str:
    """Whether a policy can say this probability of one of so many suitable pictures.

    On the first screen of fewer, since themes give way there.
    """
    of_fewer = "coalesce(own.in_view, false) AND coalesce(least_pools.pool <= pools.pool, false)"
    of_pool = "support.pool IS NOT NULL"
    return (
        f"CASE WHEN coalesce(pools.pool, 0) = 0 THEN cells.propensity = 1"
        f" ELSE {of_fewer} OR {of_pool} END"
    )
