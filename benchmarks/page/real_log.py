"""Pages on a real log: built as of a split in time, evaluated by what was played after it.

Protocol T: rows sorted by (instant, profile, title), the first 80 % train, the rest test; pairs
seen in training are no test pairs. The row model learns from windows within the training rows, each
scored by a ranker that has seen nothing of it; settings were chosen on the last tenth of the
training rows (`--choose`), and nothing on test rows.

Protocol R: five windows, each ranked by what precedes it, with one row model of the rows before the
first of them. First screens are compared there, with two lists that any page has to beat.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from benchmarks.offline.queries_from_log import moment_from_log, profile_batches, ranker_scores
from benchmarks.page.figures import (
    BUILDERS,
    ORACLE,
    STAGEWISE,
    TEMPLATE,
    WORTH,
    BuiltPages,
    MetricValues,
    metric_means,
    page_metrics,
    relative_gain,
)
from benchmarks.page.screen_recall import (
    COLUMNS,
    POPULARITY,
    ROWS,
    TOP_PICKS,
    ScreenRecall,
    list_recall,
    popular_scores,
    recall_figures,
    young_titles,
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
from experiments.metrics.page import page_recall
from experiments.protocols import Window, inner_cut, rolling_cuts, single_cut
from models.candidates.moment import Moment
from models.catalogue.arrays import Profiles, RankerScores
from models.page.build import build_pages, oracle_pages
from models.page.layout.offer_batch import offer_batch
from models.page.layout.row_model import WORTH_ALONE, RowModel, row_model_deviances, row_trees
from models.page.layout.training_rows import TrainingRows, from_later_plays, joined_training_rows
from models.page.maker import PVR
from models.page.rows.offers import offers
from models.rankers import promotion
from models.rankers.package import pack

Say = Callable[[str], None]
Scores = NDArray[np.float32]  # (m, n)
RANKER = "top_picks"
BEST_BY = "err_2d"  # in a log where nobody plays a title again; see `selection` of conf/pages.yaml
WINDOW_SHARE = 0.1  # of the training rows: length of a window that the row model learns from
WINDOW_STARTS = (0.5, 0.6, 0.7, 0.8, 0.9)  # of the training rows


class ScoredProfiles(NamedTuple):
    """The profiles of a moment with their scores of titles."""

    moment: Moment
    profiles: Profiles
    scores: Scores

    def build(self, layout: Pages, model: RowModel) -> pa.Table:
        """Their pages by the layout's builder, as records of `drafts`."""
        catalogue, cosine = self.moment.catalogue, self.moment.cosine
        return build_pages(
            catalogue, self.profiles, self.scores, cosine, RANKER, layout, rows(), model
        )

    def build_by_oracle(self, relevant: NDArray[np.bool_], layout: Pages) -> pa.Table:
        """The best pages for who plays the `relevant` (m, n) titles, as records of `drafts`."""
        catalogue, cosine = self.moment.catalogue, self.moment.cosine
        return oracle_pages(catalogue, self.profiles, self.scores, cosine, relevant, layout)


@dataclass(frozen=True)
class ScoredWindow:
    """The profiles of a window of a log, scored as of its beginning."""

    trial: Trial
    scored: ScoredProfiles
    day_before: ScoredProfiles | None = None  # of those without plays in that day

    @property
    def relevant(self) -> NDArray[np.bool_]:
        """(m, n) what each profile played in the window."""
        return self.trial.relevant

    def built(self, builder: str, layout: Pages, model: RowModel) -> BuiltPages:
        """The pages of one builder, and those that it would have built a day earlier."""
        rows_before = None
        if self.day_before is not None:
            calm_ids = self.day_before.profiles.profile_ids
            is_calm = np.isin(self.scored.profiles.profile_ids, calm_ids)
            rows_before = _page_rows(
                self.day_before, builder, layout, model, self.relevant[is_calm]
            )
        page_rows = _page_rows(self.scored, builder, layout, model, self.relevant)
        catalogue = self.scored.moment.catalogue
        return BuiltPages(catalogue, self.scored.profiles, self.relevant, page_rows, rows_before)


def _page_rows(
    scored: ScoredProfiles,
    builder: str,
    layout: Pages,
    model: RowModel,
    relevant: NDArray[np.bool_],
) -> pa.Table:
    if builder == ORACLE:
        return scored.build_by_oracle(relevant, layout)
    return scored.build(layout.model_copy(update={"builder": builder}), model)


class WindowedLog:
    """A log and its windows."""

    def __init__(self, log: PlayLog, say: Say) -> None:
        self.log, self._say = log, say
        self._rankers = Ours(log.plays, log.facts, benches().temporal, say)

    @cached_property
    def test_window(self) -> Window:
        """The last fifth of the rows."""
        return single_cut(len(self.log.plays))

    def scored_test_window(self) -> ScoredWindow:
        """The profiles of the test window, ranked by a ranker of the training rows."""
        return self.scored_window(self.test_window)

    def scored_window(self, window: Window, with_day_before: bool = False) -> ScoredWindow:
        """The profiles of a window, ranked by rankers that know nothing from its cut on."""
        plays = trial(self.log.plays, window)
        _, scores, booster = self._rankers.run(RANKER, {}, plays)
        _, pvr_scores, pvr_booster = self._rankers.run(PVR, {}, plays)
        cut_s = float(plays.train.at_s[-1])
        moment, profiles = self._moment(plays, cut_s, plays.members)
        in_order = replace(profiles, pvr=RankerScores(PVR, pvr_scores))
        scored = ScoredProfiles(moment, in_order, scores)
        if not with_day_before:
            return ScoredWindow(plays, scored)
        last_play_s = profiles.last_at_s[profiles.offsets[:-1]]
        as_of_s = cut_s - DAY_S
        calm = plays.members[last_play_s <= as_of_s]
        past = plays.train.where(plays.train.at_s <= as_of_s)
        moment, profiles = self._moment(plays, as_of_s, calm)
        scores = ranker_scores(past, moment, calm, booster, ranker_settings(RANKER))
        pvr_scores = ranker_scores(past, moment, calm, pvr_booster, ranker_settings(PVR))
        in_order = replace(profiles, pvr=RankerScores(PVR, pvr_scores))
        return ScoredWindow(plays, scored, ScoredProfiles(moment, in_order, scores))

    def row_model(self, training_rows: int) -> RowModel:
        """The row model of the first `training_rows` rows, with trees where these help."""
        parts = [
            self._training_part(window, seed)
            for seed, window in enumerate(_learning_windows(training_rows))
        ]
        lessons = joined_training_rows(parts)
        deviances = row_model_deviances(lessons, pages().lessons, rows())
        deviance, of_worth = (
            float(np.average(deviances[name], weights=lessons.weight))
            for name in (promotion.RANKER, WORTH_ALONE)
        )
        self._say(
            f"row model: deviance {deviance:.4f}, of worth alone {of_worth:.4f},"
            f" {len(lessons.x)} rows"
        )
        if deviance >= of_worth:
            return WORTH
        booster = row_trees(lessons, pages().lessons, rows())
        return RowModel("rows", pack(booster, lessons.x))

    def _training_part(self, window: Window, seed: int) -> TrainingRows:
        """What the rows of pages as of a window's cut would have been worth in it."""
        scored_window = self.scored_window(window)
        moment, profiles, scores = scored_window.scored
        catalogue, kinds, layout = moment.catalogue, rows(), pages()
        candidates = offers(catalogue, profiles, scores, moment.cosine, kinds, layout)
        batch = offer_batch(catalogue, profiles, scores, candidates, kinds, layout)
        plays = scored_window.relevant.astype(np.float32)
        return from_later_plays(batch, plays, kinds, layout, seed)

    def _moment(
        self, plays: Trial, as_of_s: float, members: NDArray[np.integer]
    ) -> tuple[Moment, Profiles]:
        """The catalogue and these members as of an instant, epoch seconds."""
        past = plays.train.where(plays.train.at_s <= as_of_s)
        moment = moment_from_log(past, self.log.facts, candidate_settings())
        ((_, profiles),) = profile_batches(moment, past, members)
        return moment, profiles


def _learning_windows(training_rows: int) -> list[Window]:
    """The windows within the first rows that the row model learns from."""
    length = round(training_rows * WINDOW_SHARE)
    starts = [round(training_rows * share) for share in WINDOW_STARTS]
    return [Window(start, min(start + length, training_rows)) for start in starts]


def real_log_figures(log: PlayLog, say: Say) -> tuple[dict[str, object], dict[str, int]]:
    """The figures of every builder in the test window, and the rules that their pages break."""
    windows = WindowedLog(log, say)
    model = windows.row_model(windows.test_window.cut)
    scored_window = windows.scored_window(windows.test_window, with_day_before=True)
    values, broken = builder_metrics(scored_window, model, pages())
    say(f"{scored_window.scored.profiles.size} members evaluated")
    figures = builder_figures(values)
    rolling = recall_figures(rolling_recalls(windows, say))
    return with_rolling(figures, rolling), broken


def with_rolling(
    figures: dict[str, object], rolling: dict[str, dict[str, float]]
) -> dict[str, object]:
    """The figures of protocol T with those of protocol R, which take the name where both have one.

    What T says of the same stands beside it under the name with `_T`.
    """
    joined = dict(figures)
    for arm, of_arm in rolling.items():
        single = figures.get(arm, {})
        assert isinstance(single, dict)
        renamed = {f"{name}_T" if name in of_arm else name: value for name, value in single.items()}
        joined[arm] = renamed | of_arm
    for name in ("recall_3x4_gain", "recall_3x4_gain_low", "recall_3x4_gain_high"):
        joined[f"{name}_T"] = joined[name]
        joined[name] = rolling[STAGEWISE][name]
    return joined


def rolling_recalls(windows: WindowedLog, say: Say) -> ScreenRecall:
    """Recall of the first screens of each builder and list, over the windows of protocol R."""
    cuts = rolling_cuts(len(windows.log.plays))
    model = windows.row_model(cuts[0].cut)
    parts = []
    for number, window in enumerate(cuts):
        say(f"window {number + 1} of {len(cuts)}")
        parts.append(_window_recall(windows, window, number, model))
    return ScreenRecall(
        recall={arm: np.concatenate([p.recall[arm] for p in parts]) for arm in parts[0].recall},
        young={arm: np.concatenate([p.young[arm] for p in parts]) for arm in parts[0].young},
        member=np.concatenate([part.member for part in parts]),
        window=np.concatenate([part.window for part in parts]),
        plays=np.concatenate([part.plays for part in parts]),
    )


def _window_recall(
    windows: WindowedLog, window: Window, number: int, model: RowModel
) -> ScreenRecall:
    """Recall of the first screens in one window."""
    scored_window = windows.scored_window(window)
    one, log = scored_window.trial, windows.log
    fresh = one.relevant & young_titles(one.train, log.facts.launched_s)[None, :]
    recall, young = {}, {}
    for builder in BUILDERS:
        built = scored_window.built(builder, pages(), model)
        screen = built.grid(built.rows, ROWS, COLUMNS)
        recall[builder] = page_recall(screen, one.relevant, ROWS, COLUMNS)
        young[builder] = page_recall(screen, fresh, ROWS, COLUMNS)
    inner = trial(log.plays, inner_cut(window))
    lists = {TOP_PICKS: scored_window.scored.scores, POPULARITY: popular_scores(one, inner)}
    for name, scores in lists.items():
        recall[name] = list_recall(scores, one)
        young[name] = list_recall(scores, one, fresh)
    plays = np.diff(one.train.binary.indptr)[one.members]
    return ScreenRecall(recall, young, one.members, np.full(len(one.members), number), plays)


def builder_metrics(
    scored_window: ScoredWindow, model: RowModel, layout: Pages
) -> tuple[dict[str, MetricValues], dict[str, int]]:
    """The metrics of each builder's pages by profile, and violations by builder and rule."""
    values, broken = {}, {}
    for builder in (*BUILDERS, ORACLE):
        built = scored_window.built(builder, layout, model)
        values[builder] = page_metrics(built)
        counts = violations(built.rows, built.catalogue, built.profiles, layout, rows())
        for rule, count in counts.items():
            broken[f"{builder}: {rule}"] = count
    return values, broken


def builder_figures(values: dict[str, MetricValues]) -> dict[str, object]:
    """Means by builder, and what the stagewise page gains over the template, profile by profile."""
    figures: dict[str, object] = {
        builder: metric_means(metrics) for builder, metrics in values.items()
    }
    recall, template_recall = (values[name]["recall_3x4"] for name in (STAGEWISE, TEMPLATE))
    profile = np.arange(len(recall)).astype(str)
    figures |= relative_gain("recall_3x4_gain", recall, template_recall, profile)
    figures["members"] = len(profile)
    return figures


def grid_figures(
    log: PlayLog, changes: Sequence[dict[str, object]], say: Say
) -> list[tuple[str, dict[str, float]]]:
    """Means of the pages in the inner window, by name.

    The template's come first, then the stagewise ones, then the stagewise ones with each change of
    `choice`, the best first by BEST_BY.
    """
    windows = WindowedLog(log, say)
    inner_window = inner_cut(windows.test_window)
    model = windows.row_model(inner_window.cut)
    scored_window = windows.scored_window(inner_window)
    values, _ = builder_metrics(scored_window, model, pages())
    figures = [
        (TEMPLATE, metric_means(values[TEMPLATE])),
        ("as it is", metric_means(values[STAGEWISE])),
    ]
    settings, tried = pages().choice, []
    for change in changes:
        choice = settings.model_validate(settings.model_dump() | change)
        layout = pages().model_copy(update={"choice": choice})
        built = scored_window.built(STAGEWISE, layout, model)
        tried.append((str(change), metric_means(page_metrics(built))))
    return figures + sorted(tried, key=lambda of: -of[1][BEST_BY])
