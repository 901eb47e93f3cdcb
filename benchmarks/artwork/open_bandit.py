"""The Open Bandit sample: real clicks with propensities, and the obp library to compare with.

Logs of ZOZOTOWN's fashion recommendations (Saito, Aihara, Matsutani and Narita, Open Bandit Dataset
and Pipeline, NeurIPS 2021): 10,000 rows for each campaign, chosen uniformly at random and by
Bernoulli Thompson sampling (bts).
"""

import csv
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conf.artwork import OffPolicy
from conf.errors import Rejected, Retryable
from conf.settings import ROOT, Settings
from experiments.offpolicy import LoggedChoices, TargetPolicy, estimates, evaluation
from jobs.io.landing.wheels import fetch_wheel_files

CAMPAIGNS = ("all", "men", "women")
LOGGERS = ("random", "bts")
PRIOR = 100  # rows at the overall rate that an item's own rate is mixed with
PIP_TIMEOUT_S = 900
PIP_OPTIONS = (
    "--quiet",
    "--disable-pip-version-check",
    "--no-deps",
    "--only-binary=:all:",
    "--require-hashes",
)
F64 = NDArray[np.float64]
Say = Callable[[str], None]


@dataclass(frozen=True)
class CampaignLog:
    """One campaign's log by one policy."""

    action: NDArray[np.int64]  # (N,) item
    items: int
    choices: LoggedChoices  # (N,)


def campaign_logs(settings: Settings) -> dict[tuple[str, str], CampaignLog]:
    """The six logs by campaign and policy; fetched the first time."""
    logs = {}
    for logger in LOGGERS:
        files = fetch_wheel_files(f"open-bandit-{logger}", settings)
        for campaign in CAMPAIGNS:
            logs[campaign, logger] = _campaign_log(files[f"{campaign}.csv"])
    return logs


def _campaign_log(path: Path) -> CampaignLog:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    action = np.array([int(row["item_id"]) for row in rows])
    users = ["".join(row[f"user_feature_{number}"] for number in range(4)) for row in rows]
    reward = np.array([float(row["click"]) for row in rows])
    propensity = np.array([float(row["propensity_score"]) for row in rows])
    choices = LoggedChoices(reward, propensity, np.array(users))
    return CampaignLog(action, int(action.max()) + 1, choices)


def click_rates(log: CampaignLog, items: int) -> F64:
    """Clicks / rows of each item (items,), mixed with PRIOR rows at the overall rate."""
    clicks = np.bincount(log.action, log.choices.reward, items)
    rows = np.bincount(log.action, minlength=items)
    overall_rate = float(log.choices.reward.mean())
    return np.asarray((clicks + PRIOR * overall_rate) / (rows + PRIOR), np.float64)


def target_policies(log: CampaignLog, items: int) -> dict[str, F64]:
    """Policies (items,) to evaluate: any item, better items more often, the best item."""
    rates = click_rates(log, items)
    weights = np.exp(rates / rates.std())
    return {
        "uniform": np.full(items, 1 / items),
        "softmax": weights / weights.sum(),
        "best": np.eye(items)[rates.argmax()],
    }


def obp_difference(settings: Settings, switch_at: float, say: Say) -> float:
    """The largest difference between an estimate of ours and obp's, over all logs and policies."""
    python = _obp_python(settings, say)
    largest = 0.0
    for log in campaign_logs(settings).values():
        policies, predicted = target_policies(log, log.items), click_rates(log, log.items)
        obp_estimates = _obp_estimates(python, log, policies, predicted, switch_at)
        for name, policy in policies.items():
            target = _target_policy(log, policy, predicted)
            for estimator, estimate in estimates(log.choices, target, switch_at).items():
                if np.isnan(estimate.value) or estimator not in obp_estimates[name]:
                    continue
                difference = abs(estimate.value - obp_estimates[name][estimator])
                largest = max(largest, difference)
    return largest


def _target_policy(log: CampaignLog, policy: F64, predicted: F64) -> TargetPolicy:
    """A policy (items,) and predicted rewards (items,) on the rows of a log."""
    value = np.full(len(log.action), float(policy @ predicted))
    return TargetPolicy(policy[log.action], predicted[log.action], value)


def random_from_bts(settings: Settings, bounds: OffPolicy) -> dict[str, dict[str, object]]:
    """What the random policy earns by the bts log and in truth; or why the log is refused."""
    logs = campaign_logs(settings)
    figures = {}
    for campaign in CAMPAIGNS:
        random_log, bts_log = logs[campaign, "random"], logs[campaign, "bts"]
        uniform = np.full(bts_log.items, 1 / bts_log.items)
        target = _target_policy(bts_log, uniform, click_rates(bts_log, bts_log.items))
        entry: dict[str, object] = {"on_policy": float(random_log.choices.reward.mean())}
        try:
            result = evaluation(bts_log.choices, target, bounds.least_effective, bounds.switch_at)
        except Rejected as refusal:
            entry["refused"] = str(refusal)
        else:
            entry["effective_sample"] = result.overlap.effective_sample
            for estimator, estimate in result.estimates.items():
                if not np.isnan(estimate.value):
                    entry[estimator] = estimate._asdict()
        figures[campaign] = entry
    return figures


def _obp_estimates(
    python: Path, log: CampaignLog, policies: dict[str, F64], predicted: F64, switch_at: float
) -> dict[str, dict[str, float]]:
    """obp's estimates by policy and estimator, made by `obp_process.py` in obp's environment."""
    rows = len(log.action)
    arrays: dict[str, Any] = {
        f"policy_{name}": np.tile(policy, (rows, 1)) for name, policy in policies.items()
    }
    script = Path(__file__).with_name("obp_process.py")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.npz"
        np.savez(
            path,
            reward=log.choices.reward,
            action=log.action,
            pscore=log.choices.propensity,
            predicted=np.tile(predicted, (rows, 1)),
            switch_at=np.array(switch_at),
            **arrays,
        )
        command = [str(python), "-I", str(script), str(path)]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        raise Rejected(f"obp: {_last_line(result.stderr)}")
    by_policy: dict[str, dict[str, float]] = json.loads(result.stdout)
    return by_policy


def _obp_python(settings: Settings, say: Say) -> Path:
    """The interpreter of obp's own environment, made the first time from conf/obp.txt."""
    requirements = ROOT / "conf" / "obp.txt"
    version = sha256(requirements.read_bytes()).hexdigest()[:12]
    folder = settings.home_path / "bench" / f"obp-{version}"
    python = folder / "bin" / "python"
    complete = folder / "made"
    if complete.exists():
        return python
    say("making an environment of its own for the obp library")
    _run([sys.executable, "-m", "venv", "--clear", str(folder)])
    _run([str(python), "-m", "pip", "install", *PIP_OPTIONS, "-r", str(requirements)])
    complete.touch()
    return python


def _run(command: list[str]) -> None:
    try:
        result = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=PIP_TIMEOUT_S
        )
    except subprocess.TimeoutExpired:
        start = " ".join(command[:4])
        raise Retryable(f"{start} took more than {PIP_TIMEOUT_S} s; try again") from None
    if result.returncode:
        raise Retryable(
            f"obp's environment could not be made: {_last_line(result.stderr)};"
            " connect this machine to a package index"
        )


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else "it said nothing"
