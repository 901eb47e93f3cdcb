"""Settings of the ranking benchmark, chosen on inner splits of its training part.

The test part never gets here.
"""
# Tested by tests/benchmarks/ranker/test_run.py.

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks.offline.crossfit import RatedTitles, offer, ranked, train, training_queries
from benchmarks.offline.first_stage import retriever, weighted_ease
from conf.bench import FirstStage, RankerBench
from models.candidates.als import als
from models.candidates.ratings import Ratings

Splits = Sequence[tuple[Ratings, Ratings]]
Measure = Callable[[NDArray[np.floating], Ratings, Ratings], float]
Tried = list[tuple[str, list[float]]]


def print_grid(
    splits: Splits,
    titles: RatedTitles,
    settings: RankerBench,
    measure: Measure,
    say: Callable[[str], None],
) -> None:
    """Print nDCG@10 on each inner split for every setting of the grid.

    The best of each list is marked.
    """
    for name, values in settings.grid.first_stage.items():
        say(f"trying {name}")
        _show(
            name,
            _stage(name, values, splits, settings.first_stage, measure),
            getattr(settings.first_stage, name),
        )
    _show("ranker", _rankers(splits, titles, settings, measure, say), {})


def _stage(
    name: str, values: Sequence[float], splits: Splits, stage: FirstStage, measure: Measure
) -> Tried:
    tried: Tried = []
    for value in values:
        typed = type(getattr(stage, name))(value)  # YAML lists hold floats, a rank is an int
        changed = stage.model_copy(update={name: typed})
        tried.append(
            (
                str(typed),
                [measure(_source(name, part, changed), part, held) for part, held in splits],
            )
        )
    return tried


def _source(setting: str, ratings: Ratings, stage: FirstStage) -> NDArray[np.floating]:
    """Scores of the source that a setting belongs to."""
    if setting == "ease_ridge":
        return retriever(ratings, stage)
    if setting.startswith("als_"):
        rank, ridge, rounds = stage.als_rank, stage.als_ridge, stage.als_rounds
        profiles, titles = als(ratings.matrix(), rank, ridge, stage.als_confidence, rounds, seed=0)
        return profiles @ titles.T
    return weighted_ease(ratings, stage)


def _rankers(
    splits: Splits,
    titles: RatedTitles,
    settings: RankerBench,
    measure: Measure,
    say: Callable[[str], None],
) -> Tried:
    found: dict[str, list[float]] = {str(change): [] for change in settings.grid.ranker}
    for part, held in splits:
        queries, given = (
            training_queries(part, titles, settings, say),
            offer(part, titles, settings),
        )
        for change in settings.grid.ranker:
            say(f"training with {change}")
            changed = settings.ranker.model_copy(update=change)
            one = settings.model_copy(
                update={"ranker": changed, "models": 1}
            )  # one seed each: it is a comparison
            found[str(change)].append(
                measure(ranked(given, train(queries, one), part.shape), part, held)
            )
    return list(found.items())


def _show(name: str, tried: Tried, used: object) -> None:
    best = max(tried, key=lambda entry: np.mean(entry[1]))[0]
    table = Table(
        "value", "nDCG@10 on each inner split", "mean", "", title=name, title_justify="left"
    )
    for value, scores in tried:
        marks = ["best"] * (value == best) + ["used"] * (value == str(used))
        table.add_row(
            value, " ".join(f"{s:.4f}" for s in scores), f"{np.mean(scores):.4f}", ", ".join(marks)
        )
    Console().print(table)
