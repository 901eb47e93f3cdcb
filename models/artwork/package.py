"""A policy as text that can be trusted: everything that a choice hangs on, with its sha256."""

import json
from dataclasses import replace
from typing import Any

import numpy as np

from conf.errors import Rejected
from conf.keys import sha256_text
from models.artwork.policy import Forest, Policy, Weights
from models.artwork.profile_features import Frame


def written(policy: Policy) -> Policy:
    """The policy with its text, from which it can be read again; the version follows from the text."""
    beliefs: dict[str, object]
    if isinstance(policy.beliefs, Weights):
        beliefs = {"weights": policy.beliefs.draws.tolist(), "suit": policy.beliefs.suit.tolist()}
    else:
        beliefs = {"models": list(policy.beliefs.models), "themes": policy.beliefs.themes}
    frame = {name: getattr(policy.frame, name) for name in Frame.__dataclass_fields__}
    told = {
        "frame": frame,
        "themes": policy.themes,
        "associations": policy.associations.tolist(),
        "beliefs": beliefs,
        "effects": policy.effects,
        "unseen_spread": policy.unseen_spread,
        "scale": policy.scale,
        "greedy": policy.greedy,
    }
    return replace(policy, text=json.dumps(told, sort_keys=True))


def read(text: str, sha256: str) -> Policy:
    """The policy of a text, after proof that it is the text that was kept."""
    found = sha256_text(text)
    if found != sha256:
        raise Rejected(
            f"policy: sha256 of the text is {found}, its record says {sha256}; not loaded"
        )
    told = json.loads(text)
    beliefs = told["beliefs"]
    frame: dict[str, Any] = {
        n: tuple(v) if isinstance(v, list) else v for n, v in told["frame"].items()
    }
    return Policy(
        frame=Frame(**frame),
        themes=tuple(told["themes"]),
        associations=np.array(told["associations"], np.float32),
        beliefs=Weights(
            np.array(beliefs["weights"], np.float32), np.array(beliefs["suit"], np.float32)
        )
        if "weights" in beliefs
        else Forest(tuple(beliefs["models"]), beliefs["themes"]),
        effects={
            name: (mean, spread, seen) for name, (mean, spread, seen) in told["effects"].items()
        },
        unseen_spread=told["unseen_spread"],
        scale=told["scale"],
        greedy=told["greedy"],
        text=text,
    )
