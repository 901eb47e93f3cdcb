"""Which titles count as played later when the row model learns from later plays."""

from types import SimpleNamespace

import numpy as np
import pyarrow as pa

from jobs.training.row_examples import _truth


def test_only_new_titles_of_profiles_on_hand_count() -> None:
    profiles = SimpleNamespace(
        size=2,
        profile_ids=["anna", "ben"],
        owners=np.array([1]),
        title=np.array([0]),  # ben has played the first title before
    )
    catalogue = SimpleNamespace(size=3, title_ids=["t0", "t1", "t2"])
    plays = [("anna", "t0"), ("anna", "t2"), ("ben", "t0"), ("carl", "t1"), ("ben", "t9")]
    played = pa.table(
        {
            "profile_id": pa.chunked_array([[profile for profile, _ in plays]]),
            "title_id": pa.chunked_array([[title for _, title in plays]]),
        }
    )
    truth = _truth(profiles, catalogue, played)  # type: ignore[arg-type]
    assert truth.tolist() == [[1, 0, 1], [0, 0, 0]]
