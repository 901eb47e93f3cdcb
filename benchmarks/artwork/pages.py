"""Whole pages of a population: the artwork of every cell, and an independent check of reasons."""

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import timedelta
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.artwork.learners import FIRST_DAY, Learner
from benchmarks.artwork.population import Population
from conf.artwork import artwork_settings
from conf.candidates import candidate_settings
from conf.days import COUNT_WINDOWS, DAY_S, TREND_DAYS
from conf.evidence import evidence
from models.candidates.item_knn import cosine
from models.candidates.moment import strongest
from models.catalogue.arrays import Catalogue, Neighbours, Profiles
from models.page.build import build_pages

PROFILES = 200  # whose pages are checked
COUNTRY = "town"  # one for all: what is legal differs by profile, and is a matter of blocked titles
LIKED_STARS = 4
DISLIKED_EVERY = 7  # so that some reasons must not be given, every seventh play has few stars
FEW_STARS = 2.0


class PageInputs(NamedTuple):
    """Everything that pages are built from."""

    catalogue: Catalogue
    profiles: Profiles
    neighbours: Neighbours
    scores: NDArray[np.float32]  # (PROFILES, n) by EASE


def evidence_figures(learner: Learner, day: int) -> dict[str, object]:
    """Figures of all cells on some pages: false reasons, kinds of reason, missing artwork."""
    inputs = page_inputs(learner, day)
    rows = build_pages(
        inputs.catalogue, inputs.profiles, inputs.scores, inputs.neighbours, "bench"
    ).to_pylist()
    checker = ReasonChecker(inputs)
    cells = [(row, cell) for row in rows for cell in row["cells"]]
    false_reasons = sum(
        not checker.is_true(row["profile_id"], row["evidence_type"], cell) for row, cell in cells
    )
    with_artwork = [cell for _, cell in cells if cell["artwork_id"]]
    title_card = artwork_settings().title_card
    kinds = Counter(cell["evidence_type"] for _, cell in cells)
    return {
        "false_evidence": false_reasons,
        "page_cells": len(cells),
        "page_cells_without_picture": len(cells) - len(with_artwork),
        "page_title_cards": sum(cell["artwork_id"] == title_card for cell in with_artwork),
        "page_least_propensity": min(cell["propensity"] for cell in with_artwork),
        "reasons": dict(kinds.most_common()),
    }


def page_inputs(learner: Learner, day: int) -> PageInputs:
    """The catalogue, the first profiles, cosine neighbours and EASE scores."""
    population = learner.population
    histories = population.histories()
    gram = (histories.T @ histories).toarray()
    neighbours = strongest(cosine(gram), candidate_settings().cosine_neighbours)
    legal = population.legal(day)[:PROFILES]
    history = histories[:PROFILES]
    is_candidate = legal & ~history.toarray().astype(bool)
    scores = np.where(is_candidate, population.scores(history), -np.inf)
    blocked = tuple(np.flatnonzero(~of_profile).astype(np.int32) for of_profile in legal)
    profiles = replace(_profiles(population), blocked=blocked)
    catalogue = replace(_catalogue(learner, day), similar=neighbours)
    return PageInputs(catalogue, profiles, neighbours, scores.astype(np.float32))


def _catalogue(learner: Learner, day: int) -> Catalogue:
    """All titles, available everywhere and always."""
    population = learner.population
    truth, titles = population.truth, population.truth.titles
    size = len(titles.series)
    policy = learner.gallery.policy
    return Catalogue(
        title_ids=np.array(truth.title_ids, object),
        names=np.array(truth.names, object),
        genres=truth.genre_names,
        genre_matrix=titles.genres,
        maturity=titles.maturity.astype(np.int16),
        features=_title_features(population, day),
        available={country: np.ones(size, bool) for country in ("", COUNTRY)},
        ends_s={country: np.full(size, np.inf) for country in ("", COUNTRY)},
        gallery=learner.gallery.with_policy(policy, FIRST_DAY + timedelta(days=day)),
        as_of_s=day * DAY_S,
    )


def _title_features(population: Population, day: int) -> dict[str, NDArray[np.float32]]:
    """Plays by window as profiles remember them: each title once, on the day of its last play."""
    entries, size = population.states.entries, len(population.truth.title_ids)
    title, age = entries["title"], day - entries["last_day"]

    def plays(is_counted: NDArray[np.bool_]) -> NDArray[np.float32]:
        return np.bincount(title[is_counted], minlength=size).astype(np.float32)

    counts = {days: plays(age <= days) for days in (*COUNT_WINDOWS, TREND_DAYS)}
    features = {f"title_plays_count_{days}d": counts[days] for days in COUNT_WINDOWS}
    features["title_plays_count_all"] = plays(np.ones(len(title), bool))
    earlier_weekly = (counts[TREND_DAYS] - counts[7]) / 4
    trend = np.log((counts[7] + 1) / (earlier_weekly + 1))
    features["title_trend_7d"] = features["title_trend_30d"] = trend
    launch_age = day - population.truth.titles.launch_day
    features["title_launch_age_days"] = launch_age.astype(np.float32)
    unknown = np.full(size, np.nan, np.float32)
    features["title_first_play_age_days"] = features["title_year_age"] = unknown
    features["title_stars_mean"] = unknown  # these profiles give no stars
    features["title_stars_count"] = np.zeros(size, np.float32)
    return features


def _profiles(population: Population) -> Profiles:
    """The first PROFILES profiles with their histories, newest first; nothing is blocked yet."""
    offsets = population.states.first[: PROFILES + 1]
    entries = population.states.entries[: offsets[-1]]
    owner = np.repeat(np.arange(PROFILES), np.diff(offsets))
    entries = entries[np.lexsort((entries["title"], -entries["last_day"], owner))]
    is_disliked = np.arange(len(entries)) % DISLIKED_EVERY == 0
    texts = evidence()
    languages = [texts.first, *list(texts.texts)[1:]]
    language = [languages[number % len(languages)] for number in range(PROFILES)]
    members = population.members
    return Profiles(
        profile_ids=population.profile_ids[:PROFILES],
        offsets=offsets.astype(np.int64),
        title=entries["title"].astype(np.int32),
        last_at_s=entries["last_day"] * DAY_S,
        plays=np.maximum(entries["plays"], 1).astype(np.int32),
        stars=np.where(is_disliked, FEW_STARS, np.nan).astype(np.float32),
        features={},
        country=np.full(PROFILES, COUNTRY, object),
        maturity_limit=members.limit[:PROFILES].astype(np.int16),
        kids=members.kids[:PROFILES],
        blocked=(np.zeros(0, np.int32),) * PROFILES,
        language=np.array(language, object),
    )


class ReasonChecker:
    """A check of reasons against the inputs, by other means than the code that gives them."""

    def __init__(self, inputs: PageInputs) -> None:
        catalogue, profiles, neighbours = inputs.catalogue, inputs.profiles, inputs.neighbours
        ids = list(catalogue.title_ids)
        self.index = {title_id: index for index, title_id in enumerate(ids)}
        self.features, self.settings = catalogue.features, evidence()
        self.genres = [
            {genre for genre, has_genre in zip(catalogue.genres, row, strict=True) if has_genre}
            for row in catalogue.genre_matrix.tolist()
        ]
        self.neighbours: dict[str, set[str]] = {}
        for index, title_id in enumerate(ids):
            span = slice(neighbours.offsets[index], neighbours.offsets[index + 1])
            self.neighbours[title_id] = {ids[other] for other in neighbours.title[span]}
        self.plays: dict[str, dict[str, int]] = defaultdict(dict)
        self.liked: dict[str, set[str]] = defaultdict(set)
        for number, profile_id in enumerate(profiles.profile_ids):
            for entry in range(profiles.offsets[number], profiles.offsets[number + 1]):
                title_id = ids[profiles.title[entry]]
                self.plays[profile_id][title_id] = int(profiles.plays[entry])
                if not profiles.stars[entry] < LIKED_STARS:
                    self.liked[profile_id].add(title_id)

    def is_true(self, profile_id: str, row_kind: str, cell: dict[str, Any]) -> bool:
        """Whether the cell's reason is true and is said in words.

        `row_kind` is the kind of its row's reason.
        """
        if not cell["evidence"]:
            return False
        kind, payload = cell["evidence_type"], cell["evidence_payload"]
        subject, count, days = payload["subject"], payload["count"], payload["days"]
        if subject is None and count == 0 and days == 0 and kind == row_kind:
            return True  # the row's own sentence
        title_id = cell["title_id"]
        plays, genres = self.plays[profile_id], self.genres[self.index[title_id]]
        if kind == "again":
            return plays.get(title_id) == count
        if kind == "watched":
            is_neighbour = title_id in self.neighbours.get(subject, ())
            return subject in self.liked[profile_id] and is_neighbour
        if kind == "new":
            age_days = int(self._feature("launch_age_days", title_id))
            return age_days == days <= self.settings.new_days
        if kind == "trending":
            rises = self._feature("trend_7d", title_id) > 0
            week = self._feature("plays_count_7d", title_id)
            return rises and week == count >= self.settings.least_plays
        if kind == "taste":
            of_genre = sum(subject in self.genres[self.index[other]] for other in plays)
            return subject in genres and count == of_genre
        if kind == "genre":
            return subject in genres
        if kind == "popular":
            month = self._feature("plays_count_30d", title_id)
            return month == count and self._feature("plays_count_all", title_id) > 0
        return False

    def _feature(self, name: str, title_id: str) -> float:
        return float(self.features[f"title_{name}"][self.index[title_id]])
