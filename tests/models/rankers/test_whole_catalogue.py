"""The whole catalogue by parts of the trees: the scores that pairs with all of their features have, to the last bit."""

from dataclasses import replace

import numpy as np
import pytest

from conf.errors import Rejected
from conf.rankers import ranker_settings
from models.candidates.features import CONTEXT, FEATURES, PROFILE, TITLE
from models.candidates.moment import Moment
from models.catalogue.arrays import Neighbours, Profiles
from models.rankers import whole_catalogue
from models.rankers.lambdarank import Queries, fit_ranker
from models.rankers.quickscorer import BLOCK, MaskScorer, Scorer, scorer
from models.rankers.whole_catalogue import WholeCatalogue
from tests.models.page import small

NAMES = ranker_settings("pvr").features(FEATURES)
TITLES = BLOCK + 70
IDS = [f"t{number:04d}" for number in range(TITLES)]


def random_values(rng: np.random.Generator, size: int) -> np.ndarray:
    values = np.round(rng.normal(2, 2, size), 1).astype(np.float32)
    values[rng.random(size) < 0.1] = np.nan
    return values


def moment_and_profiles(seed: int = 1) -> tuple[Moment, Profiles]:
    rng = np.random.default_rng(seed)
    genres = [sorted(rng.choice(["Crime", "Drama", "Noir"], 2, replace=False)) for _ in IDS]
    catalogue = small.catalogue({t: {"genres": own} for t, own in zip(IDS, genres, strict=True)})
    catalogue.features.update({name: np.abs(random_values(rng, TITLES)) for name in TITLE})
    catalogue.features["title_launch_age_days"][:] = np.nan
    offsets = np.arange(0, 5 * TITLES + 1, 5)
    weight = rng.random(5 * TITLES).astype(np.float32)
    near = Neighbours(offsets, rng.integers(0, TITLES, 5 * TITLES).astype(np.int32), weight)
    people = {f"p{p}": {"history": list(rng.choice(IDS, 7 * p, replace=False))} for p in range(6)}
    profiles = small.profiles(catalogue, people)
    profiles.features.update({name: random_values(rng, 6) for name in PROFILE})
    return Moment(catalogue, near, near, dict.fromkeys(CONTEXT, 0.5), per_source=3), profiles


@pytest.fixture(scope="module")
def pvr() -> Scorer:
    """A ranker whose trees ask for every feature there is."""
    moment, profiles = moment_and_profiles(2)
    found = moment.pairs(profiles, whole=True, names=NAMES)
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 2, len(found.title))
    settings = ranker_settings("pvr").model_copy(
        update={"trees": 60, "rows_in_leaf": 5, "models": 1}
    )
    return scorer(fit_ranker(Queries(found.matrix, labels, found.counts), settings, NAMES))


def test_scores_are_those_of_pairs_to_the_last_bit(pvr: Scorer) -> None:
    assert isinstance(pvr, MaskScorer)
    asked = {NAMES[feature] for feature in pvr.masks.feature}
    assert asked & set(whole_catalogue.DIFFERENCES)
    assert asked & set(whole_catalogue.PERSONAL) and asked & set(TITLE) and asked & set(PROFILE)
    moment, profiles = moment_and_profiles()
    found = moment.pairs(profiles, whole=True, names=NAMES)
    plain = found.dense(pvr(found.matrix), TITLES)
    whole = WholeCatalogue(moment.catalogue, pvr, NAMES, "pvr-1")
    for _ in range(2):  # what titles leave is kept
        assert np.array_equal(whole.ordered(moment.inputs(profiles)).scores, plain)


def test_a_ranker_without_masks_scores_pairs(pvr: Scorer) -> None:
    moment, profiles = moment_and_profiles()
    by_itself = WholeCatalogue(moment.catalogue, lambda rows: pvr(rows), NAMES, "")
    by_parts = WholeCatalogue(moment.catalogue, pvr, NAMES, "")
    inputs = moment.inputs(profiles)
    assert np.array_equal(by_itself.ordered(inputs).scores, by_parts.ordered(inputs).scores)


def test_ranks_among_candidates_are_no_feature_of_a_pair_alone() -> None:
    moment, profiles = moment_and_profiles()
    found = moment.pairs(profiles, whole=True)
    labels = (found.matrix[:, FEATURES.index("ease_rank")] < 50).astype(int)
    settings = ranker_settings("pvr").model_copy(update={"trees": 3, "models": 1})
    ranker = scorer(fit_ranker(Queries(found.matrix, labels, found.counts), settings, FEATURES))
    scores = WholeCatalogue(moment.catalogue, ranker, FEATURES, "").ordered(moment.inputs(profiles))
    assert np.array_equal(scores.scores, found.dense(ranker(found.matrix), TITLES))


def test_parts_that_score_otherwise_than_pairs_are_refused(
    pvr: Scorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment, profiles = moment_and_profiles()
    inputs = moment.inputs(profiles)
    whole = WholeCatalogue(moment.catalogue, pvr, NAMES, "pvr-1")
    assert isinstance(pvr, MaskScorer)
    other = pvr.masks._replace(threshold=pvr.masks.threshold + 1)
    monkeypatch.setitem(
        whole.__dict__,
        "_by_title",
        WholeCatalogue(moment.catalogue, replace(pvr, masks=other), NAMES, "")._by_title,
    )
    with pytest.raises(Rejected, match="otherwise than its pairs"):
        whole.ordered(inputs)
