"""Rankers, and trees of artwork policies, are loaded for the first time in a process of their own,
which may crash or hang alone.

LightGBM's parser is no validator: a model that is wrong may end the process that reads it. What was
found of a model is kept under FRONTROW_HOME, so that each is asked about once.
"""

import contextlib
import json
import resource
import signal
import subprocess
import sys
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from conf.errors import Rejected
from conf.keys import sha256_text
from conf.rankers import CONTINUATION, CONTINUE_WATCHING, PVR, ROW_MODEL, TOP_PICKS, ranker_settings
from conf.rows import rows
from conf.settings import ROOT, load_settings
from models.artwork.package import unpacked_policy
from models.artwork.policy import ArtworkPolicy
from models.candidates.features import FEATURES
from models.page.layout.row_model import RowModel, names
from models.rankers.continue_watching.features import CONTINUATION_FEATURES
from models.rankers.continue_watching.features import FEATURES as RESUME_FEATURES
from models.rankers.package import Package, load, package_from, proved_scorer

MOST_CPU_S = 30
PATIENCE_S = 600  # on a machine that has no time for it
MOST_MEMORY = 6 << 30  # bytes of address space


def refusal_of(ranker: str, record: Mapping[str, Any]) -> str:
    """Why a row of `rankers` may not serve; empty for one that may."""
    try:
        package = package_from(record)
    except ValueError:
        return "its probe is no JSON"
    return refusal(ranker, package)


def refusal(ranker: str, package: Package) -> str:
    """Why a ranker may not serve; empty for one that loads and scores its probe rows as it should."""
    return _refusal({"ranker": ranker, "package": vars(package)})


def refusal_of_trees(policy: ArtworkPolicy) -> str:
    """Why a policy with trees may not choose artwork; empty for one whose trees load and score."""
    return _refusal({"policy": policy.text})


def _refusal(asked: Mapping[str, Any]) -> str:
    """The answer to a question, asked once for all."""
    question = json.dumps(asked, default=dict)
    kept = _kept_under(question)
    with contextlib.suppress(OSError, ValueError):
        answer: str = json.loads(kept.read_text(encoding="utf-8"))["refusal"]
        return answer
    answer, is_lasting = _asked(question)
    if is_lasting:
        with contextlib.suppress(OSError):
            kept.parent.mkdir(parents=True, exist_ok=True)
            partial = kept.with_suffix(".partial")
            partial.write_text(json.dumps({"refusal": answer}), encoding="utf-8")
            partial.replace(kept)
    return answer


def prove(ranker: str, package: Package) -> None:
    """Load a ranker as the page maker does.

    Raises:
        Rejected: it is not what its record says, or does not fit this version of the code.
    """
    if ranker == ROW_MODEL:
        RowModel(ranker, package).trees(names(rows()))
    elif ranker in (TOP_PICKS, PVR):
        expected = FEATURES if ranker == TOP_PICKS else ranker_settings(PVR).features(FEATURES)
        proved_scorer(package, expected)
    else:
        resume = {CONTINUE_WATCHING: RESUME_FEATURES, CONTINUATION: CONTINUATION_FEATURES}
        load(package, resume[ranker])


def prove_policy(text: str) -> None:
    """Load a policy, and let it score a profile as where artwork is chosen.

    Raises:
        Rejected: a model is not what its record says.
    """
    policy = unpacked_policy(text, sha256_text(text))
    policy.responses(np.zeros((1, len(policy.frame.names)), np.float32))


def _kept_under(question: str) -> Path:
    """Where the answer is kept: by the whole question, the code's features and LightGBM's version."""
    features = [FEATURES, RESUME_FEATURES, CONTINUATION_FEATURES, names(rows())]
    text = f"{question} {features} {metadata.version('lightgbm')}"
    return load_settings().home_path / "proofs" / f"{sha256_text(text)}.json"


def _asked(question: str) -> tuple[str, bool]:
    """The answer of a process of its own, and whether another one would give the same; what ends it,
    or takes too long, is a refusal too.
    """
    command = [sys.executable, "-m", "jobs.io.snapshot.proofs"]
    try:
        done = subprocess.run(
            command,
            cwd=ROOT,
            input=question,
            capture_output=True,
            encoding="utf-8",
            errors="replace",  # a broken model is quoted by LightGBM as it is
            timeout=PATIENCE_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"loading it took more than {PATIENCE_S} s", False
    if done.returncode:
        how = f"signal {-done.returncode}" if done.returncode < 0 else "an error"
        is_killed = -done.returncode in (signal.SIGKILL, signal.SIGTERM)  # by somebody else
        return f"loading it ended with {how}", not is_killed
    answer: str = json.loads(done.stdout.splitlines()[-1])
    return answer, True


def main() -> None:
    """Answer one question on the standard input: why a ranker or policy may not serve, as JSON."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    # at the first limit it ends by a signal of its own, SIGXCPU: what hangs will hang again
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_CPU_S, MOST_CPU_S + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    question: dict[str, Any] = json.load(sys.stdin)
    answer = ""
    try:
        if "policy" in question:
            prove_policy(question["policy"])
        else:
            prove(question["ranker"], Package(**question["package"]))
    except Rejected as error:
        answer = str(error)
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
