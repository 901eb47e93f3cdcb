"""Policies that learn in a population, each from the log of its own artwork."""

# Tested by tests/benchmarks/artwork/test_population.py.

from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np

from benchmarks.artwork.population import DayOutcome, Population, PopulationDay
from conf.artwork import ArtworkSettings
from conf.pages import pages
from models.artwork.choice import NO_ARTWORK, ArtworkChoices, ArtworkSlots
from models.artwork.gallery import ArtworkProfiles, Gallery
from models.artwork.impressions import F64, Impressions, joined_impressions
from models.artwork.learning import learn_policy
from models.artwork.package import packed_policy
from models.artwork.policy import ArtworkPolicy
from models.artwork.pools import INTS
from models.artwork.profile_features import F32, FeatureFrame, feature_frame
from models.artwork.training_log import TrainingLog

FIRST_DAY = date(2026, 1, 5)
DAY_HOURS, HOUR_S = 24, 3600
PROFILES_AT_ONCE = 200  # whose responses to every theme are held at a time


@dataclass
class Learner:
    """A policy, and the log that it learns from; feature rows are numbered day by day."""

    population: Population
    settings: ArtworkSettings
    frame: FeatureFrame
    gallery: Gallery
    log: list[Impressions] = field(default_factory=list)  # by day
    plays: list[INTS] = field(default_factory=list)  # by day, 1 where a cell was played from
    features: list[F32] = field(default_factory=list)  # by day, each (m, f)
    metrics: list[dict[str, float]] = field(default_factory=list)  # of each training

    def begin_day(self, day: PopulationDay) -> None:
        """Add the features of all profiles as of a day, before anything is shown to them."""
        self.features.append(self.features_on(day))

    def add(self, outcome: DayOutcome, day: int) -> None:
        """Add to the log what a day's artwork led to."""
        feature_row = outcome.impressions.feature_row + day * self.population.size
        self.log.append(replace(outcome.impressions, feature_row=feature_row))
        self.plays.append(outcome.plays)

    def learn(self) -> None:
        """Replace the policy by one learned from all of the log."""
        log = TrainingLog(joined_impressions(self.log), np.concatenate(self.features), self.frame)
        genres = self.population.truth.titles.genres
        learned_policy = learn_policy(log, genres, self.population.pools, self.settings)
        self.metrics.append(learned_policy.metrics)
        self.gallery = replace(self.gallery, policy=packed_policy(learned_policy.policy))

    def without(self, part: str) -> "Learner":
        """The same beliefs without `chance` (the best artwork only) or without `variety`."""
        settings, policy = self.settings, self.policy
        if part == "variety":
            variety = settings.variety.model_copy(update={"most_share": 1.0})
            settings = settings.model_copy(update={"variety": variety})
        else:
            none = {"uniform_share": 0.0, "fresh_share": 0.0}
            exploration = settings.exploration.model_copy(update=none)
            settings = settings.model_copy(update={"exploration": exploration})
            policy = replace(policy, greedy=True)
        return replace(self, gallery=replace(self.gallery, policy=policy, settings=settings))

    @property
    def policy(self) -> ArtworkPolicy:
        """The present policy; there is one after the first training."""
        assert self.gallery.policy is not None
        return self.gallery.policy

    def choose(self, day: PopulationDay, slots: ArtworkSlots, redraws: int = 0) -> ArtworkChoices:
        """The artwork of each slot, and the probability of its choice.

        Another number of `redraws` asks chance anew, for the same day.
        """
        days = day.number + redraws * self.settings.sticky.redraw_days
        of_day = self.gallery.with_policy(self.gallery.policy, FIRST_DAY + timedelta(days=days))
        return of_day.choices(profiles_on(self.population, day), slots, sum(pages().screen))

    def evoked(self, day: PopulationDay, slots: ArtworkSlots) -> F64:
        """Log-odds (d, widest pool) that artwork evokes, in the mean of the draws.

        Beyond the pool of a slot they are those of other artwork.
        """
        pools = self.population.pools
        owners, profile = np.unique(slots.profile, return_inverse=True)
        features = self.features_on(day)[owners]
        parts = np.array_split(features, max(1, len(features) // PROFILES_AT_ONCE))
        responses = np.concatenate([self.policy.responses(part).mean(axis=-1) for part in parts])
        effects = self.policy.artwork_effects(pools, np.zeros(0, np.uint64), 1)[:, 0]
        positions = np.arange(int(pools.sizes.max()))
        artwork = pools.offsets[slots.title][:, None] + positions
        artwork = np.minimum(artwork, pools.size - 1)
        theme = self.policy.theme_indices(pools)[artwork]
        evoked = responses[profile[:, None], theme, pools.level[artwork]] + effects[artwork]
        return np.asarray(evoked, np.float64)

    def features_on(self, day: PopulationDay) -> F32:
        """Features (m, f) of all profiles as of a day."""
        return profiles_on(self.population, day).features(self.frame, self.frame.genres)


def new_learner(population: Population, day: PopulationDay, settings: ArtworkSettings) -> Learner:
    """A learner that knows nothing but the histories before `day`."""
    titles, genres = population.truth.titles, population.truth.genre_names
    profiles = profiles_on(population, day)
    frame = feature_frame(
        genres,
        profiles.genre_counts,
        profiles.played,
        profiles.country.tolist(),
        settings.learning.history_prior,
    )
    title_ids = np.array(population.truth.title_ids, object)
    title_ages = titles.maturity.astype(np.int16)
    gallery = Gallery(population.pools, title_ids, title_ages, genres)
    return Learner(population, settings, frame, gallery)


def profiles_on(population: Population, day: PopulationDay) -> ArtworkProfiles:
    """What a policy may know of all profiles on a day."""
    members = population.members
    countries = np.array(list(population.settings.countries), object)
    return ArtworkProfiles(
        profile_ids=population.profile_ids,
        genre_counts=day.genre_counts,
        played=day.played,
        kids=members.kids,
        country=countries[members.country],
        age_limit=members.limit,
    )


def best_single(population: Population, log: list[Impressions], settings: ArtworkSettings) -> INTS:
    """The artwork of each title that earns most from everybody (n,), by a log of uniform artwork.

    The same learner, with the title in place of the profile: its genres are the features, so that
    titles of a genre share what they teach, and what an artwork has of its own is kept apart. No
    exploration, no first screen.
    """
    genres, pools = population.truth.titles.genres, population.pools
    frame = FeatureFrame(population.truth.genre_names, (1.0,) * genres.shape[1], (), 1.0)
    always, kids = np.ones(len(genres)), np.zeros(len(genres))
    features = np.column_stack([always, kids, genres]).astype(np.float32)
    impressions = joined_impressions(log)
    by_title = replace(impressions, feature_row=impressions.title)
    training_log = TrainingLog(by_title, features, frame)
    policy = learn_policy(training_log, genres, pools, settings).policy
    responses = policy.responses(features).mean(axis=-1)
    effects = policy.artwork_effects(pools, np.zeros(0, np.uint64), 1)[:, 0]
    log_odds = responses[pools.title, policy.theme_indices(pools), pools.level] + effects
    order = np.lexsort((np.arange(len(log_odds)), -log_odds, pools.title))
    first = np.searchsorted(pools.title, np.arange(len(genres)))
    best = order[np.minimum(first, len(order) - 1)]
    return np.where(pools.sizes > 0, best, NO_ARTWORK)


def uniform_artwork(population: Population, slots: ArtworkSlots, seed: int) -> INTS:
    """Any artwork of each slot's pool (d,), equally likely."""
    return uniform_choices(population, slots, seed).artwork


def uniform_choices(population: Population, slots: ArtworkSlots, seed: int) -> ArtworkChoices:
    """Any artwork of each slot's pool, equally likely, and its probability."""
    pools = population.pools
    size = pools.sizes[slots.title]
    uniform = np.random.default_rng(seed).random(len(size))
    artwork = pools.offsets[slots.title] + (uniform * size).astype(np.int64)
    return ArtworkChoices(artwork, 1 / size)


def live_by_hours(
    learner: Learner, day: PopulationDay, slots: ArtworkSlots, hour: INTS
) -> list[DayOutcome]:
    """The outcomes of a day of 24 policies: each hour's are learned from before the next one.

    A profile is served by the policy of the hour (m,) of its first visit.
    """
    artwork, parts = np.full(len(slots.title), NO_ARTWORK, np.int64), []
    for present_hour in range(DAY_HOURS):
        profiles = np.flatnonzero(hour == present_hour)
        if not len(profiles):
            continue
        is_theirs = np.isin(slots.profile, profiles)
        artwork[is_theirs] = learner.choose(day, slots.where(is_theirs)).artwork
        outcome, _ = learner.population.live(day, artwork, profiles)
        parts.append(outcome)
        learner.add(outcome, day.number)
        learner.learn()
    return parts


def first_visit_hours(outcome: DayOutcome, size: int) -> INTS:
    """The hour in which each profile (m,) first looked at its page; -1 where it did not."""
    hour = np.full(size, DAY_HOURS)
    np.minimum.at(hour, outcome.impressions.profile, outcome.second // HOUR_S)
    return np.where(hour == DAY_HOURS, -1, hour)
