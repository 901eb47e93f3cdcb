"""Pages of two variants' rows before the same members, and which of them they play from."""
# Tested by tests/benchmarks/experiments/test_run.py.

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from benchmarks.experiments.lives import Members, Values, draw_of, plays_of
from conf.pages import pages
from conf.rows import rows
from experiments.interleaving.draft import FIRST, SECOND, team_draft
from experiments.interleaving.page_rules import PageRow, first_screens_kept

ROWS = 12  # of an interleaved page; the eye seldom goes further
Credits = NDArray[np.float64]


class Interleaved(NamedTuple):
    """Pages with rows of both variants, and whose each row is."""

    page_rows: pa.Table  # records of `drafts`
    teams: dict[str, list[int]]  # by profile


class Interleaver:
    """Drafts pages of two variants' pages, for any coins."""

    def __init__(self, first: pa.Table, second: pa.Table) -> None:
        self.both = pa.concat_tables([first, second])
        keys, cells = self.both["row_id"].to_pylist(), self.both["cells"].to_pylist()
        repeats = {name for name, kind in rows().kinds.items() if kind.may_repeat}
        kinds = self.both["row_kind"].to_pylist()
        self.lists: dict[str, tuple[list[PageRow], list[PageRow]]] = {}
        self.places: dict[tuple[str, PageRow], int] = {}
        for place, profile_id in enumerate(self.both["profile_id"].to_pylist()):
            titles = tuple(cell["title_id"] for cell in cells[place][: pages().lead])
            row = PageRow(keys[place], titles, kinds[place] in repeats)
            arms = self.lists.setdefault(profile_id, ([], []))
            arms[place >= len(first)].append(row)
            self.places.setdefault((profile_id, row), place)

    def drafted(self, seed: tuple[int, int]) -> Interleaved:
        """The pages by the coins of a seed."""
        rng = np.random.default_rng(seed)
        allowed = first_screens_kept(pages().screen)
        places: list[int] = []
        positions: list[int] = []
        teams: dict[str, list[int]] = {}
        for profile_id, arms in self.lists.items():
            draft = team_draft(arms, _coins(rng), ROWS, allowed)
            teams[profile_id] = draft.teams
            places += [self.places[profile_id, row] for row in draft.items]
            positions += range(1, len(draft.items) + 1)
        page_rows = self.both.take(pa.array(places))
        column = page_rows.column_names.index("row_position")
        numbers = pa.array(positions, pa.int32())
        return Interleaved(page_rows.set_column(column, "row_position", numbers), teams)


def _coins(rng: np.random.Generator) -> Iterator[int]:
    while True:
        yield from rng.integers(2, size=ROWS).tolist()


def credits(members: Members, drafted: list[Interleaved], draws: range) -> Credits:
    """(draws, m, 2) quality plays of each team; draw d is lived on the pages d modulo their number."""
    place = {name: number for number, name in enumerate(members.profile_ids)}
    found = np.zeros((len(draws), len(place), 2))
    for number, draw in enumerate(draws):
        pages_of_draw = drafted[number % len(drafted)]
        plays = plays_of(draw_of(members, pages_of_draw.page_rows, draw))
        names, positions = plays["profile_id"].to_pylist(), plays["row_position"].to_pylist()
        for name, position in zip(names, positions, strict=True):
            team = -1 if position is None else pages_of_draw.teams[name][position - 1]
            if team in (FIRST, SECOND):
                found[number, place[name], team] += 1
    return found


def position_fairness_p(drafted: list[Interleaved]) -> float:
    """Whether each arm leads as many rounds as the other, at every place in the page: chi-squared.

    Small where one arm is drawn first more often than chance would have it.
    """
    from scipy.stats import chi2  # .5 s

    leads: dict[int, list[int]] = {}
    for pages_of_draw in drafted:
        for teams in pages_of_draw.teams.values():
            drawn = [team for team in teams if team in (FIRST, SECOND)]
            for number, leader in enumerate(drawn[::2]):
                leads.setdefault(number, []).append(leader)
    statistic = 0.0
    for leaders in leads.values():
        of_second: Values = np.asarray(leaders, np.float64)
        statistic += (of_second.sum() - len(leaders) / 2) ** 2 / (len(leaders) / 4)
    return float(chi2.sf(statistic, len(leads)))
