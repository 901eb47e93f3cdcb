"""`frontrow bench artwork`: how artwork is learned, and what a log can say of a policy."""

# Tested by tests/benchmarks/artwork/test_days.py.

import time
from collections.abc import Mapping
from typing import Any

import click
from rich.console import Console

from benchmarks.artwork.days import ArtworkDays, Say, regret_by_interval, run_days
from benchmarks.artwork.figures import TakeCounts
from benchmarks.artwork.offpolicy import detects_shifted_propensities, interval_coverage
from benchmarks.artwork.open_bandit import obp_difference, random_from_bts
from benchmarks.artwork.pages import evidence_figures
from benchmarks.artwork.population import population_of
from benchmarks.report import report
from conf.artwork import artwork_settings
from conf.settings import load_settings
from experiments.metrics.rates import Rate
from jobs.io.progress import progress_printer

ARMS = (
    "random",
    "best_single",
    "contextual",
    "without_chance",
    "without_variety",
    "trees",
    "learnable",
    "knowable",
    "oracle",
)
Figures = dict[str, Any]


@click.command()
@click.option(
    "--members",
    type=click.IntRange(50),
    default=4000,
    show_default=True,
    help="Simulated accounts.",
)
@click.option(
    "--days", type=click.IntRange(2), default=14, show_default=True, help="Days of learning."
)
@click.option(
    "--judged",
    "evaluation_days",
    type=click.IntRange(1),
    default=3,
    show_default=True,
    help="Days of evaluation, after them.",
)
@click.option(
    "--intervals",
    "interval_accounts",
    type=click.IntRange(0),
    default=1000,
    show_default=True,
    help="Accounts of the comparison of hourly, daily and weekly learning; 0 leaves it out.",
)
@click.option(
    "--replications",
    type=click.IntRange(1),
    default=600,
    show_default=True,
    help="Logs of each question.",
)
@click.option(
    "--obp/--no-obp",
    default=True,
    show_default=True,
    help="Compare off-policy estimates with those of obp.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def artwork(
    members: int,
    days: int,
    evaluation_days: int,
    interval_accounts: int,
    replications: int,
    obp: bool,
    as_json: bool,
) -> None:
    """Artwork by chance, the best for everybody, by profile, and by an oracle, side by side.

    Example: frontrow bench artwork --members 500 --days 4 --intervals 0 --replications 100 --no-obp
    """
    say, settings = progress_printer(Console(stderr=True), time.monotonic()), artwork_settings()
    say(f"{members} accounts and their past")
    population = population_of(members)
    measured_days = run_days(population, days, evaluation_days, settings, say)
    figures: Figures = {
        "members": members,
        "profiles": population.size,
        "days": days,
        "judged_days": evaluation_days,
    }
    figures |= take_figures(measured_days, days, evaluation_days)
    figures |= coverage_figures(measured_days, replications, settings.offpolicy.switch_at, say)
    say("pages with the reasons of their cells")
    figures |= evidence_figures(measured_days.contextual, measured_days.days)
    if interval_accounts:
        regrets = regret_by_interval(population_of(interval_accounts), days, settings, say)
        figures["regret_by_interval"] = {
            interval: _interval_figures(rate) for interval, rate in regrets.items()
        }
    if obp:
        bounds = settings.offpolicy
        figures["obp_max_abs_diff"] = obp_difference(load_settings(), bounds.switch_at, say)
        figures["open_bandit"] = random_from_bts(load_settings(), bounds)
    report("artwork", figures, as_json)


def take_figures(measured_days: ArtworkDays, learning_days: int, evaluation_days: int) -> Figures:
    """Takes of all arms on the days of evaluation, their differences, and takes by day."""
    last_day = learning_days + evaluation_days
    evaluation, takes = range(learning_days, last_day), measured_days.takes
    figures: Figures = {}
    for arm in ARMS:
        figures |= takes.take(arm, evaluation).named(f"take_{arm}")
        figures |= takes.take(arm, evaluation, "look").named(f"take_per_look_{arm}")
    for arm, baseline in (("contextual", "best_single"), ("best_single", "random")):
        difference = takes.take_difference(arm, baseline, evaluation)
        figures |= difference.named(f"{arm}_above_{baseline}")
    for best, name in (("knowable", "closed_of_knowable"), ("oracle", "regret_closed")):
        figures |= takes.closed("contextual", best, evaluation).named(name)
        figures |= takes.closed("contextual", best, evaluation, "look").named(f"{name}_per_look")
        for arm in ("best_single", "trees", "learnable", "without_chance", "without_variety"):
            figures |= takes.closed(arm, best, evaluation).named(f"{name}_{arm}")
    figures |= takes.closed("knowable", "oracle", evaluation).named("regret_closed_knowable")
    figures["by_day"] = {str(day + 1): _day_figures(takes, day) for day in range(last_day)}
    figures["flips_per_30d"] = measured_days.flips.per_30_days
    without_chance = takes.take("without_chance", evaluation).value
    with_chance = takes.take("contextual", evaluation).value
    figures["explore_cost"] = 1 - with_chance / without_chance  # measured, the next one predicted
    trainings = measured_days.contextual.metrics
    figures["explore_cost_predicted"] = [metrics["explore_cost"] for metrics in trainings]
    figures["cells"] = measured_days.cells
    figures["cells_without_picture"] = measured_days.cells_without_artwork
    figures["title_cards"] = measured_days.title_cards
    return figures


def _day_figures(takes: TakeCounts, day: int) -> Figures:
    """The take of each arm that lived a day, and the regret that the policy closed."""
    figures: Figures = {}
    for arm in ARMS:
        if (arm, day) in takes.by_arm_and_day:
            figures[f"take_{arm}"] = takes.take(arm, range(day, day + 1)).value
    figures["regret_closed"] = takes.closed("contextual", "oracle", range(day, day + 1)).value
    return figures


def coverage_figures(
    measured_days: ArtworkDays, replications: int, switch_at: float, say: Say
) -> Figures:
    """Coverage of off-policy intervals by question, and whether wrong propensities are noticed."""
    learner = measured_days.contextual
    day = learner.population.day(measured_days.days)
    by_question = interval_coverage(learner, day, replications, switch_at, say)
    return {
        "ope_coverage": {name: figures.coverage["dr"] for name, figures in by_question.items()},
        "ope_bias": {name: figures.bias["dr"] for name, figures in by_question.items()},
        "ope_detects_shifted_propensities": detects_shifted_propensities(by_question),
        "ope_replications": replications,
        "ope": {name: figures.told() for name, figures in by_question.items()},
    }


def _interval_figures(rate: Rate) -> Mapping[str, float]:
    return {"regret": rate.value, "low": rate.low, "high": rate.high}
