"""The process in obp's environment, with a stand-in for obp that only has its estimators."""

import json
import os
import subprocess
import sys

import numpy as np

from benchmarks.artwork import obp_process

ESTIMATORS = """
import torch

class Estimator:
    def __init__(self, tau=1.0):
        self.tau = tau

    def estimate_policy_value(self, reward, action_dist, **arrays):
        return self.tau * (reward * action_dist[:, 0, 0]).mean()

ReplayMethod = InverseProbabilityWeighting = SelfNormalizedInverseProbabilityWeighting = Estimator
DirectMethod = DoublyRobust = SwitchDoublyRobust = Estimator
"""


def test_estimates_are_printed_by_policy_without_obps_own_imports(tmp_path):
    for package in ("obp", "obp/ope"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").write_text("raise ImportError('neural learners')")
    (tmp_path / "obp" / "ope" / "estimators.py").write_text(ESTIMATORS)
    path = tmp_path / "log.npz"
    ones = np.ones((4, 2))
    np.savez(
        path,
        reward=np.array([1.0, 0, 0, 0]),
        action=np.zeros(4, int),
        pscore=np.full(4, 0.5),
        predicted=ones,
        switch_at=np.array(3.0),
        policy_uniform=ones / 2,
    )
    result = subprocess.run(
        [sys.executable, obp_process.__file__, str(path)],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    estimates = json.loads(result.stdout)
    assert estimates["uniform"]["ips"] == 0.125
    assert estimates["uniform"]["switch_dr"] == 3 * 0.125
