"""One snapshot of the tables at a cutoff: each rule stands here once, Spark and Arrow only read."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from conf.days import end_of
from conf.errors import Rejected
from conf.rankers import UNTRAINED
from jobs.io.snapshot.policies import ServingPolicy, day_of_policy
from jobs.io.snapshot.rankers import newest_first
from jobs.io.tables.partitions import Filter, missing_day
from models.artwork.package import unpacked_policy
from models.artwork.policy import ArtworkPolicy, TreeBeliefs
from models.catalogue.arrays import Catalogue
from models.catalogue.from_arrow import catalogue_from

if TYPE_CHECKING:
    from models.rankers.package import ServingRanker

TitleTables = dict[str, pa.Table]  # the newest versions of `dimensions.VERSIONED`, by table
TRAINED_COLUMNS = ("ds", "ranker_id", "promoted")
PACKAGE_COLUMNS = ("ranker_id", "model", "model_sha256", "probe", "feature_names")


@dataclass(frozen=True)
class TitleFacts:
    """What is known of the titles at an instant: their newest versions and their features."""

    as_of: datetime
    versions: TitleTables
    features: pa.Table  # `title_features` of these titles

    def catalogue(self) -> Catalogue:
        """These facts as the arrays that models read."""
        return catalogue_from(
            self.features,
            self.versions["titles"],
            self.versions["availability"],
            self.versions["artwork"],
            self.as_of.timestamp(),
        )


class Snapshot(ABC):
    """The tables at a cutoff: nothing learned later, and no day that was not over by then."""

    def __init__(self, cutoff: datetime) -> None:
        self.cutoff = cutoff
        self.ds = last_day_until(cutoff)

    @abstractmethod
    def rows(
        self, table: str, filters: Sequence[Filter], columns: Sequence[str] | None = None
    ) -> pa.Table:
        """The rows of a table that pass every filter; none of a table that was never written."""

    @abstractmethod
    def title_versions(self) -> TitleTables:
        """The newest version of each title, window and artwork.

        Ties go to the greater landing_id.
        """

    def day(
        self,
        table: str,
        columns: Sequence[str] | None = None,
        only: dict[str, str] | None = None,
    ) -> pa.Table:
        """The rows of the snapshot's day, all or those with the values of `only`, without `ds`.

        Raises UserMistake, naming the job to run, where there are none.
        """
        values = only or {}
        filters = [("ds", "=", self.ds), *((name, "=", value) for name, value in values.items())]
        rows = self.rows(table, filters, columns)
        if not rows.num_rows:
            raise missing_day(table, self.ds)
        return rows.drop_columns(["ds"]) if "ds" in rows.column_names else rows

    def title_facts(self) -> TitleFacts:
        """What is known of the titles at the cutoff."""
        return TitleFacts(self.cutoff, self.title_versions(), self.day("title_features"))

    def catalogue(self) -> Catalogue:
        """The catalogue at the cutoff."""
        return self.title_facts().catalogue()

    def ranker_record(
        self, ranker: str, columns: Sequence[str] | None = None
    ) -> dict[str, Any] | None:
        """The row of `rankers` of the one that serves; None where none may."""
        record, _ = self._serving(ranker, columns)
        return record

    def ranker(self, ranker: str) -> "ServingRanker":
        """The ranker that serves and its id; None and "popularity" where none may."""
        from models.rankers.package import ServingRanker, package_from  # LightGBM, for .5 s

        record, refused = self._serving(ranker, PACKAGE_COLUMNS)
        if record is None:
            return ServingRanker(None, UNTRAINED, refused)
        return ServingRanker(package_from(record), record["ranker_id"], refused)

    def promoted_ranker(self, ranker: str, ranker_id: str) -> "ServingRanker | None":
        """A ranker by its id; None where it was not promoted until the snapshot's day, or is refused."""
        from models.rankers.package import ServingRanker, package_from

        record = self.promoted_record(ranker, ranker_id)
        return None if record is None else ServingRanker(package_from(record), ranker_id)

    def promoted_record(self, ranker: str, ranker_id: str) -> dict[str, Any] | None:
        """The row of `rankers` of the same."""
        from jobs.io.snapshot.proofs import refusal_of

        key = [("ranker", "=", ranker), ("ds", "<=", self.ds), ("ranker_id", "=", ranker_id)]
        for record in self.rows("rankers", key).to_pylist():
            if record["promoted"] and not refusal_of(ranker, record):
                return dict(record)
        return None

    def _serving(
        self, ranker: str, columns: Sequence[str] | None
    ) -> tuple[dict[str, Any] | None, tuple[str, ...]]:
        """The record of the newest promoted ranker that can be trusted and fits, and why newer ones
        do not serve.
        """
        from jobs.io.snapshot.proofs import refusal_of  # LightGBM, for .5 s

        trained_until = [("ranker", "=", ranker), ("ds", "<=", self.ds)]
        trained = self.rows("rankers", trained_until, TRAINED_COLUMNS)
        refused: list[str] = []
        for promoted in newest_first(trained.to_pylist()):
            key = [
                ("ranker", "=", ranker),
                ("ds", "=", promoted["ds"]),
                ("ranker_id", "=", promoted["ranker_id"]),
            ]
            wanted = None if columns is None else sorted({*columns, *PACKAGE_COLUMNS})
            record: dict[str, Any] = self.rows("rankers", key, wanted).to_pylist()[0]
            reason = refusal_of(ranker, record)
            if not reason:
                return record, tuple(refused)
            refused.append(f"{promoted['ranker_id']}: {reason}")
        return None, tuple(refused)

    def policy(self) -> ServingPolicy:
        """The policy that chooses the artwork of the snapshot's day; one that is refused hands over
        to the one that would choose if it were not there.
        """
        days = set(self.rows("policies", [], ["ds"])["ds"].to_pylist())
        refused: list[str] = []
        while day := day_of_policy(days, self.ds):
            try:
                return ServingPolicy(self._policy_of(day), tuple(refused))
            except Rejected as error:
                refused.append(f"policy of {day}: {error}")
                days.remove(day)
        return ServingPolicy(None, tuple(refused))

    def _policy_of(self, day: date) -> ArtworkPolicy:
        policies = self.rows("policies", [("ds", "=", day)], ["policy", "model", "model_sha256"])
        first = policies.sort_by("policy").slice(0, 1).to_pylist()[0]
        policy = unpacked_policy(first["model"], first["model_sha256"])
        if isinstance(policy.beliefs, TreeBeliefs):
            from jobs.io.snapshot.proofs import refusal_of_trees  # LightGBM, for .5 s

            if reason := refusal_of_trees(policy):
                raise Rejected(f"policy: {reason}; not loaded")
        return policy


def last_day_until(cutoff: datetime) -> date:
    """The last UTC day that is over at a cutoff.

    >>> last_day_until(datetime(2026, 4, 26, 18, 10, tzinfo=UTC))
    datetime.date(2026, 4, 25)
    >>> last_day_until(end_of(date(2026, 4, 26)))
    datetime.date(2026, 4, 26)
    """
    day = cutoff.astimezone(UTC).date()
    return day if end_of(day) <= cutoff else day - timedelta(days=1)
