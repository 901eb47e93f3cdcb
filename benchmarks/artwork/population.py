"""Simulated accounts that live the same days under every policy: only artwork differs."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from closed_loop.folder import true_world
from conf.candidates import candidate_settings
from conf.days import WHOLE_DAY_S
from conf.pages import pages
from conf.settings import load_settings
from conf.world import ACCOUNTS_AT_ONCE, WorldSettings, world_settings
from models.artwork.choice import ArtworkSlots
from models.artwork.impressions import Impressions
from models.artwork.pools import INTS, ArtworkPools
from models.candidates.ease import ease
from models.catalogue.from_arrow import artwork_pools
from simulator import client_view, days
from simulator.arrays import MemberArrays, PageArrays, SessionLog, States
from simulator.members import members, profile_ids
from simulator.parameters import (
    behaviour_parameters,
    catalogue_days,
    language_bits,
    member_arrays,
)
from simulator.records import states_of
from simulator.truth import TrueMembers, World
from simulator.watching import CELL, DURATION, KIND, PLAY, WATCHED

ROWS, COLUMNS = 15, 12  # of every page
ROUNDING = 0.001  # of a title, by which watched seconds fall short of the share reached
LOOKED_AT = 4  # the column of an impression that says so
PROFILES_OF_ACCOUNT = 5  # at most; profiles are numbered by account


class PopulationDay(NamedTuple):
    """What all m profiles meet on one day, whatever the artwork."""

    number: int
    before: States
    genre_counts: INTS  # (m, g) titles of each genre played before
    played: INTS  # (m,) titles played before
    offsets: INTS  # (m + 1,) profile i has the cells offsets[i]:offsets[i + 1]
    title: NDArray[np.int32]  # (cells,)


class DayOutcome(NamedTuple):
    """What a day's artwork led to: a row for each cell that came into view."""

    impressions: Impressions
    cell: INTS  # (N,)
    second: INTS  # (N,) of the first impression, from midnight
    looks: INTS  # (N,) sessions in which the title was looked at
    plays: INTS  # (N,) 1 where the title was played from the cell, 0 else


class Population:
    """The profiles of some accounts after their past, with the pages of a simple recommender."""

    def __init__(self, truth: World, settings: WorldSettings, accounts: int) -> None:
        self.truth, self.settings = truth, settings
        self.members: TrueMembers = members(truth, settings, 0, accounts)
        self.member_arrays = member_arrays(self.members)
        self.parameters = behaviour_parameters(truth, settings)
        title_ids = np.array(truth.title_ids, object)
        artwork = client_view.artwork_table(truth, settings)
        self.pools: ArtworkPools = artwork_pools(artwork, title_ids)
        if list(self.pools.artwork_ids) != list(truth.artwork_ids):
            raise ValueError("the world numbers its artwork in another order")
        self.states = _past_states(truth, settings, accounts)
        history = self.histories()
        gram = (history.T @ history).toarray()
        self._ease = ease(gram, candidate_settings().ease_ridge)

    @property
    def size(self) -> int:
        """Number of profiles."""
        return len(self.members.index)

    @property
    def profile_ids(self) -> NDArray[np.object_]:
        """(m,) text."""
        return np.array(profile_ids(self.members.index), object)

    @property
    def account(self) -> INTS:
        """(m,) the account of each profile."""
        return self.members.index // PROFILES_OF_ACCOUNT

    def day(self, number: int) -> PopulationDay:
        """A day that begins in the present state, with each profile's page by EASE."""
        history = self.histories()
        is_candidate = self.legal(number) & ~history.toarray().astype(bool)
        scores = np.where(is_candidate, self.scores(history), -np.inf)
        best = np.argsort(-scores, axis=1, kind="stable")[:, : ROWS * COLUMNS].astype(np.int32)
        is_title = np.isfinite(np.take_along_axis(scores, best, axis=1))
        genres = self.truth.titles.genres.astype(np.float32)
        return PopulationDay(
            number=number,
            before=self.states,
            genre_counts=np.asarray(history @ genres, np.int64),
            played=np.diff(self.states.first).astype(np.int64),
            offsets=np.concatenate([[0], np.cumsum(is_title.sum(axis=1))]),
            title=best[is_title],
        )

    def live(
        self,
        day: PopulationDay,
        artwork: INTS,
        profiles: INTS | None = None,
        replication: int = 0,
    ) -> tuple[DayOutcome, States]:
        """The day of `profiles` (by default all) with artwork (cells,), and the states after it.

        Another `replication` has the same sessions with other luck.
        """
        lived = np.arange(self.size) if profiles is None else profiles
        page, cells = _pages_of(day, artwork, lived)
        members_of_day = MemberArrays(*(column[lived] for column in self.member_arrays))
        catalogue = catalogue_days(self.truth.titles, self.settings, day.number, 1)
        before = _states_of_profiles(day.before, lived)
        parameters = self.parameters._replace(replication=replication)
        log, after = days.simulated_log(parameters, catalogue, members_of_day, before, page)
        return self._outcome(day, artwork, cells, log), after

    def _outcome(
        self, day: PopulationDay, artwork: INTS, cells: INTS, log: SessionLog
    ) -> DayOutcome:
        """The outcome of a day's log, whose cells are `cells` of the day."""
        seen, events = log.impressions[: log.used[1]], log.events[: log.used[0]]
        seen_cell, first, row, count = np.unique(
            seen[:, 1], return_index=True, return_inverse=True, return_counts=True
        )
        looks = np.bincount(row, seen[:, LOOKED_AT], len(seen_cell)).astype(np.int64)
        least_share = self.settings.quality_play - ROUNDING
        is_watched = events[:, WATCHED] >= least_share * events[:, DURATION]
        is_play = (events[:, CELL] >= 0) & (events[:, KIND] == PLAY)
        quality_play = np.isin(seen_cell, events[is_play & is_watched, CELL])
        cell = cells[seen_cell]
        profile = np.searchsorted(day.offsets, cell, side="right") - 1
        position = cell - day.offsets[profile]
        impressions = Impressions(
            feature_row=profile,
            profile=profile,
            title=day.title[cell].astype(np.int64),
            artwork=artwork[cell],
            row_position=1 + position // COLUMNS,
            column_position=1 + position % COLUMNS,
            impressions=count,
            quality_plays=quality_play.astype(np.int64),
            weight=np.ones(len(cell)),
        )
        plays = np.isin(seen_cell, events[is_play, CELL]).astype(np.int64)
        second = seen[first, 2] - WHOLE_DAY_S * day.number
        return DayOutcome(impressions, cell, second, looks, plays)

    def scores(self, history: sparse.csr_matrix) -> NDArray[np.float32]:
        """EASE's scores (m, n) of the histories."""
        return np.asarray(history @ self._ease, np.float32)

    def histories(self) -> sparse.csr_matrix:
        """1 for each title that a profile ever played (m, n)."""
        title, first = self.states.entries["title"], self.states.first
        plays = np.ones(len(title), np.float32)
        return sparse.csr_matrix((plays, title, first), (self.size, len(self.truth.title_ids)))

    def legal(self, day: int) -> NDArray[np.bool_]:
        """Mask (m, n) of the titles that each profile may play on a day."""
        titles, profiles = self.truth.titles, self.members
        catalogue = catalogue_days(titles, self.settings, day, 1)
        is_available = catalogue.available[0, profiles.country]
        is_suitable = titles.maturity[None, :] <= profiles.limit[:, None]
        understood = language_bits(profiles.understands)[:, None]
        is_understood = (understood & language_bits(titles.spoken)[None, :]) != 0
        return is_available & is_suitable & is_understood


def population_of(accounts: int) -> Population:
    """The accounts of the world as conf describes it, made from MovieLens-100k."""
    settings = world_settings()
    return Population(true_world(settings, load_settings()), settings, accounts)


def page_slots(day: PopulationDay) -> ArtworkSlots:
    """The cells of a day's pages as slots for artwork; each title stands once on a page."""
    profile = np.repeat(np.arange(len(day.offsets) - 1), np.diff(day.offsets))
    position = np.arange(len(day.title)) - day.offsets[profile]
    screen = np.zeros(ROWS, np.int64)
    screen[: len(pages().screen)] = pages().screen
    on_screen = position % COLUMNS < screen[position // COLUMNS]
    return ArtworkSlots(profile, day.title.astype(np.int64), on_screen)


def _pages_of(day: PopulationDay, artwork: INTS, profiles: INTS) -> tuple[PageArrays, INTS]:
    """The pages of some profiles, and for each of their cells the cell of the day that it is."""
    sizes, cells = _entries_of(day.offsets, profiles)
    rows = -(-sizes // COLUMNS)
    width = np.full(rows.sum(), COLUMNS)
    last_row = np.cumsum(rows)[rows > 0] - 1
    width[last_row] = (sizes - (rows - 1) * COLUMNS)[rows > 0]
    row_offsets = np.concatenate([[0], np.cumsum(rows)])
    cell_offsets = np.concatenate([[0], np.cumsum(width)])
    return PageArrays(
        row_offsets, cell_offsets, day.title[cells], artwork[cells].astype(np.int32)
    ), cells


def _states_of_profiles(states: States, profiles: INTS) -> States:
    sizes, entries = _entries_of(states.first, profiles)
    first = np.concatenate([[0], np.cumsum(sizes)])
    return States(first, states.entries[entries], states.standings[profiles])


def _entries_of(offsets: INTS, owners: INTS) -> tuple[INTS, INTS]:
    """Number of entries of each owner, and the indices of all these entries, owner by owner."""
    sizes = np.diff(offsets)[owners]
    ends = np.concatenate([[0], np.cumsum(sizes)])
    return sizes, np.repeat(offsets[owners] - ends[:-1], sizes) + np.arange(ends[-1])


def _past_states(truth: World, settings: WorldSettings, accounts: int) -> States:
    """What every profile remembers of the days before the first page."""
    parts = []
    for first in range(0, accounts, ACCOUNTS_AT_ONCE):
        past = days.past_outcome(truth, settings, first, min(ACCOUNTS_AT_ONCE, accounts - first))
        parts.append(states_of(past["state"]))
    sizes = np.concatenate([[0], *(np.diff(part.first) for part in parts)])
    entries = np.concatenate([part.entries for part in parts])
    standings = np.concatenate([part.standings for part in parts])
    return States(sizes.cumsum(), entries, standings)
