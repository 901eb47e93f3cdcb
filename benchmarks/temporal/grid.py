"""The setting of a system that is best where settings are chosen, on no edge of what was tried.

A tuned system whose best value is the first or last that was tried is not tuned: the grid grows
there until the best lies inside, or until more makes no difference.
"""

from collections.abc import Callable, Mapping, Sequence

Values = Sequence[float]
Setting = dict[str, float]
Judge = Callable[[Sequence[Setting]], Sequence[float]]  # a figure for each setting, more is better
Tried = dict[tuple[float, ...], float]
MOST_STEPS = 12  # by which a parameter's values may grow to one side
ROUNDS = 3  # in which each parameter has its turn


class Edge(ValueError):
    """The best value still lies on the edge after the grid has grown as far as it may."""


def tuned(grid: Mapping[str, Values], judge: Judge) -> Setting:
    """One parameter after the other, at the best of the others, until none changes.

    `grid` has at least two values of each parameter, ascending, or one that is not chosen; new ones
    go on in the ratio of the outer two. Of equal figures the middle one wins.

    Raises:
        Edge: the best value of a parameter lies on the edge of a grid that may not grow any more.
    """
    chosen = {name: values[len(values) // 2] for name, values in grid.items()}
    tried: Tried = {}
    for _ in range(ROUNDS):
        before = dict(chosen)
        for name, values in grid.items():
            if len(values) > 1:
                chosen[name] = _best_value(name, list(values), chosen, judge, tried)
        if chosen == before:
            break
    return chosen


def _best_value(
    name: str, values: list[float], others: Setting, judge: Judge, tried: Tried
) -> float:
    for _ in range(2 * MOST_STEPS):
        figures = _figures([{**others, name: value} for value in values], judge, tried)
        equals = [at for at, figure in enumerate(figures) if figure == max(figures)]
        best = equals[len(equals) // 2]
        if best == 0:
            lower = _next(values[1], values[0])
            if lower is None:
                return values[0]
            values = [lower, *values]
        elif best == len(values) - 1:
            higher = _next(values[-2], values[-1])
            assert higher is not None
            values = [*values, higher]
        else:
            return values[best]
    raise Edge(f"{name}: the best value {values[best]:g} lies on the edge of {values}")


def _figures(settings: list[Setting], judge: Judge, tried: Tried) -> list[float]:
    """The figure of each setting; none is judged twice."""
    keys = [tuple(setting.values()) for setting in settings]
    fresh = [setting for setting, key in zip(settings, keys, strict=True) if key not in tried]
    for setting, figure in zip(fresh, judge(fresh) if fresh else (), strict=True):
        tried[tuple(setting.values())] = figure
    return [tried[key] for key in keys]


def _next(inner: float, outer: float) -> float | None:
    """The value beyond `outer`; None where whole numbers have none below 1."""
    beyond = outer * outer / inner
    if isinstance(inner, int) and isinstance(outer, int):
        whole = round(beyond)
        return whole if whole >= 1 and whole != outer else None
    return beyond
