"""Policies that learn in a town: each lives the same days with its own pictures and learns from its own log alone."""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from benchmarks.artwork.population import Day, Told, Town
from conf.artwork import Artwork
from conf.pages import pages
from models.artwork.choice import NONE, Places
from models.artwork.gallery import Audience, Gallery
from models.artwork.impressions import Shown
from models.artwork.learning import learned
from models.artwork.package import written
from models.artwork.pictures import INTS
from models.artwork.profile_features import F32, Frame, frame_of, traits

FIRST = date(2026, 1, 5)


@dataclass
class Learner:
    """A policy, its log and what it learns from it: members are numbered day by day."""

    town: Town
    settings: Artwork
    frame: Frame
    gallery: Gallery
    log: list[Shown] = field(default_factory=list)
    traits: list[F32] = field(default_factory=list)
    metrics: list[dict[str, float]] = field(default_factory=list)

    def meet(self, day: Day) -> None:
        """Members as of a day, before anything is shown to them."""
        found = audience(self.town, day)
        self.traits.append(
            traits(self.frame, found.genre_counts, found.played, found.kids, found.country)
        )

    def keep(self, shown: Shown, day: int) -> None:
        """Add to the log what came of a day's pictures."""
        self.log.append(replace(shown, member=shown.member + day * self.town.size))

    def learn(self) -> None:
        """A new policy from all of the log."""
        found = learned(
            _joined(self.log),
            np.concatenate(self.traits),
            self.frame,
            self.town.truth.titles.genres,
            self.town.pictures,
            self.settings,
        )
        self.metrics.append(found.metrics)
        self.gallery = replace(self.gallery, policy=written(found.policy))

    def without(self, part: str) -> "Learner":
        """The same beliefs without `chance` (the best picture only) or without `variety` on the first screen."""
        chosen, policy = self.settings, self.gallery.policy
        assert policy is not None
        if part == "variety":
            chosen = chosen.model_copy(
                update={"variety": chosen.variety.model_copy(update={"most_share": 1.0})}
            )
        else:
            none = {"uniform_share": 0.0, "fresh_share": 0.0}
            chosen = chosen.model_copy(
                update={"exploration": chosen.exploration.model_copy(update=none)}
            )
            policy = replace(policy, greedy=True)
        return replace(self, gallery=replace(self.gallery, policy=policy, settings=chosen))

    def choose(self, day: Day, where: Places) -> tuple[INTS, NDArray[np.float64]]:
        """The picture of each place, and its probability."""
        hung = self.gallery.under(self.gallery.policy, FIRST + timedelta(days=day.number))
        return hung.chosen(audience(self.town, day), where, sum(pages().screen))

    def likelihoods(
        self, day: Day, where: Places, some: INTS
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """(d, widest pool) the policy's probabilities for the members `some`, and those of its mean belief without
        chance; no theme gives way to another.
        """
        below = replace(where, on_screen=np.zeros(len(where.title), bool))
        logged, who = np.full(len(where.title), NONE, np.int64), _of(audience(self.town, day), some)
        own = self.gallery.under(self.gallery.policy, FIRST).weighed(who, below, logged, 1)
        told = np.where(own > 0, self.evoked(day, where, some), -np.inf)
        best = np.zeros_like(own)
        best[np.arange(len(own)), told.argmax(axis=1)] = 1
        return own, best

    def evoked(self, day: Day, where: Places, some: INTS) -> NDArray[np.float64]:
        """(d, widest pool) what each picture is believed to evoke, in the mean of the draws."""
        policy, found, pictures = self.gallery.policy, audience(self.town, day), self.town.pictures
        assert policy is not None
        known = traits(self.frame, found.genre_counts, found.played, found.kids, found.country)[
            some
        ]
        table = np.concatenate(
            [policy.responses(part).mean(axis=-1) for part in np.array_split(known, len(some))]
        )
        widest = int(np.diff(pictures.offsets).max())
        at = np.minimum(
            pictures.offsets[where.title][:, None] + np.arange(widest), pictures.size - 1
        )
        told = table[where.profile[:, None], policy.known_themes(pictures)[at], pictures.level[at]]
        return np.asarray(told, np.float64)


def _of(found: Audience, some: INTS) -> Audience:
    return Audience(*(getattr(found, name)[some] for name in Audience.__dataclass_fields__))


def learner(town: Town, day: Day, settings: Artwork) -> Learner:
    """A learner that knows nothing but the histories of `day`."""
    titles = town.truth.titles
    found = audience(town, day)
    frame = frame_of(
        town.truth.genre_names,
        found.genre_counts,
        found.played,
        found.country.tolist(),
        settings.learning.history_prior,
    )
    ids = np.array(town.truth.title_ids, object)
    gallery = Gallery(town.pictures, ids, titles.maturity.astype(np.int16), town.truth.genre_names)
    return Learner(town, settings, frame, gallery)


def audience(town: Town, day: Day) -> Audience:
    """What a policy may know of the members on a day."""
    known = town.members
    countries = np.array(list(town.settings.countries), object)
    return Audience(
        town.profile_ids, day.counts, day.played, known.kids, countries[known.country], known.limit
    )


def best_single(town: Town, log: list[Shown], settings: Artwork) -> INTS:
    """(n,) for each title the picture that earns most from everybody, by a log of pictures that were equally likely.

    The same learner, in which the title stands where the member stood: its genres are the traits, so that titles of a
    genre tell of each other, and what a picture has of its own is kept apart. No exploration, no first screen.
    """
    genres = town.truth.titles.genres
    shown = _joined(log)
    about = np.column_stack([np.ones(len(genres)), genres]).astype(np.float32)
    frame = Frame(town.truth.genre_names, (1.0,) * genres.shape[1], (), 1.0)
    whole = np.column_stack([about[:, :1], np.zeros((len(genres), 1)), about[:, 1:]]).astype(
        np.float32
    )
    found = learned(
        replace(shown, member=shown.title), whole, frame, genres, town.pictures, settings
    ).policy
    table = found.responses(whole).mean(axis=-1)
    effects = found.picture_effects(town.pictures, np.zeros(0, np.uint64), 1)[:, 0]
    title = town.pictures.title
    worth = table[title, found.known_themes(town.pictures), town.pictures.level] + effects
    order = np.lexsort((np.arange(len(worth)), -worth, title))
    first = np.searchsorted(title, np.arange(len(genres)))
    return np.where(
        np.diff(town.pictures.offsets) > 0, order[np.minimum(first, len(order) - 1)], NONE
    )


def uniform(town: Town, where: Places, seed: int) -> INTS:
    """Any picture of the pool, by chance that hangs on nothing else."""
    count = np.diff(town.pictures.offsets)[where.title]
    luck = np.random.default_rng(seed).random(len(count))
    return town.pictures.offsets[where.title] + (luck * count).astype(np.int64)


def by_hours(arm: Learner, day: Day, where: Places, hour: INTS) -> tuple[INTS, list[Shown]]:
    """A day of 24 policies: members are served by the hour (m,) of their first visit, and each hour is learned from."""
    picture, parts = np.full(len(where.title), NONE, np.int64), []
    for now in range(24):
        some = np.flatnonzero(hour == now)
        if not len(some):
            continue
        mine = np.isin(where.profile, some)
        picture[mine] = arm.choose(
            day, Places(where.profile[mine], where.title[mine], where.on_screen[mine])
        )[0]
        told: Told = arm.town.live(day, picture, some)[0]
        parts.append(told.shown)
        arm.keep(told.shown, day.number)
        arm.learn()
    return picture, parts


def first_hours(told: Told, size: int) -> INTS:
    """(m,) the hour in which each profile first looked at its page; -1 where it did not."""
    hour = np.full(size, 24)
    np.minimum.at(hour, told.shown.cluster, told.second // 3600)
    return np.where(hour == 24, -1, hour)


def _joined(log: list[Shown]) -> Shown:
    names = Shown.__dataclass_fields__
    if not log:
        none = {n: np.zeros(0, np.float64 if n == "weight" else np.int64) for n in names}
        return Shown(**none)  # type: ignore[arg-type]
    return Shown(**{name: np.concatenate([getattr(part, name) for part in log]) for name in names})
