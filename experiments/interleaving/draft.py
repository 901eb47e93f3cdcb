"""One list of two: rows of a page, or titles of a row, drawn in turns by two arms as captains draw teams.

Team draft is that of Radlinski, Kurup and Joachims (How does clickthrough data reflect retrieval
quality?, CIKM 2008). What both arms would put next belongs to neither: it would be there with either
of them and tells nothing (the dilution of DoorDash's interleaving, 2021). Balanced interleaving
(Joachims, Evaluating retrieval performance using clickthrough data, 2003) stands beside it for
comparison; it can prefer an arm where none is better.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeVar

FIRST, SECOND, NEITHER = 0, 1, -1
Item = TypeVar("Item", bound=Hashable)
Allowed = Callable[[list[Item], Item], bool]  # whether an item may follow those taken


class Draft(NamedTuple):
    """What is shown, and whose each of it is: FIRST, SECOND or NEITHER."""

    items: list
    teams: list[int]


def team_draft(
    arms: tuple[Sequence[Item], Sequence[Item]],
    coins: Iterator[int],
    length: int,
    allowed: Allowed = lambda taken, item: True,
    fixed: Mapping[int, Item] | None = None,
) -> Draft:
    """The best of both lists, in rounds in which each arm draws one item, the order told by a coin.

    An arm draws its best item that is not taken and `allowed`; what is not allowed now may be later.
    `fixed` items stand at their positions (from 0) and belong to neither. A round that one arm
    cannot play, in either order, belongs to neither. So at every position each arm is as likely as
    the other, whatever the lists.

    >>> team_draft((["a", "b", "c"], ["a", "c", "d"]), iter([SECOND]), 3)
    Draft(items=['a', 'c', 'b'], teams=[-1, 1, 0])
    """
    fixed = fixed or {}
    draft = Draft([], [])
    waiting: list[
        tuple[int, bool]
    ] = []  # the arms that still draw in this round, and whether it counts
    while len(draft.items) < length:
        position = len(draft.items)
        if position in fixed:
            _take(draft, fixed[position], NEITHER)
            continue
        if not waiting:
            nexts = [_next(arm, draft.items, allowed, fixed) for arm in arms]
            if nexts[FIRST] is None and nexts[SECOND] is None:
                break
            if nexts[FIRST] == nexts[SECOND]:
                _take(draft, nexts[FIRST], NEITHER)
                continue
            counts = _both_can_draw(arms, nexts, draft.items, allowed, fixed)
            leader = next(coins)
            waiting = [(leader, counts), (1 - leader, counts)]
        arm, counts = waiting.pop(0)
        item = _next(arms[arm], draft.items, allowed, fixed)
        if item is not None:
            _take(draft, item, arm if counts else NEITHER)
    return draft


def _both_can_draw(
    arms: tuple[Sequence[Item], Sequence[Item]],
    nexts: list[Item | None],
    taken: list[Item],
    allowed: Allowed,
    fixed: Mapping[int, Item],
) -> bool:
    """Whether each arm still has an item after the other has drawn its own."""
    for arm, item in ((FIRST, nexts[SECOND]), (SECOND, nexts[FIRST])):
        if item is None or _next(arms[arm], [*taken, item], allowed, fixed) is None:
            return False
    return True


def _next(
    arm: Sequence[Item], taken: list[Item], allowed: Allowed, fixed: Mapping[int, Item]
) -> Item | None:
    """The arm's best item that may follow; None where it has none."""
    gone = {*taken, *fixed.values()}
    return next((item for item in arm if item not in gone and allowed(taken, item)), None)


def _take(draft: Draft, item: object, team: int) -> None:
    draft.items.append(item)
    draft.teams.append(team)


def balanced(first: Sequence[Item], second: Sequence[Item], leader: int, length: int) -> list[Item]:
    """Both lists by turns, the leader's first; what is taken already costs the arm its turn.

    >>> balanced(["a", "b", "c"], ["b", "d", "e"], FIRST, 4)
    ['a', 'b', 'd', 'c']
    """
    shown: dict[Item, None] = {}
    arms = (first, second) if leader == FIRST else (second, first)
    for turn in range(max(len(first), len(second))):
        for arm in arms:
            if turn < len(arm) and len(shown) < length:
                shown.setdefault(arm[turn])
    return list(shown)
