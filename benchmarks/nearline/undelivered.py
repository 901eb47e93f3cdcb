"""Records that the simulated clients sent and the pipeline has not received yet."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from closed_loop import folder as world_folder
from closed_loop.days import SimulatedService
from jobs import ingest_events
from jobs.io.landing.options import LandingOptions
from simulator import delivery_faults
from simulator.records import EVENT, IMPRESSION

LOGS = {"events": EVENT, "impressions": IMPRESSION}
INSTANT = pa.timestamp("us", "UTC")


@dataclass
class Undelivered:
    """Records on their way, by table."""

    life: SimulatedService
    waiting: dict[str, list[pa.Table]] = field(default_factory=lambda: {name: [] for name in LOGS})

    def send(self, outcome: pa.Table) -> None:
        """Add the records of a part of a day, some of them late, doubled or broken."""
        settings = self.life.settings
        for name, kind in LOGS.items():
            records = pa.Table.from_struct_array(outcome[name].combine_chunks().flatten())
            sent = delivery_faults.delivery(
                records.cast(pa.schema(list(kind))), settings.mess, settings.seed, table=name
            )
            self.waiting[name].append(sent.records)

    def land(self, since: datetime, until: datetime) -> None:
        """Land the records that arrive after `since` and by `until`.

        Nothing where there are none.
        """
        with TemporaryDirectory() as folder:
            self._write(Path(folder), since, until)
            if any(Path(folder).iterdir()):
                landing = ingest_events.files_to_land("simulated", folder)
                options = LandingOptions(now=until, most_refused=1.0)
                ingest_events.ingest_events(
                    self.life.spark, "simulated", landing, options, say=lambda _: None
                )

    def _write(self, folder: Path, since: datetime, until: datetime) -> None:
        """Write the records that arrive after `since` and by `until` by the landing contract."""
        for name, parts in self.waiting.items():
            if not parts:
                continue
            records = pa.concat_tables(parts)
            has_arrived = pc.less_equal(records["known_at"], pa.scalar(until, INSTANT))
            self.waiting[name] = [records.filter(pc.invert(has_arrived))]
            is_recent = pc.greater(records["known_at"], pa.scalar(since, INSTANT))
            arrivals = records.filter(pc.and_(has_arrived, is_recent))
            if arrivals.num_rows:
                (folder / name).mkdir(parents=True)
                pq.write_table(arrivals, folder / name / "part.parquet")


def undelivered_before(life: SimulatedService, day: int) -> Undelivered:
    """The records that are still on their way when a day begins."""
    undelivered = Undelivered(life)
    first = max(world_folder.PAST, day - life.settings.mess.most_late_days)
    for earlier in range(first, day):
        outcome = pq.read_table(world_folder.outcome_path(earlier), columns=list(LOGS))
        undelivered.send(outcome)
    return undelivered
