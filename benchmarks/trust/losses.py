"""Landings that meet, are killed, or are followed by a loss: what is there in the end."""

# Tested by tests/benchmarks/trust/test_run.py.

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from unittest.mock import patch

from pyspark.sql import SparkSession

from benchmarks.trust.made import own_home
from conf.errors import FrontrowError
from jobs.ingest_events import files_to_land, ingest_events
from jobs.io.landing import quarantine
from jobs.io.landing.options import LandingOptions
from jobs.io.landing.sound_files import SoundFacts
from jobs.io.session import open_session
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables import repairs, seals
from jobs.io.tables import spark as tables

Say = Callable[[str], None]
NOW = datetime(2026, 2, 1, tzinfo=UTC)
FIRST = datetime(2026, 1, 5, 20, tzinfo=UTC)
EVENTS = 300
ROUNDS = 4


class Killed(BaseException):
    """What a process does not survive."""


def figures(say: Say, rounds: int = ROUNDS) -> dict[str, object]:
    """Events landed, lost and doubled; how many losses were restored."""
    with own_home() as home:
        spark = open_session("trust")
        try:
            service = Service(spark, home / "in")
            for number in range(rounds):
                say(f"landings that meet, are killed and lose something: round {number + 1}")
                service.meet()
                service.killed(number)
                service.lose_entry()
                service.lose_file()
            return service.figures()
        finally:
            spark.stop()


class Service:
    """Files that are landed in all these ways, and the events that should be there."""

    def __init__(self, spark: SparkSession, folder: Path) -> None:
        self.spark, self.folder = spark, folder
        self.wanted: set[tuple[str, str]] = set()
        self.meetings, self.refused, self.kills = 0, 0, 0
        self.losses, self.restored = 0, 0
        self.count = 0
        self.land(self.file(EVENTS))

    def file(self, count: int) -> Path:
        """A folder with new events, some of which another file has too."""
        folder = self.folder / f"{self.count:03d}"
        self.count += 1
        folder.mkdir(parents=True)
        random = Random(self.count)
        again = sorted(self.wanted)[: count // 3]
        fresh = [(f"p{random.randrange(40)}", str(self.count * EVENTS + n)) for n in range(count)]
        lines = ["profile_id,title_id,event_at"]
        for profile, number in (*again, *fresh):
            at = FIRST + timedelta(seconds=int(number))
            lines.append(f"{profile},t{int(number) % 9},{at.isoformat()}")
        (folder / "events.csv").write_text("\n".join(lines) + "\n")
        titles = "".join(f"t{n},Title {n}\n" for n in range(9))
        (folder / "titles.csv").write_text("title_id,name\n" + titles)
        self.wanted |= set(fresh)
        return folder

    def land(self, folder: Path) -> None:
        """Land a folder."""
        options = LandingOptions(None, NOW, 1.0)
        landings = files_to_land("files", str(folder), lambda _: None)
        ingest_events(self.spark, "files", landings, options, lambda _: None, lambda _: None)

    def meet(self) -> None:
        """Two homes land at once files that share events; the one that is refused lands again."""
        first, second = self.file(EVENTS), self.file(EVENTS)
        compare = quarantine.whole_receipts
        with patch.object(quarantine, "whole_receipts") as meanwhile:

            def found(landings: list) -> dict:
                """What another home finds, which lands while this one reads."""
                receipts = compare(landings)
                meanwhile.side_effect = compare
                self.land(first)
                return receipts

            meanwhile.side_effect = found
            self.meetings += 1
            try:
                self.land(second)
            except FrontrowError:
                self.refused += 1
        self.land(second)

    def killed(self, number: int) -> None:
        """A landing is killed before one of its commits, and lands again."""
        folder = self.file(EVENTS)
        self.kills += 1
        try:
            with _killed_before(number % 3):
                self.land(folder)
        except Killed:
            pass
        self.land(folder)

    def lose_entry(self) -> None:
        """The last entry of the log is lost after a landing; doctor brings it back."""
        self.land(self.file(EVENTS))
        folder = seals.folder_of("events")
        assert folder is not None
        last = max((folder / seals.LOG).glob("*.json"))
        last.unlink()
        self._restored()

    def lose_file(self) -> None:
        """A data file is lost; doctor takes its landing out, and landing again brings it back."""
        landed = self.file(EVENTS)
        self.land(landed)
        folder = seals.folder_of("events")
        assert folder is not None
        chain = seals.chain_of(folder)
        (folder / max(chain.files, key=lambda path: chain.files[path][0])).unlink()
        self._restored(landed)

    def _restored(self, again: Path | None = None) -> None:
        self.losses += 1
        repairs.done(repairs.found(["events"]))
        self.spark._jvm.org.apache.spark.sql.delta.DeltaLog.clearCache()  # type: ignore[union-attr]
        if again:
            self.land(again)
        self.restored += len(self._there()) == len(self.wanted)

    def _there(self) -> list[tuple[str, str]]:
        rows = arrow_tables.whole_table("events", ["profile_id", "event_at"]).to_pylist()
        return [
            (row["profile_id"], str(int((row["event_at"] - FIRST).total_seconds()))) for row in rows
        ]

    def figures(self) -> dict[str, object]:
        """What is there beside what should be."""
        there = self._there()
        receipts = arrow_tables.whole_table("landings").to_pylist()
        accepted = sum(r["accepted_count"] for r in receipts if r["target_table"] == "events")
        return {
            "events_landed": len(self.wanted),
            "events_lost": len(self.wanted - set(there)),
            "events_doubled": len(there) - len(set(there)),
            "events_by_receipts": accepted,
            "landings_that_met": self.meetings,
            "landings_that_met_refused": self.refused,
            "landings_killed": self.kills,
            "losses": self.losses,
            "restored_after_loss": self.restored,
        }


@contextmanager
def _killed_before(commits: int) -> Iterator[None]:
    """The process ends before its commit of this number."""
    left = [commits]
    append, quick = tables.append, SoundFacts.append

    def counted(step: Callable[..., None]) -> Callable[..., None]:
        def run(*arguments: object) -> None:
            if not left[0]:
                raise Killed
            left[0] -= 1
            step(*arguments)

        return run

    with (
        patch.object(tables, "append", counted(append)),
        patch.object(SoundFacts, "append", lambda self, *words: counted(quick)(self, *words)),
    ):
        yield
