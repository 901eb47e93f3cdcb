"""A policy as text that can be trusted: everything that a choice depends on, with its sha256."""

import json
from dataclasses import fields, replace
from typing import Any

import numpy as np

from conf.errors import Rejected
from conf.keys import sha256_text
from models.artwork.policy import ArtworkEffect, ArtworkPolicy, LinearBeliefs, TreeBeliefs
from models.artwork.profile_features import FeatureFrame


def packed_policy(policy: ArtworkPolicy) -> ArtworkPolicy:
    """The policy with its text, from which it can be read again.

    Its version follows from the text.
    """
    frame = {field.name: getattr(policy.frame, field.name) for field in fields(FeatureFrame)}
    content = {
        "frame": frame,
        "themes": policy.themes,
        "associations": policy.associations.tolist(),
        "beliefs": _beliefs_content(policy.beliefs),
        "effects": policy.effects,
        "unseen_spread": policy.unseen_spread,
        "scale": policy.scale,
        "greedy": policy.greedy,
    }
    return replace(policy, text=json.dumps(content, sort_keys=True, default=dict))


def unpacked_policy(text: str, sha256: str) -> ArtworkPolicy:
    """The policy of a text; its trees, if it has some, are not loaded yet.

    Raises:
        Rejected: where the text does not have this sha256, or is not that of a policy.
    """
    actual = sha256_text(text)
    if actual != sha256:
        raise Rejected(
            f"policy: sha256 of the text is {actual}, its record says {sha256}; not loaded"
        )
    try:
        return _policy_of(json.loads(text), text)
    except (KeyError, TypeError, ValueError) as error:
        raise Rejected(f"policy: its text is not one of a policy ({error!r}); not loaded") from None


def _policy_of(content: dict[str, Any], text: str) -> ArtworkPolicy:
    return ArtworkPolicy(
        frame=_frame(content["frame"]),
        themes=tuple(content["themes"]),
        associations=np.array(content["associations"], np.float32),
        beliefs=_beliefs(content["beliefs"]),
        effects={name: ArtworkEffect(*effect) for name, effect in content["effects"].items()},
        unseen_spread=content["unseen_spread"],
        scale=content["scale"],
        greedy=content["greedy"],
        text=text,
    )


def _beliefs_content(beliefs: LinearBeliefs | TreeBeliefs) -> dict[str, object]:
    if isinstance(beliefs, LinearBeliefs):
        return {"weights": beliefs.draws.tolist(), "suit": beliefs.suit.tolist()}
    packages = [vars(package) for package in beliefs.packages]
    return {"packages": packages, "themes": beliefs.themes}


def _beliefs(content: dict[str, Any]) -> LinearBeliefs | TreeBeliefs:
    if "weights" in content:
        draws = np.array(content["weights"], np.float32)
        return LinearBeliefs(draws, np.array(content["suit"], np.float32))
    from models.rankers.package import Package  # LightGBM, for .5 s

    packages = tuple(Package(**package) for package in content["packages"])
    return TreeBeliefs(packages, content["themes"])


def _frame(content: dict[str, Any]) -> FeatureFrame:
    return FeatureFrame(
        genres=tuple(content["genres"]),
        shares=tuple(content["shares"]),
        countries=tuple(content["countries"]),
        prior=content["prior"],
    )
