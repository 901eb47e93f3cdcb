"""A town of the simulated world in which pictures alone differ: the same members, days and titles for every policy."""

from dataclasses import dataclass
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
from models.artwork.choice import Places
from models.artwork.impressions import Shown
from models.artwork.pictures import INTS, Pictures
from models.candidates.ease import ease
from models.catalogue.from_arrow import pictures_from
from simulator import client_view, days
from simulator.browsing import Pages
from simulator.members import members, profile_ids
from simulator.memory import States
from simulator.parameters import People, language_bits, laws, people, shelf
from simulator.records import states_of
from simulator.truth import Members, World
from simulator.watching import CELL, DURATION, KIND, PLAY, WATCHED, Log

ROWS, COLUMNS = 15, 12  # of every page
ROUNDING = 0.001  # of a title, by which watched seconds fall short of the share reached


class Day(NamedTuple):
    """What everybody meets on one day, whatever the pictures."""

    number: int
    before: States
    counts: INTS  # (m, g) titles of each genre played before
    played: INTS  # (m,) titles played before
    first: INTS  # (m + 1,) of each profile's titles on the page
    title: NDArray[np.int32]  # (cells,)


@dataclass(frozen=True)
class Told:
    """What came of a day's pictures: a row for each cell that came into view."""

    shown: Shown
    cell: INTS
    second: INTS  # of the first impression, from midnight


class Town:
    """The members of some accounts after their past, with the pages that a recommender of theirs would show."""

    def __init__(self, truth: World, settings: WorldSettings, accounts: int) -> None:
        self.truth, self.settings = truth, settings
        self.members: Members = members(truth, settings, 0, accounts)
        self.people: People = people(self.members)
        self.law = laws(truth, settings)
        self.pictures: Pictures = pictures_from(
            client_view.artwork_table(truth, settings), np.array(truth.title_ids, object)
        )
        if list(self.pictures.artwork_ids) != list(truth.artwork_ids):
            raise ValueError("pictures are numbered otherwise in the world")
        self.states = _past(truth, settings, accounts)
        history = self.histories()
        self._ease = ease((history.T @ history).toarray(), candidate_settings().ease_ridge)

    @property
    def size(self) -> int:
        """Number of profiles."""
        return len(self.members.index)

    @property
    def profile_ids(self) -> NDArray[np.object_]:
        """(m,) their names."""
        return np.array(profile_ids(self.members.index), object)

    @property
    def account(self) -> INTS:
        """(m,) the account of each profile."""
        return self.members.index // 5

    def day(self, number: int) -> Day:
        """A day from the state as it is: histories, and each profile's page by EASE on them."""
        history = self.histories()
        scores = np.where(
            self.legal(number) & ~history.toarray().astype(bool), self.scores(history), -np.inf
        )
        best = np.argsort(-scores, axis=1, kind="stable")[:, : ROWS * COLUMNS].astype(np.int32)
        there = np.isfinite(np.take_along_axis(scores, best, axis=1))
        first = np.concatenate([[0], np.cumsum(there.sum(axis=1))])
        counts = np.asarray((history @ self.truth.titles.genres.astype(np.float32)), np.int64)
        played = np.diff(self.states.first).astype(np.int64)
        return Day(number, self.states, counts, played, first, best[there])

    def live(self, day: Day, picture: INTS, some: INTS | None = None) -> tuple[Told, States]:
        """The day of all profiles (or of `some`) with these pictures in the cells of their pages."""
        who = np.arange(self.size) if some is None else some
        page, cells = _page(day, picture, who)
        chosen = People(self.people.each[who], self.people.tastes[who], self.people.likes[who])
        goods = shelf(self.truth.titles, self.settings, day.number, 1)
        log, after = days.lived(self.law, goods, chosen, _states_of(day.before, who), page)
        return self._told(day, picture, who, cells, log), after

    def _told(self, day: Day, picture: INTS, who: INTS, cells: INTS, log: Log) -> Told:
        seen, events = log.seen[: log.used[1]], log.events[: log.used[0]]
        place, first, count = np.unique(seen[:, 1], return_index=True, return_counts=True)
        watched = (
            events[:, WATCHED] >= (self.settings.quality_play - ROUNDING) * events[:, DURATION]
        )
        good = events[(events[:, CELL] >= 0) & (events[:, KIND] == PLAY) & watched]
        taken = np.isin(place, good[:, CELL])
        cell = cells[place]
        profile = np.searchsorted(day.first, cell, side="right") - 1
        column = cell - day.first[profile]
        return Told(
            Shown(
                profile,
                profile,
                day.title[cell].astype(np.int64),
                picture[cell],
                1 + column // COLUMNS,
                1 + column % COLUMNS,
                count,
                taken.astype(np.int64),
                np.ones(len(cell)),
            ),
            cell,
            seen[first, 2] - WHOLE_DAY_S * day.number,
        )

    def scores(self, history: sparse.csr_matrix) -> NDArray[np.float32]:
        """(m, t) EASE's scores of the histories."""
        return np.asarray(history @ self._ease, np.float32)

    def histories(self) -> sparse.csr_matrix:
        """(m, t) 1 for each title that a profile ever played."""
        shape = (self.size, len(self.truth.title_ids))
        return sparse.csr_matrix(
            (
                np.ones(len(self.states.entries), np.float32),
                self.states.entries["title"],
                self.states.first,
            ),
            shape,
        )

    def legal(self, day: int) -> NDArray[np.bool_]:
        """(m, t) what each profile can play on a day."""
        goods, titles = shelf(self.truth.titles, self.settings, day, 1), self.truth.titles
        suitable = titles.maturity[None, :] <= self.members.limit[:, None]
        spoken = (
            language_bits(self.members.understands)[:, None] & language_bits(titles.spoken)[None, :]
        ) != 0
        return goods.open[0, self.members.country] & suitable & spoken


def places(day: Day) -> Places:
    """The cells of a day's pages as places that want a picture; each title stands once on a page."""
    profile = np.repeat(np.arange(len(day.first) - 1), np.diff(day.first))
    at = np.arange(len(day.title)) - day.first[profile]
    screen = np.zeros(ROWS, np.int64)
    screen[: len(pages().screen)] = pages().screen
    return Places(profile, day.title.astype(np.int64), at % COLUMNS < screen[at // COLUMNS])


def _page(day: Day, picture: INTS, who: INTS) -> tuple[Pages, INTS]:
    """The pages of some profiles as the eye reads them, and the day's cell that each of their cells is."""
    sizes = np.diff(day.first)[who]
    ends = np.concatenate([[0], np.cumsum(sizes)])
    cells = np.repeat(day.first[who] - ends[:-1], sizes) + np.arange(ends[-1])
    rows = -(-sizes // COLUMNS)
    width = np.full(rows.sum(), COLUMNS)
    full = np.cumsum(rows)[rows > 0] - 1
    width[full] = (sizes - (rows - 1) * COLUMNS)[rows > 0]
    return Pages(
        np.concatenate([[0], np.cumsum(rows)]),
        np.concatenate([[0], np.cumsum(width)]),
        day.title[cells],
        picture[cells].astype(np.int32),
    ), cells


def _states_of(states: States, who: INTS) -> States:
    sizes = np.diff(states.first)[who]
    ends = np.concatenate([[0], np.cumsum(sizes)])
    return States(
        ends, states.entries[np.repeat(states.first[who] - ends[:-1], sizes) + np.arange(ends[-1])]
    )


def _past(truth: World, settings: WorldSettings, accounts: int) -> States:
    """What everybody remembers of the days before the first page."""
    parts = [
        states_of(
            days.past(truth, settings, first, min(ACCOUNTS_AT_ONCE, accounts - first))["state"]
        )
        for first in range(0, accounts, ACCOUNTS_AT_ONCE)
    ]
    first = np.concatenate([[0], *(np.diff(part.first) for part in parts)]).cumsum()
    return States(first, np.concatenate([part.entries for part in parts]))


def town_of(accounts: int) -> Town:
    """A town of the world as conf has it, made from MovieLens-100k."""
    settings = world_settings()
    return Town(true_world(settings, load_settings()), settings, accounts)
