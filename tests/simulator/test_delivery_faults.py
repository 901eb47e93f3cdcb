from collections import Counter
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from conf.world import DeliveryFaults
from simulator.delivery_faults import (
    content_keys,
    delivery,
    out_of_order,
    with_broken_copies,
    with_delays,
    with_duplicates,
)

FAULTS = DeliveryFaults(
    late_share=0.1, most_late_days=3, duplicate_share=0.05, disorder_share=0.2, broken_share=0.04
)
CLEAN = DeliveryFaults(
    late_share=0, most_late_days=1, duplicate_share=0, disorder_share=0, broken_share=0
)
DAY = datetime(2026, 1, 5, tzinfo=UTC)


def some_events(count: int = 5000) -> pa.Table:
    return pa.table(
        {
            "profile_id": [f"m{n % 50}" for n in range(count)],
            "title_id": [f"t{n % 70}" for n in range(count)],
            "event_at": pa.array(
                [DAY + timedelta(seconds=16 * n) for n in range(count)], pa.timestamp("us", "UTC")
            ),
            "kind": ["play"] * count,
            "watched_seconds": list(range(count)),
        }
    )


def shuffled(table: pa.Table) -> pa.Table:
    return table.take(pa.array(np.random.default_rng(0).permutation(len(table))))


def rows(table: pa.Table) -> Counter[tuple[object, ...]]:
    return Counter(zip(*(column.to_pylist() for column in table.columns), strict=True))


def rejection_reasons(row: dict[str, object]) -> set[str]:
    """What landing would say against a record."""
    reasons = set()
    for name in ("profile_id", "title_id"):
        text = row[name]
        if not isinstance(text, str):
            reasons.add("missing_field")
        elif not text.strip():
            reasons.add("blank_id")
        elif "\x07" in text:
            reasons.add("control_character")
    happened, known = row["event_at"], row["known_at"]
    assert isinstance(happened, datetime) and isinstance(known, datetime)
    reasons |= {"before_service"} if happened.year < 1900 else set()
    reasons |= {"learned_before_happened"} if known < happened else set()
    return reasons | (
        {"out_of_range"}
        if isinstance(row["watched_seconds"], int) and row["watched_seconds"] < 0
        else set()
    )


def test_without_faults_all_records_come_once_in_order_within_a_minute() -> None:
    sent = delivery(shuffled(some_events()), CLEAN, seed=1)
    assert sent[1:] == (5000, 0, 0, 0, 0)
    delay = pc.subtract(sent.records["known_at"], sent.records["event_at"]).to_pylist()
    assert timedelta(0) < min(delay) and max(delay) <= timedelta(seconds=60)
    assert rows(sent.records.drop_columns("known_at")) == rows(some_events())
    known = sent.records["known_at"].to_pylist()
    assert known == sorted(known)


def test_delivered_is_clean_plus_duplicates_plus_broken() -> None:
    sent = delivery(some_events(), FAULTS, seed=1)
    assert len(sent.records) == sent.clean + sent.duplicates + sent.broken
    broken = [row for row in sent.records.to_pylist() if rejection_reasons(row)]
    intact = [row for row in sent.records.to_pylist() if not rejection_reasons(row)]
    assert len(broken) == sent.broken
    contents = Counter((row["profile_id"], row["title_id"], row["event_at"]) for row in intact)
    assert len(contents) == sent.clean == 5000
    assert sum(count - 1 for count in contents.values()) == sent.duplicates


def test_shares_are_those_asked_for() -> None:
    sent = delivery(some_events(), FAULTS, seed=1)
    assert sent.late / 5000 == pytest.approx(FAULTS.late_share, abs=0.015)
    assert sent.duplicates / 5000 == pytest.approx(FAULTS.duplicate_share, abs=0.01)
    assert sent.broken / 5000 == pytest.approx(FAULTS.broken_share, abs=0.01)
    assert sent.displaced / len(sent.records) == pytest.approx(FAULTS.disorder_share, abs=0.02)


def test_late_records_come_one_to_three_days_later() -> None:
    records, late = with_delays(some_events(), FAULTS, seed=1)
    days = pc.subtract(records["known_at"], records["event_at"]).to_numpy() / np.timedelta64(1, "D")
    assert (days >= 1).sum() == late
    assert set(np.floor(days).astype(int)) == {0, 1, 2, 3}


def test_a_duplicate_is_known_later_than_the_first_but_says_the_same() -> None:
    records, _ = with_delays(some_events(), FAULTS, seed=1)
    with_copies, count = with_duplicates(records, FAULTS, seed=1)
    first, again = with_copies.slice(0, 5000), with_copies.slice(5000)
    assert first.equals(records) and len(again) == count
    at = dict(zip(content_keys(first), first["known_at"].to_pylist(), strict=True))
    assert all(
        known >= at[key]
        for key, known in zip(content_keys(again), again["known_at"].to_pylist(), strict=True)
    )


def test_broken_records_are_broken_in_every_way_and_one_way_each() -> None:
    records, _ = with_delays(some_events(), CLEAN, seed=1)
    with_copies, count = with_broken_copies(records, FAULTS, seed=1)
    assert with_copies.slice(0, 5000).equals(records)
    rejections = [rejection_reasons(row) for row in with_copies.slice(5000).to_pylist()]
    assert len(rejections) == count and all(len(reasons) == 1 for reasons in rejections)
    assert set.union(*rejections) == {
        "missing_field",
        "blank_id",
        "control_character",
        "out_of_range",
        "before_service",
        "learned_before_happened",
    }


def test_disorder_moves_records_and_loses_none() -> None:
    records, _ = with_delays(some_events(), CLEAN, seed=1)
    reordered, count = out_of_order(records, FAULTS, seed=1)
    known = reordered["known_at"].to_pylist()
    assert known != sorted(known) and count > 0
    assert rows(reordered) == rows(records)


@pytest.mark.parametrize("step", [with_delays, with_duplicates, with_broken_copies])
def test_faults_do_not_depend_on_batches_or_order(step) -> None:  # type: ignore[no-untyped-def]
    records = (
        some_events() if step is with_delays else with_delays(some_events(), FAULTS, seed=1)[0]
    )
    whole, count = step(shuffled(records), FAULTS, seed=1)
    parts = [step(records.slice(first, 1000), FAULTS, seed=1) for first in range(0, 5000, 1000)]
    assert rows(whole) == rows(pa.concat_tables([part for part, _ in parts]))
    assert count == sum(more for _, more in parts)


def test_another_seed_has_other_faults() -> None:
    assert not delivery(some_events(), FAULTS, seed=1).records.equals(
        delivery(some_events(), FAULTS, seed=2).records
    )


def test_impressions_have_the_same_faults() -> None:
    impressions = some_events().rename_columns(
        ["profile_id", "title_id", "shown_at", "policy", "row_position"]
    )
    cells = pa.array([["a:1", "b:2"]] * 5000)
    sent = delivery(
        impressions.append_column("experiment_cells", cells), FAULTS, seed=1, table="impressions"
    )
    assert len(sent.records) == 5000 + sent.duplicates + sent.broken
    assert sent.broken > 0 and sent.late > 0


def test_no_records_give_no_records() -> None:
    sent = delivery(some_events(5).slice(0, 0), FAULTS, seed=1)
    assert sent[1:] == (0, 0, 0, 0, 0) and len(sent.records) == 0
