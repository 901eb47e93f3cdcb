"""Pages on a real log, through arrays: built as of a split in time, judged by what members played after it.

Protocol T: rows sorted by (instant, profile, title), the first 80 % train, the rest test; pairs seen in training are no
test pairs. The row model learns from windows within the training rows, each scored by a ranker that has seen nothing of
it; settings were chosen on the last tenth of the training rows (`--choose`), and nothing on test rows.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from benchmarks.offline.queries_from_log import batches_of, moment_at, scores_of
from benchmarks.page.figures import (
    BUILDERS,
    ORACLE,
    STAGEWISE,
    TEMPLATE,
    WORTH,
    Judged,
    Values,
    gain,
    means,
    measured,
)
from benchmarks.page.violations import violations
from benchmarks.temporal.ours import Ours
from benchmarks.temporal.play_log import PlayLog
from benchmarks.temporal.trials import Trial, trial
from conf.bench import benches
from conf.candidates import candidate_settings
from conf.days import DAY_S
from conf.pages import Pages, pages
from conf.rankers import ranker_settings
from conf.rows import rows
from experiments.protocols import Window, inner_cut, single_cut
from models.candidates.moment import Moment
from models.catalogue.arrays import Ordered, Profiles
from models.page.build import build_pages, oracle_pages
from models.page.layout.offer_batch import stock
from models.page.layout.row_model import RowModel, fitted, judged
from models.page.layout.training_rows import Lessons, from_later_plays, together
from models.page.maker import PVR
from models.page.rows.offers import offers
from models.rankers.package import pack

Say = Callable[[str], None]
Scores = NDArray[np.float32]
RANKER = "top_picks"
LESSON_SHARES = (
    0.5,
    0.6,
    0.7,
    0.8,
    0.9,
)  # of the training rows: where windows that teach begin; each lasts a tenth


@dataclass(frozen=True)
class Scored:
    """The members of a window with their scores of titles, as they were when it began."""

    one: Trial
    moment: Moment
    profiles: Profiles
    scores: Scores
    before: tuple[Moment, Profiles, Scores] | None = (
        None  # a day earlier, of those who did nothing in that day
    )


class Real:
    """Windows of a log; what one gives is kept, since several questions ask for it."""

    def __init__(self, log: PlayLog, say: Say) -> None:
        self._log, self._say = log, say
        self._ours = Ours(log.plays, log.facts, benches().temporal, say)

    def scored(self, window: Window, with_day_before: bool = False) -> Scored:
        """The members of a window, ranked by a ranker that knows nothing from its cut on."""
        one = trial(self._log.plays, window)
        (_, scores, head), (_, whole, pvr) = (
            self._ours.run(name, {}, one) for name in (RANKER, PVR)
        )
        moment, profiles = self._people(one, one.train.at_s[-1], one.members)
        now = Scored(one, moment, replace(profiles, pvr=Ordered(PVR, whole)), scores)
        if not with_day_before:
            return now
        as_of = float(one.train.at_s[-1]) - DAY_S
        calm = one.members[profiles.last_at_s[profiles.offsets[:-1]] <= as_of]
        past = one.train.where(one.train.at_s <= as_of)
        earlier, people = self._people(one, as_of, calm)
        then, all_then = (
            scores_of(past, earlier, calm, booster, ranker_settings(name))
            for name, booster in ((RANKER, head), (PVR, pvr))
        )
        return replace(now, before=(earlier, replace(people, pvr=Ordered(PVR, all_then)), then))

    def lessons(self, within: int) -> list[Lessons]:
        """Of each window that teaches within the first `within` rows: what rows would have been worth."""
        step = round(within * 0.1)
        windows = [
            Window(round(within * share), min(round(within * share) + step, within))
            for share in LESSON_SHARES
        ]
        return [self._lesson(self.scored(window), seed) for seed, window in enumerate(windows)]

    def _lesson(self, given: Scored, seed: int) -> Lessons:
        found = offers(
            given.moment.catalogue,
            given.profiles,
            given.scores,
            given.moment.cosine,
            rows(),
            pages(),
        )
        goods = stock(given.moment.catalogue, given.profiles, given.scores, found, rows(), pages())
        return from_later_plays(goods, given.one.relevant.astype(np.float32), rows(), pages(), seed)

    def _people(
        self, one: Trial, as_of: float, members: NDArray[np.integer]
    ) -> tuple[Moment, Profiles]:
        past = one.train.where(one.train.at_s <= as_of)
        moment = moment_at(past, self._log.facts, candidate_settings())
        ((_, profiles),) = batches_of(moment, past, members)
        return moment, profiles

    def moment(self) -> Scored:
        """The members of the test window, ranked by a ranker of the training rows."""
        return self.scored(self.cut)

    @cached_property
    def cut(self) -> Window:
        """The test window."""
        return single_cut(len(self._log.plays))

    def row_model(self, within: int) -> RowModel:
        """Learned within the first rows, and left without trees where they do not tell more than worth."""
        lessons = together(self.lessons(within))
        told = judged(lessons, pages().lessons, rows())
        ours, worth = told["row_model_deviance"], told["worth_deviance"]
        self._say(
            f"row model: deviance {ours:.4f}, of worth alone {worth:.4f}, {told['rows']:.0f} rows"
        )
        if ours >= worth:
            return WORTH
        return RowModel("rows", pack(fitted(lessons, pages().lessons, rows()), lessons.x))


def real(log: PlayLog, say: Say) -> tuple[dict[str, object], dict[str, int]]:
    """The figures of every builder in the test window, and the rules that their pages break."""
    bench = Real(log, say)
    model, given = bench.row_model(bench.cut.cut), bench.scored(bench.cut, with_day_before=True)
    values, broken = compared(given, model, pages())
    say(f"{len(given.one.members)} members judged")
    return figures(values), broken


def figures(values: dict[str, Values]) -> dict[str, object]:
    """Means by builder, and what the stagewise page gains over the template, member by member."""
    found: dict[str, object] = {name: means(each) for name, each in values.items()}
    ours, theirs = values[STAGEWISE], values[TEMPLATE]
    member = np.arange(len(ours["recall_3x4"])).astype(str)
    return (
        found
        | gain("recall_3x4_gain", ours["recall_3x4"], theirs["recall_3x4"], member)
        | {"members": len(member)}
    )


def compared(
    given: Scored, model: RowModel, layout: Pages
) -> tuple[dict[str, Values], dict[str, int]]:
    """The metrics of each builder's pages, one value a member, and the rules they break, by builder and rule."""
    values, broken = {}, {}
    for name in (*BUILDERS, ORACLE):
        shown = layout.model_copy(update={"builder": name}) if name != ORACLE else layout
        made = _pages(
            given.moment, given.profiles, given.scores, shown, model, given.one.relevant, name
        )
        before = None
        if given.before is not None:
            places = np.isin(given.profiles.profile_ids, given.before[1].profile_ids)
            before = _pages(*given.before, shown, model, given.one.relevant[places], name)
        relevant = given.one.relevant
        values[name] = measured(
            Judged(given.moment.catalogue, given.profiles, relevant, made, before)
        )
        for rule, count in violations(
            made, given.moment.catalogue, given.profiles, layout, rows()
        ).items():
            broken[f"{name}: {rule}"] = count
    return values, broken


def _pages(
    moment: Moment,
    profiles: Profiles,
    scores: Scores,
    layout: Pages,
    model: RowModel,
    truth: NDArray[np.bool_],
    name: str,
) -> pa.Table:
    if name == ORACLE:
        return oracle_pages(
            moment.catalogue, profiles, scores, moment.cosine, truth, layout, rows()
        )
    return build_pages(
        moment.catalogue, profiles, scores, moment.cosine, RANKER, layout, rows(), model
    )


def choices(
    log: PlayLog, grid: Sequence[dict[str, object]], say: Say
) -> list[tuple[str, dict[str, float]]]:
    """For each change of `choice` the means of the stagewise pages in the inner window, and first the template's."""
    bench = Real(log, say)
    inner = inner_cut(bench.cut)
    model, given = bench.row_model(inner.cut), bench.scored(inner)
    values, _ = compared(given, model, pages())
    found = [(TEMPLATE, means(values[TEMPLATE])), ("as it is", means(values[STAGEWISE]))]
    for change in grid:
        choice = pages().choice.model_validate(pages().choice.model_dump() | change)
        layout = pages().model_copy(update={"choice": choice, "builder": STAGEWISE})
        made = _pages(
            given.moment, given.profiles, given.scores, layout, model, given.one.relevant, STAGEWISE
        )
        judged_ = measured(Judged(given.moment.catalogue, given.profiles, given.one.relevant, made))
        found.append((str(change), means(judged_)))
    return found
