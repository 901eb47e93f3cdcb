"""A batch of offers as the compiled choice of rows sees it: worth and genres of titles, what profiles played."""

import numpy as np
from numpy.typing import NDArray

from conf.days import DAY_S
from conf.draws import fibonacci_unit
from conf.keys import bucket
from conf.pages import Continuing, Pages, Worth
from conf.rows import Rows
from models.catalogue.arrays import Catalogue, Profiles
from models.page.layout.row_features import OFFER, PROFILE, TITLE, OfferBatch, Records
from models.page.layout.row_score import ChoiceParameters, fill_own_worths
from models.page.rows.country_orders import age_days
from models.page.rows.offers import Offers
from models.page.rows.orders import FLOAT, pools_by_score
from models.ragged import INTS, Ragged


def offer_batch(
    catalogue: Catalogue,
    profiles: Profiles,
    scores: FLOAT,
    row_offers: Offers,
    kinds: Rows,
    layout: Pages,
) -> OfferBatch:
    """The offers of a batch of profiles, whose own scores of titles (m, n) are -inf where a title is no candidate.

    Of more offers than `candidates` those that are worth most alone compete, and all of kinds that are required.
    """
    most, mix, choice = len(kinds.kinds), genre_mix(catalogue), layout.choice
    batch = OfferBatch(
        offers=_offers(catalogue, profiles, row_offers, kinds),
        title=row_offers.title,
        titles=_titles(catalogue, layout),
        profiles=_profiles(profiles, row_offers),
        worth=worth(catalogue, profiles, scores, choice.worth),
        own_mix=own_mix(profiles, mix),
        mix=mix,
        habits=np.zeros((profiles.size, most, 2), np.float32),
    )
    fill_own_worths(batch, choice.head, layout.attention[1])
    order = np.lexsort((np.arange(len(row_offers.kind)), -batch.offers["own"], row_offers.profile))
    required = np.array([name in layout.required for name in kinds.kinds])
    batch.offers["competes"] = required[row_offers.kind]
    rank = Ragged.from_runs(row_offers.profile).index_within
    batch.offers["competes"][order] |= rank < choice.candidates
    batch.offers["position"] = continuation_positions(
        profiles, row_offers, kinds, choice.continuing, catalogue.as_of_s
    )
    batch.offers["competes"] |= batch.offers["position"] > 0
    return batch


def continuation_positions(
    profiles: Profiles, row_offers: Offers, kinds: Rows, continuing: Continuing, as_of_s: float
) -> INTS:
    """(o,) where a profile's row of titles to continue stands, 0 for wherever its score puts it.

    It is `position` for who may go on with something in the next session, or of whom nothing is
    known, and the first for who was in the middle of something in the last `fresh_days` or will go
    on almost surely. Below `least` the row stands by its score.
    """
    resumes = np.array([kind.order == "resume" for kind in kinds.kinds.values()])[row_offers.kind]
    positions = np.where(resumes, continuing.position, 0)
    is_fresh = _last_begun_at_s(profiles) > as_of_s - DAY_S * continuing.fresh_days
    positions[resumes & is_fresh[row_offers.profile]] = 1
    if profiles.p_continues is not None:
        p = profiles.p_continues[row_offers.profile]
        positions[resumes & (p >= continuing.first_from)] = 1
        positions[p < continuing.least] = 0
    return positions


def _offers(catalogue: Catalogue, profiles: Profiles, row_offers: Offers, kinds: Rows) -> Records:
    records = np.zeros(len(row_offers.kind), OFFER)
    records["kind"], records["first"], records["size"] = (
        row_offers.kind,
        row_offers.starts,
        row_offers.counts,
    )
    records["index"] = _index_in_kind(row_offers, kinds)
    records["tie_break"] = tie_breaks(catalogue, profiles, row_offers, kinds)
    return records


def _titles(catalogue: Catalogue, layout: Pages) -> Records:
    records = np.zeros(catalogue.size, TITLE)
    records["popularity"] = np.log1p(catalogue.features["title_plays_count_30d"])
    records["recent"] = np.log1p(catalogue.features["title_plays_count_7d"])
    records["fresh"] = age_days(catalogue, "") <= layout.exploration.days
    return records


def _profiles(profiles: Profiles, row_offers: Offers) -> Records:
    records = np.zeros(profiles.size, PROFILE)
    offers_of = Ragged.from_owners(row_offers.profile, profiles.size)
    records["first"], records["size"] = offers_of.starts, offers_of.counts
    records["log_history"] = np.log1p(profiles.counts)
    records["p_continues"] = 0 if profiles.p_continues is None else profiles.p_continues
    return records


def _last_begun_at_s(profiles: Profiles) -> NDArray[np.float64]:
    """(m,) when each profile last played what it can go on with, epoch seconds; -inf for nothing."""
    entry = profiles.states.to_continue
    last_at_s = np.full(profiles.size, -np.inf)
    np.maximum.at(last_at_s, profiles.owners[entry], profiles.last_at_s[entry])
    return last_at_s


def worth(catalogue: Catalogue, profiles: Profiles, scores: FLOAT, curve: Worth) -> FLOAT:
    """The chance that each profile plays each title (m, n), up to a factor: (rank + shift)^-power.

    The rank is that in the profile's own ranking, from 1, and for a profile without history the one by plays in 30
    days. What the ranking does not hold and what was played before has a rank of its own. Of what a profile can go on
    with the k-th most wanted is worth the first of its ranking times p / `continues` / k, p being the probability that
    the profile's next session goes on with something.
    """
    rank = np.full(scores.shape, curve.unranked, np.float32)
    own_ranking = pools_by_score(scores)
    rank[own_ranking.owners, own_ranking.title] = 1 + own_ranking.index_within
    plays_count = catalogue.features["title_plays_count_30d"]
    by_plays = np.empty(catalogue.size, np.float32)
    by_plays[np.lexsort((np.arange(catalogue.size), -plays_count))] = 1 + np.arange(catalogue.size)
    rank[profiles.counts == 0] = by_plays
    rank[profiles.owners, profiles.title] = curve.own
    worth = np.asarray((rank + curve.shift) ** -curve.power, np.float32)
    if profiles.p_continues is not None:
        owner, title, nth = _to_continue(profiles)
        worth[owner, title] = (
            profiles.p_continues[owner] / curve.continues / nth * (1 + curve.shift) ** -curve.power
        )
    return worth


def _to_continue(profiles: Profiles) -> tuple[INTS, INTS, INTS]:
    """Profile and title of what can be gone on with, the most wanted of a profile first, and its rank from 1."""
    entry = np.flatnonzero(profiles.states.to_continue)
    owner = profiles.owners[entry]
    wish = (
        np.zeros(len(entry), np.float32)
        if profiles.wish is None
        else np.nan_to_num(profiles.wish[entry])
    )
    order = np.lexsort((entry, -wish, owner))
    return (
        owner[order],
        profiles.title[entry[order]].astype(np.int64),
        Ragged.from_runs(owner[order]).index_within + 1,
    )


def genre_mix(catalogue: Catalogue) -> FLOAT:
    """Each title's genres, scaled to sum 1 (n, g); all 0 for a title without genres."""
    marks = catalogue.genre_matrix.astype(np.float32)
    return marks / np.maximum(marks.sum(axis=1, keepdims=True), 1)


def own_mix(profiles: Profiles, mix: FLOAT) -> FLOAT:
    """The mean mix of what each profile played (m, g), scaled to sum 1; 0 where nothing it played has genres."""
    total = np.zeros((profiles.size, mix.shape[1]), np.float32)
    np.add.at(total, profiles.owners, mix[profiles.title])
    return total / np.maximum(total.sum(axis=1, keepdims=True), 1e-9)


def choice_parameters(layout: Pages) -> ChoiceParameters:
    """The numbers of conf/pages.yaml for the compiled choice; `independent` scores each row once, by itself."""
    alone, choice, (down, right) = layout.builder == "independent", layout.choice, layout.attention
    return ChoiceParameters(
        down,
        right,
        choice.head,
        0 if alone else choice.full_rows,
        0 if alone else choice.search.rows,
        choice.search.width,
        choice.search.of,
        min(choice.search.head, choice.head),
        choice.search.right,
        0.0 if alone else choice.diversity,
        0.0 if alone else choice.calibration,
        choice.steps,
        alone,
    )


def tie_breaks(
    catalogue: Catalogue, profiles: Profiles, row_offers: Offers, kinds: Rows
) -> NDArray[np.float64]:
    """A number in [0, 1) for each offer, the same on every day that the profile has such a row: the order of equals."""
    of_profile = np.array([bucket(name, "rows", 2**32) for name in profiles.profile_ids], np.uint64)
    of_kind = np.array([bucket(name, "rows", 2**32) for name in kinds.kinds], np.uint64)
    by_anchor = np.array([kind.per == "anchor" for kind in kinds.kinds.values()])[row_offers.kind]
    subject = _index_in_kind(row_offers, kinds).astype(np.uint64)
    subject[by_anchor] = _title_numbers(catalogue, row_offers.subject[by_anchor])
    return fibonacci_unit(of_profile[row_offers.profile], of_kind[row_offers.kind], subject)


def _index_in_kind(row_offers: Offers, kinds: Rows) -> INTS:
    """(o,) the index of each offer among those of its profile and kind."""
    return Ragged.from_runs(row_offers.profile * len(kinds.kinds) + row_offers.kind).index_within


def _title_numbers(catalogue: Catalogue, titles: INTS) -> NDArray[np.uint64]:
    different, index = np.unique(titles, return_inverse=True)
    return np.array([bucket(catalogue.title_ids[t], "rows", 2**32) for t in different], np.uint64)[
        index
    ]
