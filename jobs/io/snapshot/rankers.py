"""Which ranker serves: of those trained until a day, the newest promoted one."""

# Tested by tests/jobs/io/snapshot/test_snapshot.py.

from collections.abc import Iterable, Mapping
from typing import Any

Record = Mapping[str, Any]  # a row of `rankers`


def newest_promoted(trained: Iterable[Record]) -> Record | None:
    """Of these rows of `rankers` the newest promoted one; of one day, the first by ranker_id."""
    promoted = [record for record in trained if record["promoted"]]
    newest_first = sorted(
        promoted, key=lambda record: (-record["ds"].toordinal(), record["ranker_id"])
    )
    return newest_first[0] if newest_first else None
