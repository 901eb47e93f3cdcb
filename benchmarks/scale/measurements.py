"""All that a run of the bench measured, and the figures made of it."""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil

from benchmarks.scale import figures as of
from benchmarks.scale.figures import Night
from benchmarks.scale.floor import floor_seconds
from benchmarks.scale.landing import FORMATS, landing_cost
from benchmarks.scale.made import Bench, made, night_of, processor, session, tick_of
from benchmarks.scale.night import NIGHT, Stage, require_success
from benchmarks.scale.orchestration import both_ways
from benchmarks.scale.plays import PER_PLAY, Service
from benchmarks.scale.process_tree import MEGABYTE, measured, places_of
from benchmarks.scale.rankers import shapes
from benchmarks.scale.scorer import scorer_rates
from benchmarks.scale.training import training_figures
from benchmarks.scale.writers import by_writer
from closed_loop.homes import environment_variables
from conf.rankers import PVR
from jobs.io.code_version import code_version

FLOOR_PAGES = 1000
ASSEMBLE = "assemble_drafts"
FLOORS = (ASSEMBLE, "run_audits", "publish_homepage_rows", "build_profile_features")  # by page
PARTS = ("tick", "als", "airflow", "writers", "landing")
Figures = dict[str, object]


class Measurements:
    """The nights, ticks and peers of a run, by service."""

    def __init__(self, bench: Bench, keep: bool) -> None:
        self.bench, self.keep = bench, keep
        self.nights: dict[Service, Night] = {}
        self.ticks: dict[Service, Stage] = {}
        self.lists: dict[Service, dict[str, float]] = {}
        self.writers: tuple[bool, dict[str, Stage]] | None = None  # equal, and by writer
        self.training: dict[str, float] = {}
        self.orchestration: dict[str, float] = {}
        self.landings: dict[str, list[tuple[int, float]]] = {}
        self.floors: dict[int, dict[str, float]] = {}

    def add(self, service: Service, *parts: str) -> None:
        """Measure a service's night, and of PARTS those that are asked for."""
        if service in self.nights:
            return
        kept = self.bench.home / "measured" / f"{service.name}.json"
        measured_parts = measured_before(kept, parts)
        if measured_parts is None:
            measured_parts = self._measured(service, parts)
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_text(json.dumps({"code": code_version(), **measured_parts}, indent=1))
        else:
            self.bench.say(f"{service.name} was measured before, by this code")
        self._take(service, measured_parts)
        if service.titles not in self.floors:
            self.floors[service.titles] = self._floor(service)

    def _measured(self, service: Service, parts: Sequence[str]) -> Figures:
        """The night of a service just written, and the parts asked for, as plain JSON."""
        found: Figures = {}
        with made(self.bench, service, self.keep) as home:
            found["night"] = night_of(self.bench, service, home)._asdict()
            if "als" in parts:
                found["als"] = _flat_lists(home)
            if "airflow" in parts:
                found["airflow"] = both_ways(home, service.ds, self.bench.say)
            if "writers" in parts:
                found["writers"] = by_writer(service, home, self.bench.say)
            if "landing" in parts:
                found["landing"] = self._landings(service, home)
            if "tick" in parts:
                found["tick"] = tick_of(self.bench, service, home)
        return found

    def _take(self, service: Service, found: Mapping[str, Any]) -> None:
        """Add what was measured of a service to the figures."""
        self.nights[service] = Night(**found["night"])
        if "tick" in found:
            self.ticks[service] = found["tick"]
        if "als" in found:
            self.lists[service] = found["als"]
        self.orchestration = found.get("airflow", self.orchestration)
        self.writers = found.get("writers", self.writers)
        self.landings = found.get("landing", self.landings)

    def train(self, queries: int) -> None:
        """Measure training by two tasks on so many made queries."""
        self.bench.say("training by one task and by two")
        with session(self.bench.home) as spark:
            self.training = training_figures(spark, self.bench.home, queries)

    def _landings(self, service: Service, home: Path) -> dict[str, list[tuple[int, float]]]:
        """CPU seconds of landing a tenth and most of a service's events, by format."""
        records = round(service.members * service.plays * PER_PLAY * 0.95)
        with environment_variables(FRONTROW_TABLES=str(home / "tables")):
            return {
                kind: [
                    (count, landing_cost(count, kind, home, self.bench.say))
                    for count in (records // 10, records)
                ]
                for kind in FORMATS
            }

    def _floor(self, service: Service) -> dict[str, float]:
        self.bench.say(f"the floor of {service.titles:,} titles")
        with TemporaryDirectory(dir=self.bench.home, prefix="floor-") as folder:
            return floor_seconds(service.titles, FLOOR_PAGES, service.plays, Path(folder))

    def figures(self, like: Service) -> Figures:
        """Everything by the names of the bench; `like` has the catalogue and the days of the sizes."""
        nights = self._nights(like.titles, like.days)
        small, large = nights[0], nights[-1]
        assemble = of.per_cpu_s(of.page_cost(small, large, (ASSEMBLE,)))
        pages = of.per_cpu_s(of.page_cost(small, large, NIGHT))
        rates = scorer_rates(self.bench.rankers, PVR)
        lists = self._list_rate()
        return {
            "cpu": processor(),
            "cores": psutil.cpu_count(),
            "memory_gb": round(psutil.virtual_memory().total / MEGABYTE / 1024, 1),
            "members": [night.members for night in nights],
            "job_sizes": [night.job_size for night in nights],
            "titles": like.titles,
            "days": like.days,
            "plays_a_profile": like.plays,
            "rankers": shapes(self.bench.rankers),
            "pages_per_cpu_s": pages,
            "assemble_pages_per_cpu_s": assemble,
            "core_hours_per_100m_pages": of.core_hours(pages),
            "growth_exponent": of.growth_exponent(nights),
            "titles_exponent": self._titles_exponent(like),
            "history_ratio": self._history_ratio(small.members, like.titles),
            "tick_share": self._tick_share(like, large.members),
            "land_records_per_cpu_s": self._land_rate(),
            "als_users_per_cpu_s": lists,
            "als_recommend_all_ratio": of.ratio(assemble, lists),
            "scorer_ratio": rates and of.ratio(rates["rows_per_s"], rates["native_rows_per_s"]),
            "scorer": rates,
            "orchestration_ratio": of.ratio(
                self.orchestration.get("airflow_wall_s"), self.orchestration.get("process_wall_s")
            ),
            "orchestration": self.orchestration or None,
            "train_speedup_2_tasks": self.training.get("train_speedup_2_tasks"),
            "train_metric_delta": self.training.get("train_metric_delta"),
            "training": self.training or None,
            "pages_equal": self.writers and self.writers[0],
            "writers": self.writers and self.writers[1],
            "slopes": self._slopes(small, large),
            "slope_of_log_bytes": round(
                (large.log_bytes - small.log_bytes) / (large.members - small.members), 1
            ),
            "floor": {str(titles): floor for titles, floor in self.floors.items()},
            "nights": [self._as_record(night) for night in self.nights.values()],
            "ticks": {service.name: tick for service, tick in self.ticks.items()},
            "landings": self.landings,
            "als": {service.name: lists for service, lists in self.lists.items()},
        }

    def _nights(self, titles: int, days: int) -> list[Night]:
        """The nights of one catalogue and log, smallest service first."""
        nights = [n for n in self.nights.values() if (n.titles, n.days) == (titles, days)]
        return sorted(nights, key=lambda night: night.members)

    def _titles_exponent(self, like: Service) -> float | None:
        """How the cost of one more page grows from the smallest catalogue to the largest."""
        catalogues = sorted({night.titles for night in self.nights.values()})
        costs = []
        for titles in (catalogues[0], catalogues[-1]):
            nights = self._nights(titles, like.days)[:2]
            if len(nights) < 2:
                return None
            costs.append(of.page_cost(nights[0], nights[1], NIGHT))
        return of.exponent(costs[0], costs[1], catalogues[-1] / catalogues[0])

    def _history_ratio(self, members: int, titles: int) -> float | None:
        """The whole night after the longest log over that after the shortest."""
        nights = [n for n in self.nights.values() if (n.members, n.titles) == (members, titles)]
        by_days = sorted(nights, key=lambda night: night.days)
        if len(by_days) < 2:
            return None
        return of.ratio(by_days[-1].cpu_s, by_days[0].cpu_s)

    def _tick_share(self, like: Service, members: int) -> float | None:
        """The tick of the largest service over its night."""
        for service, tick in self.ticks.items():
            if service.members == members and service.titles == like.titles:
                return of.ratio(tick["cpu_s"], self.nights[service].cpu_s)
        return None

    def _land_rate(self) -> float | None:
        """Records per CPU second between the small and the large file, of the slower format."""
        rates = []
        for (few, less_s), (many, more_s) in self.landings.values():
            rate = of.per_cpu_s((more_s - less_s) / (many - few))
            if rate is None:
                return None
            rates.append(rate)
        return min(rates, default=None)

    def _list_rate(self) -> float | None:
        """Users per CPU second of MLlib's lists, between the smallest and the largest service."""
        by_users = sorted(self.lists.values(), key=lambda lists: lists["users"])
        if len(by_users) < 2:
            return None
        first, last = by_users[0], by_users[-1]
        return of.per_cpu_s((last["cpu_s"] - first["cpu_s"]) / (last["users"] - first["users"]))

    def _slopes(self, small: Night, large: Night) -> Figures:
        """By job what one more page costs, and how many times its floor that is."""
        floor = self.floors[small.titles]
        slopes: Figures = {}
        more = large.members - small.members
        for job in NIGHT:
            cost = of.page_cost(small, large, (job,))
            written = [night.stages[job]["bytes_written"] for night in (small, large)]
            slopes[job] = {
                "ms_per_page": round(1000 * cost, 4),
                "fixed_cpu_s": round(small.stages[job]["cpu_s"] - cost * small.members, 2),
                "bytes_per_page": round((written[1] - written[0]) / more, 1),
                "floor_ratio": of.ratio(cost, floor[job]) if job in FLOORS else None,
            }
        return slopes

    def _as_record(self, night: Night) -> Figures:
        """A night with the ratio of each stage, its fixed cost included, to the floor of its pages."""
        floor = self.floors[night.titles]
        stages = {}
        for job, stage in night.stages.items():
            least = floor[job] * night.members if job in FLOORS else None
            if job == "build_similars":
                least = floor["build_similars_all"]
            stages[job] = {**stage, "floor_ratio": of.ratio(stage["cpu_s"], least)}
        size = {"members": night.members, "titles": night.titles, "days": night.days}
        more = {
            "job_size": night.job_size,
            "log_bytes": night.log_bytes,
            "cpu_s": round(night.cpu_s, 2),
        }
        return {**size, **more, "stages": stages}


def measured_before(kept: Path, parts: Sequence[str]) -> Mapping[str, Any] | None:
    """What an earlier run of the same code measured of a service: a run that was stopped goes on.

    None where it left out a part that is asked for, or where the sources differ from their commit.
    """
    if not kept.exists() or code_version().endswith("+"):
        return None
    found: dict[str, Any] = json.loads(kept.read_text())
    is_whole = found.get("code") == code_version() and set(parts) <= set(found)
    return found if is_whole else None


def _flat_lists(home: Path) -> dict[str, float]:
    """What `benchmarks.scale.als` measured of the service in `home`."""
    result = home / "als.json"
    usage = measured([sys.executable, "-m", "benchmarks.scale.als", str(result)], places_of(home))
    require_success("als", usage)
    lists: dict[str, float] = json.loads(result.read_text())
    return lists
