"""Whole pages of a town: every cell's picture, and every cell's reason checked by a slow reader of its own."""

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.artwork.learners import FIRST, Learner
from benchmarks.artwork.population import Town
from conf.artwork import artwork
from conf.candidates import candidate_settings
from conf.days import DAY_S
from conf.evidence import evidence
from conf.windows import COUNT_WINDOWS, TREND_DAYS
from models.candidates.item_knn import cosine
from models.candidates.moment import strongest
from models.catalogue.arrays import Catalogue, Neighbours, Profiles
from models.page.build import build_pages

MEMBERS = 200  # whose pages are read


def evidence_figures(town: Town, arm: Learner, day: int) -> dict[str, object]:
    """`false_evidence` over all cells of the pages of some members, the kinds of reason said, and missing pictures."""
    shop, people, near, scores = _page_inputs(town, arm, day)
    rows = build_pages(shop, people, scores, near, "bench").to_pylist()
    reader = _Reader(town, shop, people, near)
    cells = [
        (row["profile_id"], row["evidence_type"], cell) for row in rows for cell in row["cells"]
    ]
    wrong = [entry for entry in cells if not reader.believes(*entry)]
    drawn = [cell for _, _, cell in cells if cell["artwork_id"]]
    return {
        "false_evidence": len(wrong),
        "page_cells": len(cells),
        "page_cells_without_picture": len(cells) - len(drawn),
        "page_title_cards": sum(cell["artwork_id"] == artwork().title_card for cell in drawn),
        "page_least_propensity": min(cell["propensity"] for cell in drawn),
        "reasons": dict(Counter(cell["evidence_type"] for _, _, cell in cells).most_common()),
    }


def _page_inputs(
    town: Town, arm: Learner, day: int
) -> tuple[Catalogue, Profiles, Neighbours, NDArray[np.float32]]:
    """The catalogue with what is known of titles, the first members, cosine neighbours and EASE scores."""
    titles, history = town.truth.titles, town.histories()
    gram = (history.T @ history).toarray()
    near = strongest(cosine(gram), candidate_settings().cosine_neighbours)
    gallery = arm.gallery.under(arm.gallery.policy, FIRST + timedelta(days=day))
    legal = town.legal(day)[:MEMBERS]
    here = "town"  # one country: what is legal differs by member, and is asked of each below
    shop = Catalogue(
        title_ids=np.array(town.truth.title_ids, object),
        names=np.array(town.truth.names, object),
        genres=town.truth.genre_names,
        genre_matrix=titles.genres,
        maturity=titles.maturity.astype(np.int16),
        features=_features(town, day),
        available={name: np.ones(len(titles.series), bool) for name in ("", here)},
        ends_s={name: np.full(len(titles.series), np.inf) for name in ("", here)},
        gallery=gallery,
        as_of_s=day * DAY_S,
        similar=near,
    )
    people = _profiles(town, arm, day)
    blocked = tuple(np.flatnonzero(~mine).astype(np.int32) for mine in legal)
    scores = np.where(
        legal & ~history[:MEMBERS].toarray().astype(bool), town.scores(history[:MEMBERS]), -np.inf
    )
    return shop, replace(people, blocked=blocked), near, scores.astype(np.float32)


def _features(town: Town, day: int) -> dict[str, NDArray[np.float32]]:
    """Plays by window as the members remember them: each title once, on the day it was last played."""
    entries, size = town.states.entries, len(town.truth.title_ids)
    age = day - entries["last_day"]
    counts = {
        w: np.bincount(entries["title"][age <= w], minlength=size).astype(np.float32)
        for w in (*COUNT_WINDOWS, TREND_DAYS)
    }
    told = {f"title_plays_count_{w}d": counts[w] for w in COUNT_WINDOWS}
    told["title_plays_count_all"] = np.bincount(entries["title"], minlength=size).astype(np.float32)
    for trend in ("title_trend_7d", "title_trend_30d"):
        told[trend] = np.log((counts[7] + 1) / ((counts[TREND_DAYS] - counts[7]) / 4 + 1))
    told["title_launch_age_days"] = (day - town.truth.titles.launched).astype(np.float32)
    unknown = (
        "title_first_play_age_days",
        "title_year_age",
        "title_stars_mean",
    )  # nobody in town gives stars
    told |= {name: np.full(size, np.nan, np.float32) for name in unknown}
    return told | {"title_stars_count": np.zeros(size, np.float32)}


def _profiles(town: Town, arm: Learner, day: int) -> Profiles:
    first, entries = (
        town.states.first[: MEMBERS + 1],
        town.states.entries[: town.states.first[MEMBERS]],
    )
    order = np.lexsort(
        (entries["title"], -entries["last_day"], np.repeat(np.arange(MEMBERS), np.diff(first)))
    )
    told, size = entries[order], len(entries)
    languages = [evidence().first, *list(evidence().texts)[1:]]
    return Profiles(
        profile_ids=town.profile_ids[:MEMBERS],
        offsets=first.astype(np.int64),
        title=told["title"].astype(np.int32),
        last_at_s=told["last_day"] * DAY_S,
        plays=np.maximum(told["plays"], 1).astype(np.int32),
        stars=np.where(np.arange(size) % 7 == 0, 2.0, np.nan).astype(np.float32),
        features={},
        country=np.full(MEMBERS, "town", object),
        maturity_limit=town.members.limit[:MEMBERS].astype(np.int16),
        kids=town.members.kids[:MEMBERS],
        blocked=tuple(np.zeros(0, np.int32) for _ in range(MEMBERS)),
        language=np.array([languages[n % len(languages)] for n in range(MEMBERS)], object),
    )


class _Reader:
    """Believes a reason only if the town's own records say the same; knows nothing of how reasons are made."""

    def __init__(self, town: Town, shop: Catalogue, people: Profiles, near: Neighbours) -> None:
        ids = list(town.truth.title_ids)
        self.at = {title: place for place, title in enumerate(ids)}
        self.shop, self.settings = shop, evidence()
        self.genres = [
            {g for g, has in zip(shop.genres, row, strict=True) if has}
            for row in shop.genre_matrix.tolist()
        ]
        self.near = {
            ids[t]: {ids[o] for o in near.title[near.offsets[t] : near.offsets[t + 1]]}
            for t in range(len(ids))
        }
        self.plays: dict[str, dict[str, int]] = defaultdict(dict)
        self.liked: dict[str, set[str]] = defaultdict(set)
        for p, profile in enumerate(people.profile_ids):
            for h in range(people.offsets[p], people.offsets[p + 1]):
                title = ids[people.title[h]]
                self.plays[profile][title] = int(people.plays[h])
                if not people.stars[h] < 4:
                    self.liked[profile].add(title)

    def believes(self, profile: str, row_says: str, cell: dict[str, Any]) -> bool:
        """Whether the cell's reason is true and is said in words."""
        kind, said, title = cell["evidence_type"], cell["evidence_payload"], cell["title_id"]
        at, subject, count = self.at[title], said["subject"], said["count"]
        own, least = self.plays[profile], self.settings.least_plays
        rise, week, month, ever, age = (
            float(self.shop.features[f"title_{name}"][at])
            for name in (
                "trend_7d",
                "plays_count_7d",
                "plays_count_30d",
                "plays_count_all",
                "launch_age_days",
            )
        )
        truth = {
            "again": lambda: own.get(title) == count,
            "watched": lambda: subject in self.liked[profile] and title in self.near[subject],
            "new": lambda: int(age) == said["days"] <= self.settings.new_days,
            "trending": lambda: rise > 0 and week == count >= least,
            "taste": lambda: (
                subject in self.genres[at]
                and count == sum(subject in self.genres[self.at[t]] for t in own)
            ),
            "genre": lambda: subject in self.genres[at],
            "popular": lambda: month == count and ever > 0,
        }
        if not cell["evidence"]:
            return False
        if subject is None and count == 0 and said["days"] == 0 and kind == row_says:
            return True  # the row's own sentence
        return kind in truth and bool(truth[kind]())

    def _played(self, profile: str, genre: str) -> int:
        """How many titles of a genre the profile played."""
        return sum(genre in self.genres[self.at[title]] for title in self.plays[profile])
