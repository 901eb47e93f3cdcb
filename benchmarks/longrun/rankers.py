"""The rankers of a long run: trained once, on the days before it, and the same for every arm."""
# Tested by tests/benchmarks/longrun/test_lives.py.

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.longrun.service import Service
from benchmarks.longrun.service_log import ServiceLog
from benchmarks.offline.queries_from_log import queries_from_rows
from benchmarks.temporal.ours import Ours, parts_of
from benchmarks.temporal.trials import trial
from conf.bench import benches
from conf.candidates import candidate_settings
from conf.days import DAY_S
from conf.rankers import PVR, TOP_PICKS, ranker_settings
from conf.resumes import resume_settings
from experiments.protocols import Window
from models.candidates.features import FEATURES
from models.candidates.moment import Moment
from models.catalogue.arrays import Profiles
from models.page.maker import ordered, scored
from models.rankers.continue_watching.features import resume_titles
from models.rankers.continue_watching.fit import (
    ResumeSample,
    continuation_rows,
    fit_continuation,
    fit_resume_order,
)
from models.rankers.continue_watching.serve import ResumeRankers
from models.rankers.lambdarank import fit_ranker
from models.rankers.package import pack, proved_scorer
from models.rankers.quickscorer import Scorer

Say = Callable[[str], None]
LEAST_CUTS = 6  # a life of a few days has no cuts a week apart


class Rankers(NamedTuple):
    """What orders titles for a profile."""

    head: Scorer  # of the candidates
    whole: Scorer  # of the whole catalogue
    resumes: ResumeRankers  # of Continue Watching

    def scored(self, moment: Moment, profiles: Profiles) -> tuple[Profiles, NDArray[np.float32]]:
        """The profiles as pages are made for them, and their own scores of titles (m, n)."""
        catalogue = moment.catalogue
        resumes = replace(self.resumes, context=moment.context)
        profiles = resumes.scored(catalogue, profiles)
        names = ranker_settings(PVR).features(FEATURES)
        profiles = replace(profiles, pvr=ordered(moment, profiles, self.whole, names, PVR))
        candidates = moment.pairs(profiles)
        wishes = scored(candidates, self.head, profiles.pvr)
        return profiles, candidates.dense(wishes, catalogue.size)


def trained_rankers(service: Service, log: ServiceLog, last_day: int, say: Say) -> Rankers:
    """Rankers of all that is known at the end of a day."""
    plays = log.plays
    everything = trial(plays, Window(len(plays), len(plays)))
    days = float(plays.at_s[-1] - plays.at_s[0]) / DAY_S
    weekly = candidate_settings()
    step_days = max(1, min(weekly.step_days, int(days / LEAST_CUTS)))
    cuts = weekly.model_copy(update={"step_days": step_days, "judged_every": 1})
    ours = Ours(plays, service.facts, benches().temporal, say, cuts)
    rows, _ = ours.rows(everything)
    scorers = []
    for name in (TOP_PICKS, PVR):
        ranker = ours.ranker(name, {})
        queries = queries_from_rows(parts_of(rows), ranker)
        booster = fit_ranker(queries, ranker, ranker.features(FEATURES))
        scorers.append(proved_scorer(pack(booster, queries.matrix), ranker.features(FEATURES)))
    head, whole = scorers
    say("continue watching: training")
    return Rankers(head, whole, resume_rankers(service, log, last_day))


def resume_rankers(service: Service, log: ServiceLog, last_day: int) -> ResumeRankers:
    """The rankers of Continue Watching, from what was gone on with on the last days."""
    settings = resume_settings()
    days = range(last_day - settings.cuts, last_day)
    parts = [
        part for number, day in enumerate(days) if (part := _sample(service, log, day, number))
    ]
    sample = _joined(parts)
    order = fit_resume_order(sample, settings)
    continuation = fit_continuation(continuation_rows(sample, settings))
    return ResumeRankers(order, continuation, {})


def _sample(service: Service, log: ServiceLog, day: int, number: int) -> ResumeSample | None:
    """What the profiles that came the day after could go on with, and did; None where there is nothing."""
    catalogue = service.catalogue(log, day)
    plays = log.plays
    is_later = (plays.at_s > catalogue.as_of_s) & (plays.at_s <= catalogue.as_of_s + DAY_S)
    later = plays.where(is_later)
    members = np.unique(later.profile)
    profiles = service.members(log, catalogue, members)
    titles = resume_titles(catalogue, profiles, service.context(day))
    if not len(titles.entry):
        return None
    size = catalogue.size
    keys = members[titles.profile] * size + profiles.title[titles.entry]
    first = np.unique(later.profile, return_index=True)[1]
    pairs = later.profile * size + later.title
    label = np.isin(keys, pairs).astype(np.int64)
    unseen = np.full(len(keys), np.nan, np.float32)
    return ResumeSample(
        matrix=titles.matrix,
        label=label,
        session_label=np.isin(keys, pairs[first]).astype(np.int64),
        row_label=np.zeros_like(label),
        row_position=unseen,
        column_position=unseen,
        query=titles.profile + number * len(log.profile_ids),
        profile=members[titles.profile],
        cut=np.full(len(keys), number),
    )


def _joined(parts: list[ResumeSample]) -> ResumeSample:
    """The samples of all days, one after another."""
    columns = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in ResumeSample.__dataclass_fields__
    }
    return ResumeSample(**columns)
