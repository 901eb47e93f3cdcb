"""The Open Bandit sample: real clicks with logged propensities, and the obp library to hold our estimates against.

Logs of ZOZOTOWN's fashion recommendations (Saito, Aihara, Matsutani and Narita, Open Bandit Dataset and Pipeline,
NeurIPS 2021): 10,000 rows for each campaign, chosen uniformly at random and by Bernoulli Thompson sampling (bts).
"""

import csv
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conf.errors import Rejected, Retryable
from conf.settings import ROOT, Settings
from experiments.offpolicy import LoggedChoices, TargetPolicy, estimates, evaluation
from jobs.io.landing.wheels import fetch_wheel_files

CAMPAIGNS = ("all", "men", "women")
LOGGERS = ("random", "bts")
PRIOR = 100  # rows at the overall rate that an item's own rate is mixed with
PATIENCE = 900  # s for pip
F64 = NDArray[np.float64]


@dataclass(frozen=True)
class Sample:
    """One campaign's log by one policy."""

    action: NDArray[np.int64]
    items: int
    log: LoggedChoices


def samples(settings: Settings) -> dict[tuple[str, str], Sample]:
    """The six logs by campaign and policy; fetched the first time."""
    files = {logger: fetch_wheel_files(f"open-bandit-{logger}", settings) for logger in LOGGERS}
    return {
        (c, logger): _sample(files[logger][f"{c}.csv"]) for c in CAMPAIGNS for logger in LOGGERS
    }


def _sample(path: Path) -> Sample:
    rows = list(_rows(path))
    action = np.array([int(row["item_id"]) for row in rows])
    member = np.array(["".join(row[f"user_feature_{n}"] for n in range(4)) for row in rows])
    reward, propensity = (
        np.array([float(row[name]) for row in rows]) for name in ("click", "propensity_score")
    )
    return Sample(action, int(action.max()) + 1, LoggedChoices(reward, propensity, member))


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def rates(sample: Sample, items: int) -> F64:
    """(items,) clicks / rows of each item, mixed with PRIOR rows at the overall rate: a simple model of rewards."""
    clicks, seen = (
        np.bincount(sample.action, sample.log.reward, items),
        np.bincount(sample.action, minlength=items),
    )
    overall = float(sample.log.reward.mean())
    return np.asarray((clicks + PRIOR * overall) / (seen + PRIOR), np.float64)


def policies(sample: Sample, items: int) -> dict[str, F64]:
    """Policies (items,) to judge by a log: any item; the better ones more often; always the best one."""
    told = rates(sample, items)
    soft = np.exp(told / told.std())
    return {
        "uniform": np.full(items, 1 / items),
        "softmax": soft / soft.sum(),
        "best": np.eye(items)[told.argmax()],
    }


def obp_difference(settings: Settings, switch_at: float, say: Callable[[str], None]) -> float:
    """The largest difference between an estimate of ours and obp's, over all logs, policies and estimators."""
    python, worst = _environment(settings, say), 0.0
    for sample in samples(settings).values():
        chosen, predicted = policies(sample, sample.items), rates(sample, sample.items)
        theirs = _obp(python, sample, chosen, predicted, switch_at)
        for name, policy in chosen.items():
            ours = estimates(sample.log, _judged(sample, policy, predicted), switch_at)
            worst = max(
                worst,
                *(
                    abs(ours[n].value - value)
                    for n, value in theirs[name].items()
                    if _told(ours[n].value)
                ),
            )
    return worst


def _told(value: float) -> bool:
    return not np.isnan(value)


def _judged(sample: Sample, policy: F64, predicted: F64) -> TargetPolicy:
    own = np.full(len(sample.action), float(policy @ predicted))
    return TargetPolicy(policy[sample.action], predicted[sample.action], own)


def random_from_bts(
    settings: Settings, least_effective: float, switch_at: float
) -> dict[str, dict[str, object]]:
    """What the bts log says the random policy earns, beside what it did earn; or why the log is refused."""
    found, told = samples(settings), {}
    for campaign in CAMPAIGNS:
        uniform, bts = found[campaign, "random"], found[campaign, "bts"]
        judged = _judged(bts, np.full(bts.items, 1 / bts.items), rates(bts, bts.items))
        entry: dict[str, object] = {"on_policy": float(uniform.log.reward.mean())}
        try:
            made = evaluation(bts.log, judged, least_effective, switch_at)
            entry |= {"effective_sample": made.overlap.effective_sample}
            entry |= {
                name: rate._asdict() for name, rate in made.estimates.items() if _told(rate.value)
            }
        except Rejected as why:
            entry["refused"] = str(why)
        told[campaign] = entry
    return told


def _obp(
    python: Path, sample: Sample, chosen: dict[str, F64], predicted: F64, switch_at: float
) -> dict[str, dict[str, float]]:
    rows = len(sample.action)
    arrays: dict[str, Any] = {
        f"policy_{name}": np.tile(policy, (rows, 1)) for name, policy in chosen.items()
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.npz"
        np.savez(
            path,
            reward=sample.log.reward,
            action=sample.action,
            pscore=sample.log.propensity,
            predicted=np.tile(predicted, (rows, 1)),
            switch_at=np.array(switch_at),
            **arrays,
        )
        script = Path(__file__).with_name("obp_process.py")
        done = subprocess.run(
            [str(python), "-I", str(script), str(path)], capture_output=True, text=True, check=False
        )
    if done.returncode:
        raise Rejected(f"obp: {(done.stderr.strip().splitlines() or ['it said nothing'])[-1]}")
    told: dict[str, dict[str, float]] = json.loads(done.stdout)
    return told


def _environment(settings: Settings, say: Callable[[str], None]) -> Path:
    """The interpreter of obp's own environment, made the first time from conf/obp.txt, every file known by its hash."""
    locked = ROOT / "conf" / "obp.txt"
    folder = settings.home_path / "bench" / f"obp-{sha256(locked.read_bytes()).hexdigest()[:12]}"
    python = folder / "bin" / "python"
    if (folder / "made").exists():
        return python
    say("making an environment of its own for the obp library")
    _run([sys.executable, "-m", "venv", "--clear", str(folder)])
    _run(
        [
            str(python),
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
            "--only-binary=:all:",
            "--require-hashes",
            "-r",
            str(locked),
        ]
    )
    (folder / "made").touch()
    return python


def _run(command: list[str]) -> None:
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=PATIENCE
        )
    except subprocess.TimeoutExpired:
        raise Retryable(f"{' '.join(command[:4])} took more than {PATIENCE} s; try again") from None
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise Retryable(
            f"obp's environment could not be made: {said}; connect this machine to a package index"
        )
