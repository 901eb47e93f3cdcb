"""Metrics of two arms' pages of the same profiles, by stratum, and their differences."""
# Tested by tests/cli/test_whatif.py.

from collections import defaultdict
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from cli.page_metrics import METRICS, DevicePages
from conf.days import end_of
from conf.pages import pages
from conf.rows import rows
from experiments.metrics.rates import rate
from jobs.io.published.facts import DayCatalogue, ProfileFacts, day_catalogue, profile_facts
from jobs.io.published.grids import PageGrids, grids_of

STRATA = ("all", "country", "tenure", "kids")
LEFT_OUT = ("stability",)  # it asks for the day before
Samples = dict[tuple[str, str, str], list[NDArray[Any]]]  # metric, stratum, value: parts (3, p)


class Ruler:
    """Metrics of pages on a device, by stratum."""

    def __init__(self, device: str, horizon: int, strata: list[str]) -> None:
        self.device, self.horizon, self.strata = pages().device(device), horizon, strata
        self.samples: Samples = defaultdict(list)
        self.changed: list[NDArray[np.bool_]] = []

    def add(self, ds: date, control: pa.Table, variant: pa.Table) -> None:
        """Measure both arms' pages of a day, profile by profile."""
        facts = day_catalogue(ds, pages().exploration.days)
        both = pc.is_in(variant["profile_id"], control["profile_id"].combine_chunks())
        variant = variant.filter(both)
        control = control.filter(
            pc.is_in(control["profile_id"], variant["profile_id"].combine_chunks())
        )
        arms = [self._shown(grids, facts) for grids in (control, variant)]
        of_profiles = profile_facts(
            arms[0].profile_ids,
            arms[0].builder,
            facts,
            ds,
            end_of(ds + timedelta(days=self.horizon)),
        )
        shown = [self._pages(arm, of_profiles, facts) for arm in arms]
        self.changed.append((shown[0].first_screen != shown[1].first_screen).any(axis=(1, 2)))
        for name, metric in METRICS.items():
            if name not in LEFT_OUT:
                self._add(name, metric(shown[0]), metric(shown[1]), of_profiles)

    def _shown(self, page_rows: pa.Table, facts: DayCatalogue) -> PageGrids:
        return grids_of(page_rows, facts.title_ids, self.device.rows, self.device.columns)

    def _pages(self, arm: PageGrids, of_profiles: ProfileFacts, facts: DayCatalogue) -> DevicePages:
        repeatable = frozenset(name for name, kind in rows().kinds.items() if kind.may_repeat)
        screen = (len(arm.profile_ids), self.device.screen_rows, self.device.screen_columns)
        return DevicePages(
            arm.grid,
            arm.kinds,
            repeatable,
            np.full(screen, -1, np.int32),
            of_profiles.relevant,
            of_profiles.played,
            of_profiles.own,
            facts.genres,
            facts.fresh,
            self.device,
        )

    def _add(
        self, name: str, control: NDArray[Any], variant: NDArray[Any], of: ProfileFacts
    ) -> None:
        known = ~np.isnan(control) & ~np.isnan(variant)
        for stratum in self.strata:
            values = of.strata[stratum]
            for value in np.unique(values[known]):
                part = known & (values == value)
                columns = np.array([control[part], variant[part], of.account[part]], object)
                self.samples[name, stratum, str(value)].append(columns)

    def figures(self) -> list[dict[str, Any]]:
        """Means of both arms and their difference, by metric and stratum."""
        found = []
        for (name, stratum, value), parts in sorted(self.samples.items()):
            control, variant, account = np.concatenate(parts, axis=1)
            gain = (variant - control).astype(float)
            difference = rate(gain, np.ones(len(gain)), account.astype(str))
            number = {
                key: None if np.isnan(v) else float(v)
                for key, v in difference.named("difference").items()
            }
            found.append(
                {
                    "metric": name,
                    "stratum": stratum,
                    "value": value,
                    "control": float(control.mean()),
                    "variant": float(variant.mean()),
                    **number,
                    "pages": len(gain),
                }
            )
        return found
