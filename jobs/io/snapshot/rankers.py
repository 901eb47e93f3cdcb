"""Which ranker serves: of those trained until a day, the newest promoted one that can be trusted."""

# Tested by tests/jobs/io/snapshot/test_snapshot.py.

from collections.abc import Iterable, Mapping
from typing import Any

Record = Mapping[str, Any]  # a row of `rankers`


def newest_first(trained: Iterable[Record]) -> list[Record]:
    """Of these rows of `rankers` the promoted ones, newest first; of one day, by ranker_id."""
    promoted = [record for record in trained if record["promoted"]]
    return sorted(promoted, key=lambda record: (-record["ds"].toordinal(), record["ranker_id"]))


def newest_promoted(trained: Iterable[Record]) -> Record | None:
    """Of these rows of `rankers` the newest promoted one, whether it can be trusted or not."""
    return next(iter(newest_first(trained)), None)
