"""Run in obp's own environment: arrays from an .npz to the estimates of obp's estimators.

Imports nothing of ours, since nothing of ours is installed there. obp's packages import its neural
learners, and they torch; the module of its estimators is loaded past them, with a stand-in for the
one name that its annotations use.
"""

import importlib.util
import json
import sys
import types
from pathlib import Path


def obp_estimators() -> types.ModuleType:
    """The module obp.ope.estimators, as it is installed."""
    spec = importlib.util.find_spec("obp")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("obp is not installed here")
    root = Path(next(iter(spec.submodule_search_locations)))
    torch = types.ModuleType("torch")
    torch.Tensor = type("Tensor", (), {})  # type: ignore[attr-defined]
    sys.modules["torch"] = torch
    for name, folder in (("obp", root), ("obp.ope", root / "ope")):
        package = types.ModuleType(name)
        package.__path__ = [str(folder)]
        sys.modules[name] = package
    return importlib.import_module("obp.ope.estimators")


def print_estimates(path: str) -> None:
    """Print {policy: {estimator: value}} for every policy in the file."""
    import numpy as np

    obp, data = obp_estimators(), np.load(path)
    estimators = {
        "replay": obp.ReplayMethod(),
        "ips": obp.InverseProbabilityWeighting(),
        "snips": obp.SelfNormalizedInverseProbabilityWeighting(),
        "dm": obp.DirectMethod(),
        "dr": obp.DoublyRobust(),
        "switch_dr": obp.SwitchDoublyRobust(tau=float(data["switch_at"])),
    }
    log = {name: data[name] for name in ("reward", "action", "pscore")}
    values = {}
    for key in sorted(name for name in data.files if name.startswith("policy_")):
        inputs = {
            **log,
            "action_dist": data[key][:, :, None],
            "estimated_rewards_by_reg_model": data["predicted"][:, :, None],
        }
        values[key.removeprefix("policy_")] = {
            name: float(estimator.estimate_policy_value(**inputs))
            for name, estimator in estimators.items()
        }
    print(json.dumps(values))


if __name__ == "__main__":
    print_estimates(sys.argv[1])
