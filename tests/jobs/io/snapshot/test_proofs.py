"""A ranker or a policy that is refused hands over to the one before; no process of ours ends by it."""

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
import pytest

from conf.artwork import artwork_settings
from conf.days import end_of
from conf.errors import Rejected
from conf.keys import sha256_text
from conf.rankers import CONTINUE_WATCHING, TOP_PICKS
from jobs.io.snapshot import proofs
from jobs.io.snapshot.arrow import ArrowSnapshot
from jobs.io.snapshot.proofs import prove, refusal, refusal_of_trees
from models.artwork.package import packed_policy
from models.artwork.policy import ArtworkPolicy, TreeBeliefs
from models.artwork.thompson import RegressionRows
from models.artwork.trees import fit_trees
from models.page.build import UNTRAINED
from models.rankers.continue_watching.features import FEATURES
from models.rankers.lambdarank import fit_ranker
from models.rankers.package import Package, pack
from tests import published
from tests.models.artwork import small
from tests.models.rankers.test_lambdarank import QUICK, queries

SUNDAY = date(2026, 1, 4)
HOLD = artwork_settings().sticky.hold_days


def trained(seed: int) -> Package:
    given = queries(seed)
    rng = np.random.default_rng(seed)
    matrix = rng.normal(size=(len(given.matrix), len(FEATURES))).astype(np.float32)
    matrix[:, :4] = given.matrix
    return pack(fit_ranker(replace(given, matrix=matrix), QUICK, FEATURES), matrix)


@pytest.fixture(scope="module")
def packages() -> tuple[Package, Package]:
    return trained(1), trained(2)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FRONTROW_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def changed(package: Package, model: str) -> Package:
    """Another text, with a hash made right."""
    return replace(package, model=model, model_sha256=sha256_text(model))


def keep(lake: Path, day: date, package: Package, name: str = CONTINUE_WATCHING) -> str:
    """A promoted row of `rankers`; its id."""
    ranker_id = f"{name}-{day:%m%d}"
    row: dict[str, Any] = {"ranker": name, "ranker_id": ranker_id, "model": package.model}
    row |= {"model_sha256": package.model_sha256, "probe": json.dumps(dict(package.probe))}
    row |= {"feature_names": list(package.feature_names), "promoted": True, "ds": day}
    published.write(lake, "rankers", [row])
    return ranker_id


def test_sound_ranker_serves_and_is_asked_about_once(packages, home, lake, monkeypatch) -> None:
    ranker_id = keep(lake, SUNDAY, packages[0])
    snapshot = ArrowSnapshot(end_of(SUNDAY))
    assert snapshot.ranker(CONTINUE_WATCHING) == (packages[0], ranker_id, ())
    monkeypatch.setattr(proofs, "_asked", lambda _: pytest.fail("asked again"))
    assert snapshot.ranker(CONTINUE_WATCHING).ranker_id == ranker_id


def test_refused_ranker_hands_over_to_the_one_before_then_to_popularity(
    packages, home, lake
) -> None:
    before = keep(lake, SUNDAY - timedelta(days=7), packages[0])
    broken = keep(lake, SUNDAY, changed(packages[1], packages[1].model[:900]))
    serving = ArrowSnapshot(end_of(SUNDAY)).ranker(CONTINUE_WATCHING)
    assert serving.ranker_id == before and serving.package == packages[0]
    assert [reason.split(":")[0] for reason in serving.refused] == [broken]
    other = keep(lake, SUNDAY, replace(packages[0], model="tree"), TOP_PICKS)
    nothing = ArrowSnapshot(end_of(SUNDAY)).ranker(TOP_PICKS)
    assert (nothing.package, nothing.ranker_id) == (None, UNTRAINED)
    assert nothing.refused[0].startswith(f"{other}: trees: sha256 of the model is")


def test_ranker_of_other_features_is_refused(packages, home) -> None:
    assert "features differ from those of this version" in refusal(TOP_PICKS, packages[0])


def mutants(model: str) -> list[str]:
    """The text with faults of many kinds: cut, a child out of range, zeros, a tree doubled."""
    lines = model.splitlines(keepends=True)
    at = {line.split("=")[0]: n for n, line in enumerate(lines) if "=" in line}
    children = lines[at["left_child"]].split("=")[1].split()
    far = [*lines]
    far[at["left_child"]] = f"left_child={' '.join(['99999', *children[1:]])}\n"
    loop = [*lines]
    loop[at["left_child"]] = f"left_child={' '.join(['0'] * len(children))}\n"
    many = [*lines]
    many[at["num_leaves"]] = "num_leaves=2000000000\n"
    cuts = [model[: len(model) * part // 7] for part in range(1, 6)]
    return [*cuts, "".join(far), "".join(loop), "".join(many), "", "<html>", "\0" * 500]


@pytest.mark.long
def test_mutants_with_their_own_hash_end_no_process_of_ours(packages, home, monkeypatch) -> None:
    broken = [changed(packages[0], text) for text in mutants(packages[0].model)]
    reasons = [refusal(CONTINUE_WATCHING, package) for package in broken]
    for package, reason in zip(broken, reasons, strict=True):
        assert reason and "\n" not in reason, package.model[:40]
    monkeypatch.setattr(proofs, "_asked", lambda _: pytest.fail("asked again"))
    assert [refusal(CONTINUE_WATCHING, package) for package in broken] == reasons


def tree_policy(seed: int = 1) -> ArtworkPolicy:
    """A policy of two draws of trees."""
    rng = np.random.default_rng(seed)
    size = 400
    successes = rng.random(size) < 0.4
    rows = RegressionRows(
        feature_row=np.arange(size) % 20,
        theme=rng.integers(2, size=size),
        representativeness=rng.random(size),
        suits=rng.random(size),
        trials=np.ones(size),
        successes=successes.astype(float),
        offset=np.zeros(size),
    )
    few = {"trees": 10, "rows_in_leaf": 10, "draws": 2, "threads": 1}
    settings = artwork_settings().trees.model_copy(update=few)
    features = rng.integers(2, size=(20, 2)).astype(np.float32)
    beliefs = fit_trees(rows, np.arange(size) % 20, features, 2, seed, settings)
    return packed_policy(replace(small.policy([(0, 0)]), beliefs=beliefs))


def with_model(policy: ArtworkPolicy, model: str) -> ArtworkPolicy:
    """The same with another text in place of its second draw's, with hashes made right."""
    beliefs = policy.beliefs
    assert isinstance(beliefs, TreeBeliefs)
    packages = (beliefs.packages[0], changed(beliefs.packages[1], model))
    return packed_policy(replace(policy, beliefs=replace(beliefs, packages=packages)))


def keep_policy(lake: Path, day: date, policy: ArtworkPolicy) -> None:
    row = {"policy": policy.version, "model": policy.text, "ds": day}
    published.write(lake, "policies", [row | {"model_sha256": sha256_text(policy.text)}])


def test_policy_with_trees_is_read_as_it_was_written_and_asked_about_once(
    home, lake, monkeypatch
) -> None:
    policy, features = tree_policy(), np.array([[1, 0], [1, 1]], np.float32)
    keep_policy(lake, SUNDAY, policy)
    serving = ArrowSnapshot(end_of(SUNDAY)).policy()
    assert serving.policy is not None and serving.refused == ()
    assert np.array_equal(serving.policy.responses(features), policy.responses(features))
    monkeypatch.setattr(proofs, "_asked", lambda _: pytest.fail("asked again"))
    assert ArrowSnapshot(end_of(SUNDAY)).policy().refused == ()


@pytest.mark.long
def test_policy_with_broken_trees_and_its_own_hash_hands_over_to_the_one_before(home, lake) -> None:
    before, newer = tree_policy(1), tree_policy(2)
    assert isinstance(newer.beliefs, TreeBeliefs)
    keep_policy(lake, SUNDAY, before)
    texts = mutants(newer.beliefs.packages[1].model)[2:7]  # cut, far and in a loop
    days = [SUNDAY + timedelta(days=1 + number) for number in range(len(texts))]
    for day, text in zip(days, texts, strict=True):
        keep_policy(lake, day, with_model(newer, text))
    serving = ArrowSnapshot(end_of(days[-1] + timedelta(days=2 * HOLD))).policy()
    assert serving.policy is not None and serving.policy.version == before.version
    for day, reason in zip(days[::-1], serving.refused, strict=True):
        assert reason.startswith(f"policy of {day}: policy: ") and "\n" not in reason


def test_policy_whose_trees_score_other_profiles_or_otherwise_is_refused(home) -> None:
    policy = tree_policy()
    assert isinstance(policy.beliefs, TreeBeliefs)
    other = lgb.Booster(model_str=policy.beliefs.packages[1].model)
    other.set_leaf_output(3, 1, other.get_leaf_output(3, 1) + 0.001)
    assert "score otherwise" in refusal_of_trees(with_model(policy, other.model_to_string()))
    frame = replace(policy.frame, countries=("NO",))
    assert "an error" in refusal_of_trees(packed_policy(replace(policy, frame=frame)))


def test_every_leaf_that_is_reached_is_in_the_probe(packages) -> None:
    """Any leaf whose value changes is a score that changes."""
    package = packages[0]
    for tree in (0, 9, 19):
        leaves = package.model.split(f"Tree={tree}\n")[1].split("num_leaves=")[1].split()[0]
        for leaf in range(int(leaves)):
            booster = lgb.Booster(model_str=package.model)
            booster.set_leaf_output(tree, leaf, booster.get_leaf_output(tree, leaf) + 0.001)
            with pytest.raises(Rejected, match="score otherwise"):
                prove(CONTINUE_WATCHING, changed(package, booster.model_to_string()))


def test_answer_that_takes_too_long_is_a_refusal_of_this_time_only(
    packages, home, monkeypatch
) -> None:
    monkeypatch.setattr(proofs, "PATIENCE_S", 0.01)
    assert "took more than" in refusal(CONTINUE_WATCHING, packages[0])
    assert not (home / "proofs").exists()
