"""Worlds made to break pages: a child among films for adults, everything expiring tonight, one title, 10,000 rows."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from benchmarks.page.figures import BUILDERS, WORTH
from benchmarks.page.violations import violations
from conf.pages import pages
from conf.rows import Rows, rows
from models.artwork.gallery import Gallery
from models.artwork.pools import ArtworkPools
from models.catalogue.arrays import Catalogue, Neighbours, Profiles
from models.page.build import build_pages
from models.page.rows.orders import FLOAT

TONIGHT_S = 3600.0  # until the end of every title's window
OFFERS = 10_000
Case = tuple[str, Catalogue, Profiles, FLOAT, Neighbours, Rows]


def adversarial(
    catalogue: Catalogue, profiles: Profiles, scores: FLOAT, near: Neighbours
) -> dict[str, dict[str, int]]:
    """The rules that each builder's pages break in each hard case made of a real moment; rules that are kept are left
    out. Pages of titles that expire tonight also have to say so."""
    found: dict[str, dict[str, int]] = {}
    for name, shop, people, wishes, similar, kinds in _cases(catalogue, profiles, scores, near):
        for builder in BUILDERS:
            layout = pages().model_copy(update={"builder": builder})
            made = build_pages(shop, people, wishes, similar, "r", layout, kinds, WORTH)
            broken = violations(made, shop, people, layout, kinds) | _overdue(name, made, shop)
            if broken:
                found[f"{name}, {builder}"] = broken
    return found


def _cases(
    catalogue: Catalogue, profiles: Profiles, scores: FLOAT, near: Neighbours
) -> Iterator[Case]:
    """Each hard case."""
    rng = np.random.default_rng(7)
    ages = rng.choice([0, 7, 12, 13, 16, 18, -1], catalogue.size).astype(np.int16)
    grown_up = replace(catalogue, maturity=ages)
    children = replace(
        profiles,
        kids=np.ones(profiles.size, bool),
        maturity_limit=np.full(profiles.size, 7, np.int16),
    )
    yield "a child", grown_up, children, scores, near, rows()
    until = np.full(catalogue.size, catalogue.as_of_s + TONIGHT_S)
    expiring = replace(catalogue, ends_s=dict.fromkeys(catalogue.available, until))
    yield "everything expires tonight", expiring, profiles, scores, near, rows()
    only = int(np.argmax(catalogue.features["title_plays_count_all"]))
    alone = {
        country: mask & (np.arange(catalogue.size) == only)
        for country, mask in catalogue.available.items()
    }
    yield "one title", replace(catalogue, available=alone), profiles, scores, near, rows()
    yield "10,000 rows", *_many(catalogue, profiles, rng)


def _many(
    catalogue: Catalogue, profiles: Profiles, rng: np.random.Generator
) -> tuple[Catalogue, Profiles, FLOAT, Neighbours, Rows]:
    """One profile that liked so many titles that each gives a row of its own."""
    size = OFFERS + 2000
    shop = _wide(catalogue, size)
    played = np.arange(OFFERS, dtype=np.int32)
    one = _one(profiles, played, catalogue.as_of_s)
    each = 40
    near = Neighbours(
        np.arange(size + 1, dtype=np.int64) * each,
        rng.integers(OFFERS, size, size * each).astype(np.int32),
        np.sort(rng.random((size, each)).astype(np.float32), axis=1)[:, ::-1].ravel().copy(),
    )
    near = _distinct(near, each)
    wishes = np.where(np.arange(size) >= OFFERS, rng.normal(size=size), -np.inf).astype(np.float32)[
        None, :
    ]
    kind = rows().kinds["because_you_watched"].model_copy(update={"most_rows": OFFERS})
    kinds = rows().model_copy(update={"kinds": {**rows().kinds, "because_you_watched": kind}})
    return shop, one, wishes, near, kinds


def _distinct(near: Neighbours, each: int) -> Neighbours:
    """Without titles that a list holds twice."""
    owner = np.repeat(np.arange(len(near.offsets) - 1), each)
    _, first = np.unique(owner * (len(near.offsets) - 1) + near.title, return_index=True)
    keep = np.sort(first)
    ends = np.concatenate(
        [[0], np.cumsum(np.bincount(owner[keep], minlength=len(near.offsets) - 1))]
    )
    return Neighbours(ends.astype(np.int64), near.title[keep], near.weight[keep])


def _wide(catalogue: Catalogue, size: int) -> Catalogue:
    """The catalogue again and again under other ids, until it has so many titles."""
    at = np.arange(size) % catalogue.size
    ids = np.array([f"{number:06d}" for number in range(size)], object)
    copies = {name: values[at] for name, values in catalogue.features.items()}
    return replace(
        catalogue,
        title_ids=ids,
        names=ids,
        genre_matrix=catalogue.genre_matrix[at],
        maturity=catalogue.maturity[at],
        features=copies,
        available={"": np.ones(size, bool)},
        ends_s={"": np.full(size, np.inf)},
        since_s={},
        back={},
        country_plays={},
        facets={},
        audio={},
        gallery=_no_pictures(catalogue, ids, at),
        credits=None,
        similar=None,
    )


def _no_pictures(
    catalogue: Catalogue, ids: NDArray[np.object_], at: NDArray[np.integer]
) -> Gallery:
    none = np.zeros(0, np.int32)
    size = len(ids)
    empty = ArtworkPools(
        np.zeros(size + 1, np.int64), np.zeros(0, object), (), none, none, none.astype(np.int16)
    )
    return replace(catalogue.gallery, pools=empty, title_ids=ids, title_ages=catalogue.maturity[at])


def _one(profiles: Profiles, played: NDArray[np.int32], as_of_s: float) -> Profiles:
    """The first profile with another history."""
    size = len(played)
    return replace(
        profiles,
        pvr=None,
        profile_ids=profiles.profile_ids[:1],
        offsets=np.array([0, size], np.int64),
        title=played,
        last_at_s=as_of_s - 60 * np.arange(1, size + 1, dtype=np.float64),
        plays=np.ones(size, np.int32),
        stars=np.full(size, np.nan, np.float32),
        features={n: v[:1] for n, v in profiles.features.items()},
        country=profiles.country[:1],
        maturity_limit=profiles.maturity_limit[:1],
        kids=profiles.kids[:1],
        blocked=profiles.blocked[:1],
        viewing=None,
        listed=None,
        wish=None,
        p_continues=None,
        understands=None,
        language=None,
    )


def _overdue(name: str, made: pa.Table, catalogue: Catalogue) -> dict[str, int]:
    """Pages that do not say that their titles end."""
    if name != "everything expires tonight":
        return {}
    said = made["valid_until"].cast(pa.int64()).to_numpy(zero_copy_only=False) / 1e6
    wrong = int(np.count_nonzero(~(np.abs(said - catalogue.as_of_s - TONIGHT_S) < 1)))
    return {"a page does not say how long it is valid": wrong} if wrong else {}
