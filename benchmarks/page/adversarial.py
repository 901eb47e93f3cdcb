"""Hard cases for pages, such as a child among films for adults, or a single title."""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from benchmarks.page.figures import BUILDERS, WORTH
from benchmarks.page.violations import violations
from conf.pages import pages
from conf.rows import Rows, rows
from models.artwork.gallery import Gallery
from models.artwork.pools import empty_pools
from models.catalogue.arrays import Catalogue, Neighbours, Profiles
from models.page.build import build_pages
from models.page.rows.orders import FLOAT

TONIGHT_S = 3600.0  # until the end of every title's window
EXPIRING = "everything expires tonight"
OFFERS = 10_000
OTHER_TITLES = 2000
NEIGHBOURS = 40  # of each title
AGES = (0, 7, 12, 13, 16, 18, -1)  # -1 where unknown
CHILD_AGE = 7


class HardCase(NamedTuple):
    """A moment that pages are built from."""

    name: str
    catalogue: Catalogue
    profiles: Profiles
    scores: FLOAT  # (m, n)
    neighbours: Neighbours
    kinds: Rows


def hard_case_violations(
    catalogue: Catalogue, profiles: Profiles, scores: FLOAT, neighbours: Neighbours
) -> dict[str, dict[str, int]]:
    """Violations by hard case and builder; cases without any are left out.

    Pages of titles that expire tonight also have to say so.
    """
    by_case: dict[str, dict[str, int]] = {}
    for case in hard_cases(catalogue, profiles, scores, neighbours):
        for builder in BUILDERS:
            layout = pages().model_copy(update={"builder": builder})
            page_rows = build_pages(
                case.catalogue,
                case.profiles,
                case.scores,
                case.neighbours,
                "r",
                layout,
                case.kinds,
                WORTH,
            )
            broken = violations(page_rows, case.catalogue, case.profiles, layout, case.kinds)
            if case.name == EXPIRING:
                broken |= _wrong_validity(page_rows, case.catalogue)
            if broken:
                by_case[f"{case.name}, {builder}"] = broken
    return by_case


def hard_cases(
    catalogue: Catalogue, profiles: Profiles, scores: FLOAT, neighbours: Neighbours
) -> Iterator[HardCase]:
    """Each hard case."""
    rng = np.random.default_rng(7)
    usual = HardCase("a child", catalogue, profiles, scores, neighbours, rows())
    ages = rng.choice(AGES, catalogue.size).astype(np.int16)
    children = replace(
        profiles,
        kids=np.ones(profiles.size, bool),
        maturity_limit=np.full(profiles.size, CHILD_AGE, np.int16),
    )
    yield usual._replace(catalogue=replace(catalogue, maturity=ages), profiles=children)
    ends = np.full(catalogue.size, catalogue.as_of_s + TONIGHT_S)
    expiring = replace(catalogue, ends_s=dict.fromkeys(catalogue.available, ends))
    yield usual._replace(name=EXPIRING, catalogue=expiring)
    most_played = int(np.argmax(catalogue.features["title_plays_count_all"]))
    is_most_played = np.arange(catalogue.size) == most_played
    available = {country: mask & is_most_played for country, mask in catalogue.available.items()}
    yield usual._replace(name="one title", catalogue=replace(catalogue, available=available))
    yield _many_rows(catalogue, profiles, rng)


def _many_rows(catalogue: Catalogue, profiles: Profiles, rng: np.random.Generator) -> HardCase:
    """One profile that liked so many titles that each gives a row of its own."""
    size = OFFERS + OTHER_TITLES
    neighbours = _random_neighbours(size, rng)
    random_scores = rng.normal(size=size)
    is_unplayed = np.arange(size) >= OFFERS
    scores = np.where(is_unplayed, random_scores, -np.inf).astype(np.float32)[None, :]
    kind = rows().kinds["because_you_watched"].model_copy(update={"most_rows": OFFERS})
    kinds = {**rows().kinds, "because_you_watched": kind}
    return HardCase(
        "10,000 rows",
        _repeated_catalogue(catalogue, size),
        _first_profile(profiles, np.arange(OFFERS, dtype=np.int32), catalogue.as_of_s),
        scores,
        neighbours,
        rows().model_copy(update={"kinds": kinds}),
    )


def _random_neighbours(size: int, rng: np.random.Generator) -> Neighbours:
    """NEIGHBOURS unplayed titles of each of `size` titles, less those that a list holds twice."""
    title = rng.integers(OFFERS, size, size * NEIGHBOURS).astype(np.int32)
    weight = np.sort(rng.random((size, NEIGHBOURS)).astype(np.float32), axis=1)[:, ::-1].ravel()
    owner = np.repeat(np.arange(size), NEIGHBOURS)
    _, first = np.unique(owner * size + title, return_index=True)
    distinct = np.sort(first)
    counts = np.bincount(owner[distinct], minlength=size)
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return Neighbours(offsets, title[distinct], weight[distinct])


def _repeated_catalogue(catalogue: Catalogue, size: int) -> Catalogue:
    """The catalogue again and again under other ids, until it has `size` titles.

    None has artwork.
    """
    original = np.arange(size) % catalogue.size
    title_ids = np.array([f"{number:06d}" for number in range(size)], object)
    maturity = catalogue.maturity[original]
    features = {name: values[original] for name, values in catalogue.features.items()}
    return replace(
        catalogue,
        title_ids=title_ids,
        names=title_ids,
        genre_matrix=catalogue.genre_matrix[original],
        maturity=maturity,
        features=features,
        available={"": np.ones(size, bool)},
        ends_s={"": np.full(size, np.inf)},
        since_s={},
        back={},
        country_plays={},
        facets={},
        audio={},
        gallery=_gallery_without_artwork(catalogue.gallery, title_ids, maturity),
        credits=None,
        similar=None,
    )


def _gallery_without_artwork(
    gallery: Gallery, title_ids: NDArray[np.object_], title_ages: NDArray[np.int16]
) -> Gallery:
    pools = empty_pools(len(title_ids))
    return replace(gallery, pools=pools, title_ids=title_ids, title_ages=title_ages)


def _first_profile(profiles: Profiles, played: NDArray[np.int32], as_of_s: float) -> Profiles:
    """The first profile with another history: the titles `played`, one a minute, newest first."""
    size = len(played)
    minutes_ago = np.arange(1, size + 1, dtype=np.float64)
    return replace(
        profiles,
        pvr=None,
        profile_ids=profiles.profile_ids[:1],
        offsets=np.array([0, size], np.int64),
        title=played,
        last_at_s=as_of_s - 60 * minutes_ago,
        plays=np.ones(size, np.int32),
        stars=np.full(size, np.nan, np.float32),
        features={name: values[:1] for name, values in profiles.features.items()},
        country=profiles.country[:1],
        maturity_limit=profiles.maturity_limit[:1],
        kids=profiles.kids[:1],
        blocked=profiles.blocked[:1],
        viewing=None,
        my_lists=None,
        wish=None,
        p_continues=None,
        understands=None,
        language=None,
    )


def _wrong_validity(page_rows: pa.Table, catalogue: Catalogue) -> dict[str, int]:
    """Number of rows that do not say that their titles end tonight."""
    micros = page_rows["valid_until"].cast(pa.int64()).to_numpy(zero_copy_only=False)
    difference_s = micros / 1e6 - catalogue.as_of_s - TONIGHT_S
    is_right = np.abs(difference_s) < 1
    wrong = int(np.count_nonzero(~is_right))
    return {"a page does not say how long it is valid": wrong} if wrong else {}
