"""Rules on the pictures of a page's cells and on the probabilities that they give, from the tables
alone.

Nothing of the policy's code is used: what a policy may say follows from `conf/artwork.yaml`.
"""

from collections.abc import Iterable
from datetime import date, datetime
from math import lcm

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from conf.artwork import artwork_settings
from conf.pages import pages
from features.asof import newest_versions
from features.audit.pages import cells_in_view, maturity_limit

PICTURE_RULES = (
    "pictures_of_their_titles",
    "pictures_suitable",
    "policy_known",
    "propensity_in_support",
)
DEFAULT_POLICY = "default"  # the most representative picture, where no policy was learned yet
ROW = ("profile_id", "row_position")
TENTHS = 10  # editors judge representativeness in tenths
NO_LIMIT = 999  # years, of a profile that is held to none
POINTS = 10**9  # in which probabilities are compared
ROUNDING = 0.01  # of a point


def title_pictures(titles: DataFrame, artwork: DataFrame, as_of: datetime) -> DataFrame:
    """title_id, artwork_id, `least_age` and `tenths` of each title's pictures, newest versions.

    The least age is the picture's own, else its title's, else that of what is unknown.
    """
    newest = newest_versions(artwork, ["title_id", "artwork_id"], as_of)
    ages = titles.select("title_id", F.col("maturity").alias("title_maturity"))
    unknown_age = F.lit(pages().legality.unknown_maturity)
    unknown_share = F.lit(artwork_settings().unknown_representativeness)
    return newest.join(F.broadcast(ages), "title_id", "left").select(
        "title_id",
        "artwork_id",
        F.coalesce("maturity", "title_maturity", unknown_age).alias("least_age"),
        F.rint(F.coalesce("representativeness", unknown_share) * TENTHS).alias("tenths"),
    )


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


def picture_verdicts(
    drafts: DataFrame, profiles: DataFrame, pictures: DataFrame, policy_names: tuple[str, ...]
) -> DataFrame:
    """profile_id, row_position and a boolean for each of PICTURE_RULES; no row without cells.

    `pictures` come from `title_pictures`, `policy_names` from `policies_of`.
    """
    readers = profiles.select(
        "profile_id", F.coalesce(maturity_limit(), F.lit(NO_LIMIT)).alias("limit")
    )
    pools = _pools(pictures, readers)
    own = pictures.select("title_id", "artwork_id", F.col("least_age").alias("own_age"))
    cells = _cells(drafts, readers)
    cells = cells.join(F.broadcast(pools), ["title_id", "limit"], "left")
    cells = cells.join(F.broadcast(own), ["title_id", "artwork_id"], "left")
    cells = cells.withColumn("pool", F.coalesce("pool", F.lit(0)))
    cells = _with_support(cells, pools)
    rules = _rules(policy_names)
    verdicts = [F.coalesce(rules[name], F.lit(False)).alias(name) for name in PICTURE_RULES]
    every = [F.every(name).alias(name) for name in PICTURE_RULES]
    return cells.select(*ROW, *verdicts).groupBy(*ROW).agg(*every)


def _pools(pictures: DataFrame, readers: DataFrame) -> DataFrame:
    """For each title and limit of a reader `pool`, how many pictures suit, and `first_choice`.

    That is the most representative of them, of equals the first.
    """
    limits = F.broadcast(readers.select("limit").distinct())
    suitable = pictures.join(limits, F.col("least_age") <= F.col("limit"))
    best_first = F.struct(-F.col("tenths"), F.col("artwork_id"))
    first_choice = F.min_by("artwork_id", best_first).alias("first_choice")
    return suitable.groupBy("title_id", "limit").agg(
        F.count("*").cast("int").alias("pool"), first_choice
    )


def _cells(drafts: DataFrame, readers: DataFrame) -> DataFrame:
    """One row for each cell: its reader's `limit`, and whether its title is in the first screen of
    the page, where a theme that has had its share gives way.
    """
    heads = F.slice("cells.title_id", 1, cells_in_view())
    in_view = F.flatten(F.collect_list(heads)).alias("in_view")
    framed = drafts.select(*ROW, "cells").join(
        drafts.where(F.col("row_position") <= len(pages().screen))
        .groupBy("profile_id")
        .agg(in_view),
        "profile_id",
        "left",
    )
    framed = framed.join(readers, "profile_id", "left")
    cells = framed.select(*ROW, "limit", "in_view", F.explode("cells").alias("cell"))
    title_id = F.col("cell.title_id")
    on_screen = F.coalesce(F.array_contains("in_view", title_id), F.lit(False))
    chosen = ("cell.artwork_id", "cell.policy", "cell.propensity")
    return cells.select(*ROW, "limit", title_id, *chosen, on_screen.alias("on_screen"))


def _with_support(cells: DataFrame, pools: DataFrame) -> DataFrame:
    """Beside each cell `least_pool`, the smallest pool of which a policy can say its probability,
    and `of_pool`, true where it can of the cell's own.
    """
    widest = pools.agg(F.max("pool")).first()
    points = _support_points((widest[0] if widest else None) or 1)
    spark = cells.sparkSession
    by_pool = spark.createDataFrame(points, "pool int, point bigint").withColumn(
        "of_pool", F.lit(True)
    )
    least_pool = by_pool.groupBy("point").agg(F.min("pool").alias("least_pool"))
    at_point = cells.withColumn("point", F.rint(F.col("propensity") * POINTS).try_cast("bigint"))
    at_point = at_point.join(F.broadcast(least_pool), "point", "left")
    return at_point.join(F.broadcast(by_pool), ["point", "pool"], "left")


def _support_points(widest: int) -> list[tuple[int, int]]:
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


def _rules(policy_names: tuple[str, ...]) -> dict[str, Column]:
    """A condition on a cell for each of PICTURE_RULES; null counts as broken."""
    is_card = F.col("artwork_id") == artwork_settings().title_card
    has_choice = F.col("pool") > 0
    suits = F.col("own_age") <= F.col("limit")
    in_support = _is_default_choice() if policy_names == (DEFAULT_POLICY,) else _in_support()
    return {
        "pictures_of_their_titles": is_card | F.col("own_age").isNotNull(),
        "pictures_suitable": F.when(is_card, ~has_choice).otherwise(suits),
        "policy_known": F.col("policy").isin(*policy_names),
        "propensity_in_support": in_support,
    }


def _is_default_choice() -> Column:
    """Without a policy the first choice is certain."""
    card = F.lit(artwork_settings().title_card)
    is_first = F.col("artwork_id") == F.coalesce("first_choice", card)
    return (F.col("propensity") == 1) & is_first


def _in_support() -> Column:
    """Whether a policy can say this probability of one of so many suitable pictures.

    On the first screen of fewer, since themes give way there.
    """
    certain = F.col("propensity") == 1
    of_fewer = F.col("on_screen") & (F.col("least_pool") <= F.col("pool"))
    of_pool = F.coalesce("of_pool", F.lit(False))
    return F.when(F.col("pool") == 0, certain).otherwise(of_fewer | of_pool)
