"""A day of a kept world as builders meet it: members with their scores, and the row model of what was known then."""

from collections.abc import Callable
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.page.figures import WORTH
from benchmarks.page.violations import violations
from closed_loop import folder as world_folder
from closed_loop.days import Life
from closed_loop.stage import Stage, stage
from conf.pages import pages
from conf.rows import rows
from jobs.training.ranker import record_of
from jobs.training.rankers.rows import RANKER as ROW_RANKER
from jobs.training.row_examples import row_examples
from models.catalogue.arrays import Catalogue, Profiles
from models.page.build import build_pages
from models.page.layout.row_model import RowModel
from models.page.rows.orders import FLOAT
from models.rankers.package import package_from

Say = Callable[[str], None]


@dataclass(frozen=True)
class Day:
    """A day before it begins, with everybody's own scores of titles."""

    stage: Stage
    batches: tuple[tuple[Profiles, FLOAT], ...]

    @property
    def catalogue(self) -> Catalogue:
        """The catalogue of the evening before."""
        return self.stage.maker.moment.catalogue

    def built(self, builder: str, model: RowModel) -> pa.Table:
        """The pages of one builder for everybody, as records of `drafts`."""
        maker, layout = self.stage.maker, pages().model_copy(update={"builder": builder})
        made = [
            build_pages(
                self.catalogue, profiles, scores, maker.near, maker.ranker_id, layout, rows(), model
            )
            for profiles, scores in self.batches
        ]
        return pa.concat_tables(made)

    def broken(self, made: pa.Table) -> dict[str, int]:
        """How often each rule is broken by these pages."""
        found: dict[str, int] = {}
        for profiles, _ in self.batches:
            mine = made.filter(
                pc.is_in(made["profile_id"], pa.array(profiles.profile_ids, pa.string()))
            )
            for rule, count in violations(mine, self.catalogue, profiles, pages(), rows()).items():
                found[rule] = found.get(rule, 0) + count
        return found

    def calm_since(self, before: "Day") -> list[str]:
        """Profiles that played nothing since the day before."""
        now, then = (
            dict(
                zip(
                    *(
                        day.stage.features[n].to_pylist()
                        for n in ("profile_id", "profile_plays_count_all")
                    ),
                    strict=True,
                )
            )
            for day in (self, before)
        )
        return [name for name, count in now.items() if name in then and then[name] == count]


def day_of(life: Life, day: int) -> Day:
    """A day whose day before was lived and built."""
    found = stage(life.spark, life.truth, life.settings, day)
    return Day(found, tuple(found.batches))


def row_model(life: Life, day: int, say: Say) -> RowModel:
    """Learned from what was known at the end of `day`; by worth alone where trees tell no more."""
    ds = world_folder.date_of(life.settings, day)
    examples = row_examples(life.spark, ds)
    if examples is None:
        say("row model: nothing to learn from")
        return WORTH
    record = record_of(ROW_RANKER, examples, ds)
    say(f"row model: {record['reason']}")
    if not record["promoted"]:
        return WORTH
    return RowModel(str(record["ranker_id"]), package_from(record))
