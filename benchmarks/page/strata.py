"""What builders do for whom: measures of sessions by the profile's country, age, tenure, device and taste."""

from itertools import pairwise

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from benchmarks.page.figures import BUILDERS, STAGEWISE, TEMPLATE
from benchmarks.page.outcomes import measure_sums
from benchmarks.page.world_day import WorldDay
from closed_loop.popular_grid import BASELINE
from conf.pages import pages
from simulator.days import members_at

FIRST_WEEK_DAYS = 7
UNKNOWN = ""
MEASURES = ("play_rate", "new_plays", "minutes", "young_plays")
Labels = NDArray[np.str_]
Strata = dict[str, dict[str, str]]  # by stratum, the label of each profile


def profile_strata(today: WorldDay) -> Strata:
    """The strata of all profiles of a day: `first_week` are those who joined in the week before."""
    stage = today.stage
    states = stage.states.sort_by("index")
    people = members_at(stage.world, stage.settings, states["index"].to_numpy())
    countries, devices = list(stage.settings.countries), list(stage.settings.devices)
    age_days = stage.day - people.join_day.astype(np.int64)
    labels: dict[str, Labels] = {
        "country": np.array(countries)[people.country],
        "kids": np.where(people.kids, "child", "grown-up"),
        "tenure": _tenure(age_days),
        "first_week": np.where(age_days <= FIRST_WEEK_DAYS, "first week", "later"),
        "device": np.array(devices)[people.devices.argmax(axis=1)],
    }
    names = states["profile_id"].to_pylist()
    strata = {
        stratum: dict(zip(names, values.tolist(), strict=True))
        for stratum, values in labels.items()
    }
    return strata | {"taste": _tastes(today)}


def _tenure(age_days: NDArray[np.int64]) -> Labels:
    """By the days that conf parts members by."""
    ends = pages().tenure_days
    names = [f"under {ends[0]} days"]
    names += [f"{first} to {last} days" for first, last in pairwise(ends)]
    names.append(f"{ends[-1]} days and more")
    return np.array(names)[np.searchsorted(ends, age_days, side="right")]


def _tastes(today: WorldDay) -> dict[str, str]:
    """Whether what a profile played is played by many, or by fewer than the median profile's is."""
    plays = np.log1p(today.catalogue.features["title_plays_count_all"])
    ids: list[str] = []
    means: list[float] = []
    for profiles, _ in today.batches:
        counts = np.maximum(profiles.counts, 1)
        total = np.bincount(profiles.owners, plays[profiles.title], profiles.size)
        ids += profiles.profile_ids.tolist()
        means += np.where(profiles.counts > 0, total / counts, np.nan).tolist()
    middle = np.nanmedian(means)
    return {
        name: UNKNOWN if np.isnan(mean) else "popular" if mean >= middle else "rare"
        for name, mean in zip(ids, means, strict=True)
    }


def labelled(sessions: pa.Table, strata: Strata) -> pa.Table:
    """The sessions of a day with a column for each stratum."""
    profile_ids = sessions["profile_id"].to_pylist()
    for stratum, labels in strata.items():
        values = [labels.get(name, UNKNOWN) for name in profile_ids]
        sessions = sessions.append_column(stratum, pa.array(values, pa.string()))
    return sessions


def strata_figures(sessions: pa.Table, strata: list[str]) -> dict[str, dict[str, object]]:
    """By stratum and label: sessions, measures of each arm, and what the stagewise pages gain."""
    figures: dict[str, dict[str, object]] = {}
    for stratum in strata:
        column = sessions[stratum].to_numpy().astype(str)
        figures[stratum] = {
            label: _part_figures(sessions.filter(pa.array(column == label)))
            for label in sorted(set(column.tolist()) - {UNKNOWN})
        }
    return figures


def _part_figures(sessions: pa.Table) -> dict[str, object]:
    """The figures of some profiles' sessions."""
    figures: dict[str, object] = {}
    for measure in MEASURES:
        of_measure = measure_sums(sessions, measure)
        figures["sessions"] = int(of_measure.below[:, :, 0].sum())
        for arm in (*BUILDERS, BASELINE):
            if arm in of_measure.arms:
                figures[f"{arm}_{measure}"] = of_measure.rate(arm).value
        for other, name in (
            (TEMPLATE, f"{measure}_gain"),
            (BASELINE, f"{measure}_gain_over_baseline"),
        ):
            if {STAGEWISE, other} <= set(of_measure.arms):
                figures |= of_measure.gain(STAGEWISE, other).named(name)
    return figures
