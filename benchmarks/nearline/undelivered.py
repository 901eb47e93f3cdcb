"""What the clients of the simulated world have sent and we have not learned of yet, within a day."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from closed_loop import folder as world_folder
from closed_loop.days import Life
from jobs import ingest_events
from simulator import delivery_faults
from simulator.records import EVENT, IMPRESSION

LOGS = {"events": EVENT, "impressions": IMPRESSION}
INSTANT = pa.timestamp("us", "UTC")


@dataclass
class Mail:
    """What clients have sent and we have not learned of yet."""

    life: Life
    waiting: dict[str, list[pa.Table]] = field(default_factory=lambda: {name: [] for name in LOGS})

    def post(self, outcome: pa.Table) -> None:
        """Put the records of a part of a day on their way, late, twice and broken ones included."""
        for name, kind in LOGS.items():
            facts = pa.Table.from_struct_array(outcome[name].combine_chunks().flatten()).cast(
                pa.schema(list(kind))
            )
            sent = delivery_faults.delivery(
                facts, self.life.settings.mess, self.life.settings.seed, table=name
            ).records
            self.waiting[name].append(sent)

    def land(self, since: datetime, until: datetime) -> None:
        """Land what is learned after one moment and by another; nothing where that is nothing."""
        with TemporaryDirectory() as folder:
            self._deliver(Path(folder), since, until)
            if any(Path(folder).iterdir()):
                sent = ingest_events.found("simulated", folder)
                ingest_events.ingest_events(self.life.spark, "simulated", sent, say=lambda _: None)

    def _deliver(self, folder: Path, since: datetime, until: datetime) -> None:
        """Write what is learned after one moment and by another as a directory of the landing contract."""
        for name, parts in self.waiting.items():
            if not parts:
                continue
            sent = pa.concat_tables(parts)
            here = pc.less_equal(sent["known_at"], pa.scalar(until, INSTANT))
            self.waiting[name] = [sent.filter(pc.invert(here))]
            ours = sent.filter(
                pc.and_(here, pc.greater(sent["known_at"], pa.scalar(since, INSTANT)))
            )
            if ours.num_rows:
                (folder / name).mkdir(parents=True)
                pq.write_table(ours, folder / name / "part.parquet")


def late_mail(life: Life, day: int) -> Mail:
    """Mail that is still on its way when a day begins."""
    mail = Mail(life)
    for before in range(max(world_folder.BEFORE, day - life.settings.mess.most_late_days), day):
        mail.post(pq.read_table(world_folder.lived(before), columns=list(LOGS)))
    return mail
