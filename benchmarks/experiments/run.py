"""`frontrow bench experiments`: what an experiment on pages can tell, how soon, and whether it is true.

Variants of the page stand before the same simulated members of one day, in many draws of chance.
Known is which of two is better where a paired run of all draws says so. No figure is of real members.
"""

import time
from collections.abc import Collection, Mapping

import click
import numpy as np
import pyarrow as pa
from rich.console import Console

from benchmarks.experiments import calibration
from benchmarks.experiments.interleaved import (
    Interleaved,
    Interleaver,
    credits,
    position_fairness_p,
)
from benchmarks.experiments.lives import Members, Values, lived, members_of, plays_before
from benchmarks.experiments.prediction import Measured, metrics_of, rank_correlations, wanted_titles
from benchmarks.experiments.seeds import over_seeds
from benchmarks.experiments.sensitivity import KNOWN, Needs, PairLives, needs, right_share
from benchmarks.experiments.variants import ALIKE, CONTROL, VARIANTS, Variant, end_of_past
from benchmarks.longrun.lives import Say, beginning
from benchmarks.report import report
from benchmarks.worlds import named_worlds, worlds_option
from closed_loop import folder as world_folder
from conf.settings import load_settings
from conf.world import WORLDS, world_settings
from experiments.interleaving.credit import preference
from jobs.io.progress import progress_printer

Figures = dict[str, object]
Lives = dict[str, Values]  # COUNTS by draw and profile
PAIRED = (
    "popular_grid",
    "new_first",
    "noise_two",
    "anyhow",
    "upside_down",
    "no_continue",
    "template",
    "popular_first",
    "continue_low",
)
SEED_STEP = 1000  # between worlds of one kind: draws of one day have seeds near its own
DAYS = 14  # of a test
DAYS_BEFORE = 28  # whose plays CUPED knows
WANTED = range(1_000_000, 1_000_020)  # draws without a page, apart from all others
ELSEWHERE = (  # figures that need tables and nights, not these members alone
    "feature_backfill_profile_days_per_cpu_s",
    "logged_equals_regenerated",
    "leak_caught",
    "files_touched_for_variant",
    "rollback_s",
    "marginal_variant_cost",
)


@click.command()
@click.option("--members", type=click.IntRange(4), default=150, show_default=True, help="Accounts.")
@click.option(
    "--tests", type=click.IntRange(2), default=8, show_default=True, help=f"Tests of {DAYS} days."
)
@click.option(
    "--repeats", type=click.IntRange(10), default=2000, show_default=True, help="Of A/A tests."
)
@click.option(
    "--variants",
    type=click.IntRange(2),
    default=len(VARIANTS),
    show_default=True,
    help="The first of them.",
)
@click.option(
    "--tables",
    is_flag=True,
    help="Also make features and pages again of the tables in FRONTROW_HOME, with Spark.",
)
@click.option(
    "--seeds",
    type=click.IntRange(2),
    help="Only the figures without pairs of variants, of so many seeds of each world.",
)
@worlds_option
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def experiments(
    members: int,
    tests: int,
    repeats: int,
    variants: int,
    tables: bool,
    seeds: int | None,
    worlds: str,
    as_json: bool,
) -> None:
    """Tell variants of the page apart: by A/B tests, by interleaving, and before anybody sees them.

    Without --seeds it is the first world, by its own seed.

    Example: frontrow bench experiments --members 40 --tests 2 --repeats 100
    """
    say = progress_printer(Console(stderr=True), time.monotonic())
    chosen = VARIANTS[:variants]
    if seeds is not None:
        of_worlds: Figures = {"members": members, "tests": tests, "seeds": seeds}
        for name in named_worlds(worlds):
            of_seeds = []
            for number in range(seeds):
                say(f"the world {name}, seed {number + 1} of {seeds}")
                people = _people(name, number, members, say)
                of_seeds.append(figures(people, chosen, tests, repeats, say, paired=()))
            of_worlds[name] = over_seeds(of_seeds)
        report("experiments_seeds", of_worlds, as_json)
        return
    people = _people(WORLDS[0], 0, members, say)
    found = figures(people, chosen, tests, repeats, say)
    if tables:
        say("features of the days that are stored")
        found |= _of_tables()
    report("experiments", found, as_json)


def _people(name: str, number: int, members: int, say: Say) -> Members:
    """The members of a world by its own seed, or by a later one."""
    of_world = world_settings(name)
    changes = {"accounts": members, "seed": of_world.seed + SEED_STEP * number}
    settings = of_world.model_copy(update=changes)
    world = world_folder.true_world(settings, load_settings())
    return members_of(end_of_past(beginning(world, settings, say)))


def _of_tables() -> Figures:
    """E1, E2, E14, E15, and what one more variant costs."""
    from benchmarks.experiments.backfill import backfill_figures  # Spark
    from benchmarks.experiments.marginal import marginal_figures, rollback_figures
    from benchmarks.experiments.touched import touched_figures
    from jobs.io.session import open_session

    spark = open_session("bench experiments")
    try:
        found = backfill_figures(spark)
    finally:
        spark.stop()
    touched = touched_figures(load_settings().home_path)
    return found | marginal_figures() | rollback_figures() | touched


def figures(
    people: Members,
    variants: tuple[Variant, ...],
    tests: int,
    repeats: int,
    say: Say,
    paired: Collection[str] = PAIRED,
) -> Figures:
    """All figures, of members before these variants; interleaved with the control are those `paired`."""
    draws, began, metrics_s = range(tests * DAYS), time.monotonic(), 0.0
    pages = {}
    for variant in variants + ALIKE:
        pages[variant.name] = people.past.pages(variant)
        say(f"pages of {variant.name}")
    built_s = time.monotonic() - began
    relevant = wanted_titles(people, WANTED)
    lives, measured = {}, {}
    began = time.monotonic()
    for variant in variants:
        say(f"{variant.name}: {len(draws)} draws of {len(people.account)} profiles")
        lives[variant.name] = lived(people, pages[variant.name], draws)
        began_metrics = time.monotonic()
        metrics = metrics_of(people, pages[variant.name], relevant)
        metrics_s += time.monotonic() - began_metrics
        counts = {name: values.sum(axis=0) for name, values in lives[variant.name].items()}
        measured[variant.name] = Measured(metrics, counts)
    measured_s = time.monotonic() - began
    before = plays_before(people, DAYS_BEFORE)
    found: Figures = {"accounts": people.accounts, "profiles": len(people.account), "tests": tests}
    found |= _speed(len(pages), len(variants), len(people.account), built_s, measured_s)
    found["new_metric_s"] = metrics_s  # all metrics of all variants' pages, at most what one takes
    interleaved, drafted = _sensitivity(people, pages, lives, before, paired, say)
    found |= interleaved | _alike(people, pages, draws, drafted, say)
    found["variants"] = {name: _rates(of.counts) for name, of in measured.items()}
    found |= _predictions(measured, people)
    say(f"{repeats} tests of equal cells")
    return found | _calibration(people, lives[CONTROL], before, repeats)


def _speed(pages: int, variants: int, profiles: int, built_s: float, measured_s: float) -> Figures:
    """E3 to E5: of the pages of whole variants, and of their lives and metrics."""
    idea_s = built_s / pages + measured_s / variants
    return {
        "idea_to_result_s": idea_s,
        "variants_per_hour": 3600 / idea_s,
        "pages_simulated_per_min": 60 * pages * profiles / built_s,
    }


def by_test(people: Members, values: Values) -> Values:
    """Sums (tests, accounts) of values (draws, m)."""
    of_accounts = people.by_account(values)
    return of_accounts.reshape(-1, DAYS, people.accounts).sum(axis=1)


def _sensitivity(
    people: Members,
    pages: dict[str, pa.Table],
    lives: dict[str, Lives],
    before: Values,
    paired: Collection[str],
    say: Say,
) -> tuple[Figures, list[Interleaved]]:
    """E7: of each pair whose order is known, what A/B tests and interleaving need; and the pages."""
    control = by_test(people, lives[CONTROL]["quality_plays"])
    draws = range(len(lives[CONTROL]["sessions"]))
    told: dict[str, Figures] = {}
    untold: dict[str, Figures] = {}
    all_drafted: list[Interleaved] = []
    for number, name in enumerate(name for name in paired if name in lives):
        say(f"interleaving: {CONTROL} and {name}")
        interleaver = Interleaver(pages[CONTROL], pages[name])
        drafted = [interleaver.drafted((number, day)) for day in range(DAYS)]
        all_drafted += drafted
        teams = credits(people, drafted, draws)
        of_second = by_test(people, lives[name]["quality_plays"])
        preferred = by_test(people, teams[..., 1] - teams[..., 0])
        pair = needs(PairLives(control, of_second, preferred, before))
        known = abs(pair.deviation) >= KNOWN
        (told if known else untold)[name] = _pair_figures(people, pair, preferred)
    return {**_most_and_least(told), "pairs_known": told, "pairs_not_known": untold}, all_drafted


def _most_and_least(told: dict[str, Figures]) -> Figures:
    """The ratio of the pair for which interleaving wins most, and the lowest end of any pair's."""
    right = [of for of in told.values() if of["same_order"]]
    if not right:
        return {}
    best = max(right, key=lambda of: float(str(of["interleaving_ratio"])))
    lows = [float(str(of["interleaving_ratio_low"])) for of in told.values()]
    names = ("interleaving_ratio", "interleaving_ratio_low", "interleaving_ratio_high")
    return {name: best[name] for name in names} | {"interleaving_ratio_least_low": min(lows)}


def _pair_figures(people: Members, pair: Needs, preferred: Values) -> Figures:
    by_profile = len(people.account) / people.accounts
    accounts = min(10**5, int(np.ceil(pair.together))) if np.isfinite(pair.together) else 10**5
    return {
        **pair.ratio.named("interleaving_ratio"),
        "interleaving_ratio_at_most": pair.apart,  # no decision takes less than one account
        "profiles_apart": pair.apart * by_profile,
        "profiles_together": pair.together * by_profile,
        "difference_by_account": pair.difference,
        "difference_in_errors": pair.deviation,
        "preference_by_account": pair.preference,
        "same_order": bool(pair.difference * pair.preference > 0),
        "right_with_profiles_together": right_share(preferred, accounts, pair.difference > 0),
    }


def _alike(
    people: Members,
    pages: dict[str, pa.Table],
    draws: range,
    drafted_before: list[Interleaved],
    say: Say,
) -> Figures:
    """E8: two pages as good as each other, that differ by chance alone; fairness of all pages."""
    first, second = (variant.name for variant in ALIKE)
    say(f"interleaving: {first} and {second}, which are as good as each other")
    interleaver = Interleaver(pages[first], pages[second])
    drafted = [interleaver.drafted((len(PAIRED), day)) for day in range(DAYS)]
    teams = credits(people, drafted, draws).sum(axis=0)
    found = preference(teams[:, 0], teams[:, 1], people.account)
    return {
        **found.named("aa_interleaving_preference"),
        "position_fairness_p": position_fairness_p(drafted_before + drafted),
    }


def _rates(counts: Mapping[str, Values]) -> dict[str, float]:
    """By session: what a variant came to."""
    sessions = counts["sessions"].sum()
    return {name: float(v.sum() / sessions) for name, v in counts.items() if name != "sessions"}


def _predictions(measured: dict[str, Measured], people: Members) -> Figures:
    """E9: of all variants, and of the better half, where differences are those of real ideas."""
    plays = {name: _rates(of.counts)["quality_plays"] for name, of in measured.items()}
    better = sorted(plays, key=lambda name: -plays[name])[: max(3, len(plays) // 2)]
    parts = {"offline_online_spearman": measured}
    parts["offline_online_spearman_better_half"] = {name: measured[name] for name in better}
    found: Figures = {}
    for key, part in parts.items():
        of_part = rank_correlations(part, people.account)
        found[key] = {
            metric: {k: v for name, r in of_metric.items() for k, v in r.named(name).items()}
            for metric, of_metric in of_part.items()
        }
    return found


def _calibration(people: Members, control: Lives, before: Values, repeats: int) -> Figures:
    """E10 to E13 and E15: of the control's lives alone."""
    plays = people.by_account(control["quality_plays"]).reshape(-1, DAYS, people.accounts)
    fixed, cut = calibration.false_positive_rate(plays.sum(axis=1), before, repeats)
    anytime, peeked = calibration.peeking_rates(plays, before, repeats)
    seen, false = calibration.sample_ratios(max(10, repeats // 10))
    taken, sessions = (by_test(people, control[name]) for name in ("taken", "sessions"))
    return {
        "planner_max_error": calibration.planner_max_error(),
        "aa_tests": repeats,
        "aa_false_positive_rate": fixed,
        "aa_false_positive_rate_interval": calibration.share_interval(fixed, repeats),
        "aa_sequential_false_positive_rate": anytime,
        "aa_fixed_peeked_daily": peeked,
        "srm_detected": seen,
        "srm_false_alarms": false,
        "cuped_variance_cut": cut,
        "layer_independence_p": calibration.layer_independence_p(),
        **calibration.smallest_effect_told(taken, sessions, len(people.account)),
        **dict.fromkeys(ELSEWHERE, "not measured"),
    }
