"""The campaign by seed: whatever goes wrong at one point, the tables end as they should be."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from benchmarks.trust import campaign
from benchmarks.trust.campaign import Counts, run_seed
from benchmarks.trust.made import own_home
from benchmarks.trust.points import KINDS, Killed, Points, numbered
from jobs.io.published import rollbacks

SEEDS, MORE_SEEDS = 24, 200


@pytest.fixture(scope="module")
def template() -> Iterator[Path]:
    """A service in its first state."""
    with own_home() as home:
        campaign._first_state(home)
        yield home


def failing(template: Path) -> bool:
    """Whether one of the first seeds fails."""
    counts = Counts()
    for seed in range(SEEDS):
        run_seed(template, seed, counts)
        if counts.failing:
            return True
    return False


@pytest.mark.parametrize("seeds", [SEEDS, pytest.param(MORE_SEEDS, marks=pytest.mark.slow)])
def test_seeds_end_as_without_their_fault(template: Path, seeds: int) -> None:
    counts = Counts()
    for seed in range(seeds):
        run_seed(template, seed, counts)
    assert counts.failing == {} and counts.equal == seeds
    assert counts.reads["wrong"] == 0 and sum(counts.injected.values()) > seeds / 3


def test_seed_is_the_same_each_time(template: Path) -> None:
    seed = 3
    assert run_seed(template, seed, Counts()) == run_seed(template, seed, Counts())


def test_receipt_by_a_clock_that_is_behind_is_counted(
    template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Were a receipt dated by the clock alone, the one before it would go on holding."""
    monkeypatch.setattr(campaign, "next_instant", lambda receipts, now: now)
    assert failing(template)


def test_rollback_that_writes_no_receipt_is_counted(
    template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rollbacks, "_append", lambda *_: None)
    assert failing(template)


@pytest.mark.parametrize("kind", KINDS)
def test_fault_happens_at_its_point(kind: str, tmp_path: Path) -> None:
    path, others = tmp_path / "x", []
    points = Points(1, kind, meanwhile=lambda: others.append("overtook"))
    path.write_text("before")
    with numbered(points):
        path.write_text("one")
        with suppress(Killed, OSError):
            path.write_text("two, longer")
    assert points.trace == ["write_text", "write_text"]
    assert points.happened == f"{kind}: write_text"
    refused = {"no space", "no right", "time-out", "killed before"}
    right = "one" if kind in refused else "two, " if kind == "torn" else "two, longer"
    assert path.read_text() == right
    assert others == (["overtook"] if kind == "overtaken" else [])
