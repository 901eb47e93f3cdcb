"""A day of a kept world as builders meet it: scored profiles, and the row model of then."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.page.facts import by_tables, moment_of
from benchmarks.page.figures import WORTH
from benchmarks.page.violations import form_violations
from closed_loop import folder as world_folder
from closed_loop.days import SimulatedService
from closed_loop.popular_grid import popular_grid
from closed_loop.stage import Stage, stage
from conf.pages import pages
from conf.rows import rows
from jobs.training.ranker import ranker_record
from jobs.training.rankers.rows import RANKER as ROW_RANKER
from jobs.training.row_examples import row_examples
from models.catalogue.arrays import Catalogue, Profiles
from models.page.build import build_pages
from models.page.layout.row_model import RowModel
from models.page.rows.orders import FLOAT
from models.rankers.package import package_from

Say = Callable[[str], None]


@dataclass(frozen=True)
class WorldDay:
    """A day before it begins, with all profiles and their own scores of titles."""

    stage: Stage
    batches: tuple[tuple[Profiles, FLOAT], ...]

    @property
    def catalogue(self) -> Catalogue:
        """The catalogue of the evening before."""
        return self.stage.maker.moment.catalogue

    def build(self, builder: str, model: RowModel) -> pa.Table:
        """The pages of one builder for all profiles, as records of `drafts`."""
        maker, layout = self.stage.maker, pages().model_copy(update={"builder": builder})
        parts = []
        for profiles, scores in self.batches:
            page_rows = build_pages(
                self.catalogue, profiles, scores, maker.near, maker.ranker_id, layout, rows(), model
            )
            parts.append(page_rows)
        return pa.concat_tables(parts)

    def popular_grid(self) -> pa.Table:
        """The natural baseline's pages for all profiles, as records of `drafts`."""
        shape = self.stage.settings.pages
        parts = [popular_grid(self.catalogue, profiles, shape) for profiles, _ in self.batches]
        return pa.concat_tables(parts)

    def violations(self, page_rows: pa.Table) -> Counter[str]:
        """How often each rule is broken by these pages: of form, and of what may be shown and said."""
        counts: Counter[str] = Counter()
        for profiles, _ in self.batches:
            of_batch = rows_of_profiles(page_rows, profiles.profile_ids.tolist())
            counts.update(form_violations(of_batch, self.catalogue, profiles, pages(), rows()))
        counts.update(by_tables(page_rows, moment_of(self.catalogue), "as built").offences)
        return counts

    def without_plays_since(self, before: "WorldDay") -> list[str]:
        """Profiles that played nothing since the day before."""
        plays_before = before.play_counts()
        return [
            profile_id
            for profile_id, plays in self.play_counts().items()
            if plays_before.get(profile_id, -1) == plays
        ]

    def play_counts(self) -> dict[str, int]:
        """All plays of each profile until the day before."""
        features = self.stage.features
        profile_ids = features["profile_id"].to_pylist()
        return dict(zip(profile_ids, features["profile_plays_count_all"].to_pylist(), strict=True))


def rows_of_profiles(page_rows: pa.Table, profile_ids: list[str]) -> pa.Table:
    """The rows of some profiles' pages."""
    is_theirs = pc.is_in(page_rows["profile_id"], pa.array(profile_ids, pa.string()))
    return page_rows.filter(is_theirs)


def world_day(life: SimulatedService, day: int) -> WorldDay:
    """A day whose day before was lived and built."""
    day_stage = stage(life.spark, life.truth, life.settings, day)
    return WorldDay(day_stage, tuple(day_stage.batches))


def row_model_of_day(life: SimulatedService, day: int, say: Say) -> RowModel:
    """The row model of what was known at the end of `day`.

    Worth alone where trees are no better.
    """
    ds = world_folder.date_of(life.settings, day)
    examples = row_examples(life.spark, ds)
    if examples is None:
        say("row model: nothing to learn from")
        return WORTH
    record = ranker_record(ROW_RANKER, examples, ds)
    say(f"row model: {record['reason']}")
    if not record["promoted"]:
        return WORTH
    return RowModel(str(record["ranker_id"]), package_from(record))
