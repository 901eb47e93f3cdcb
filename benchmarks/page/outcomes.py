"""What sessions on a page came to, by arm: the measures that builders are compared by.

A page is there to help people find something that they will enjoy: plays of titles that are new to
them count first, minutes and plays of quality say whether these were worth it, and the play rate
guards what a page of nothing but novelties would lose.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.page.figures import STAGEWISE, TEMPLATE
from closed_loop.popular_grid import BASELINE
from experiments.metrics.arms import ArmSums, arm_sums
from simulator.worths import Worths

CEILING, PIPELINE = "ceiling", "pipeline"
COUNTS = ("sessions", "taken", "new_plays", "young_plays", "quality_plays", "seconds")
LEAST_PLAY_RATE_GAIN = -0.01  # at the low end, below which a page loses what members came for


@dataclass(frozen=True)
class Measure:
    """A count of a session, so many of which are one of the measure's unit."""

    count: str
    unit: float = 1.0


MEASURES = {
    "play_rate": Measure("taken"),
    "new_plays": Measure("new_plays"),
    "minutes": Measure("seconds", 60.0),
    "quality_plays": Measure("quality_plays"),
    "young_plays": Measure("young_plays"),
}


def ceiling_arm(measure: str) -> str:
    """The arm that is the ceiling of a measure."""
    return f"{CEILING} {measure}"


def session_counts(outcome: pa.Table, profiles: pa.Table, name: str, day: int) -> pa.Table:
    """account_id, profile_id, day, arm and COUNTS of each profile and arm of a day that was lived.

    The arm `pipeline` takes the name of its pages; `profiles` are in the order of the outcome.
    """
    measures = outcome["measures"].combine_chunks().flatten()
    is_pipeline = pc.equal(measures.field("arm"), PIPELINE)
    arm = pc.if_else(is_pipeline, name, measures.field("arm"))
    arms = len(measures) // max(outcome.num_rows, 1)
    owner = pa.array(np.repeat(np.arange(outcome.num_rows), arms))
    names = {
        column: profiles[column].combine_chunks().take(owner).cast(pa.string())
        for column in ("account_id", "profile_id")
    }
    days = pa.array(np.full(len(measures), day), pa.int32())
    counts = {count: measures.field(count) for count in COUNTS}
    return pa.table({**names, "day": days, "arm": arm.cast(pa.string()), **counts})


def measure_sums(sessions: pa.Table, measure: str) -> ArmSums:
    """A measure of all arms, summed by account and day."""
    count, unit = MEASURES[measure].count, MEASURES[measure].unit
    keys = (sessions[name].to_numpy() for name in ("account_id", "day", "arm"))
    account, day, arm = keys
    numerator = sessions[count].to_numpy() / unit
    return arm_sums(numerator, sessions["sessions"].to_numpy(), account.astype(str), day, arm)


def arm_figures(sums: dict[str, ArmSums], arm: str) -> dict[str, float]:
    """Each measure of one arm, with its interval."""
    figures: dict[str, float] = {}
    for measure, of_measure in sums.items():
        figures |= of_measure.rate(arm).named(measure)
    return figures


def ceiling_figures(sums: dict[str, ArmSums]) -> dict[str, float]:
    """Each measure on the pages that are made for it; where none are, on none."""
    figures: dict[str, float] = {}
    for measure in Worths._fields:
        arm = ceiling_arm(measure)
        figures |= sums[measure].rate(arm).named(measure)
        figures |= sums[measure].gain(arm, TEMPLATE).named(f"{measure}_gain")
    return figures


def stagewise_gains(sums: dict[str, ArmSums]) -> dict[str, object]:
    """What the stagewise pages gain over the template and over the baseline, and whether they win.

    They win who gain plays of new titles without losing the play rate that guards the page.
    """
    figures: dict[str, object] = {}
    for measure, of_measure in sums.items():
        figures |= of_measure.gain(STAGEWISE, TEMPLATE).named(f"{measure}_gain")
        over_baseline = of_measure.gain(STAGEWISE, BASELINE)
        figures |= over_baseline.named(f"{measure}_gain_over_baseline")
    figures["wins"] = wins(sums, STAGEWISE)
    return figures


def wins(sums: dict[str, ArmSums], arm: str) -> bool:
    """Whether an arm helps to discover more than the template does, at no price.

    More plays of new titles and no fewer minutes beyond chance, and a play rate that is at the low
    end of its interval no more than one in a hundred below the template's.
    """
    more = sums["new_plays"].gain(arm, TEMPLATE).low > 0
    no_shorter = sums["minutes"].gain(arm, TEMPLATE).high >= 0
    guarded = sums["play_rate"].gain(arm, TEMPLATE).low >= LEAST_PLAY_RATE_GAIN
    return bool(more and no_shorter and guarded)
