"""Tasks that grow trees together: threads stand for them, since LightGBM keeps its network by thread."""

import threading
from dataclasses import replace

import numpy as np
import pytest

from conf.errors import Rejected
from models.rankers.distributed import Exchange, Task, fit_share
from models.rankers.lambdarank import Queries, fit_ranker
from tests.models.rankers.test_lambdarank import QUICK, queries

NAMES = ["a", "b", "c", "d"]
ROWS = 20  # of a query
TWO = QUICK.model_copy(update={"models": 2, "threads": 1})
Result = list[str] | Exception


def share(training: Queries, first: int, end: int) -> Queries:
    """Some of the queries."""
    rows = slice(first * ROWS, end * ROWS)
    positions = None if training.positions is None else training.positions[rows]
    groups = np.full(end - first, ROWS)
    return Queries(training.matrix[rows], training.labels[rows], groups, positions)


def trained(shares: list[Queries | None], settings=TWO) -> list[Result]:
    """What each task has in the end."""
    barrier = threading.Barrier(len(shares), timeout=60)
    texts = [""] * len(shares)
    results: list[Result] = [[] for _ in shares]

    def exchange_of(number: int) -> Exchange:
        def exchange(text: str) -> list[str]:
            texts[number] = text
            barrier.wait()
            every = list(texts)
            barrier.wait()
            return every

        return exchange

    def run(number: int) -> None:
        task = Task(exchange_of(number), "127.0.0.1", 1)
        try:
            results[number] = fit_share(shares[number], settings, NAMES, task)
        except Exception as error:
            results[number] = error

    threads = [threading.Thread(target=run, args=(n,)) for n in range(len(shares))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return results


@pytest.fixture(scope="module")
def halves() -> list[Result]:
    """Two tasks with half of the queries each, and one without any between them."""
    return trained([share(queries(1), 0, 30), None, share(queries(1), 30, 60)])


def test_all_tasks_have_the_same_models_one_for_each_seed(halves) -> None:
    assert halves[0] == halves[2] and len(halves[0]) == TWO.models
    assert halves[1] == []
    assert halves[0][0] != halves[0][1]


def test_the_same_shares_give_the_same_bytes_over_other_sockets(halves) -> None:
    assert trained([share(queries(1), 0, 30), share(queries(1), 30, 60)])[0] == halves[0]
    assert "127.0.0.1" not in "".join(halves[0])


def test_every_task_has_its_part_in_the_trees(halves) -> None:
    """Were a task to learn from its own half alone, its trees would have seen half of the rows."""
    tree = halves[0][0].split("Tree=0")[1].split("Tree=1")[0]
    counts = next(line for line in tree.splitlines() if line.startswith("internal_count="))
    drawn = int(counts.split("=")[1].split()[0])
    assert drawn == pytest.approx(60 * ROWS * TWO.row_share, rel=0.05)


def test_a_task_alone_grows_the_trees_of_one_process() -> None:
    one = TWO.model_copy(update={"models": 1})
    (alone,) = trained([queries(1)], one)[0]
    process = fit_ranker(queries(1), one, NAMES).model_to_string()
    assert alone.split("parameters:")[0] == process.split("parameters:")[0]


def test_rows_without_a_relevant_one_in_any_task_are_refused_by_all() -> None:
    bare = replace(queries(1), labels=np.zeros(60 * ROWS, np.int32))
    refused = trained([share(bare, 0, 30), share(bare, 30, 60)])
    assert all(isinstance(each, Rejected) for each in refused)
    assert "among 1200 training rows" in str(refused[0])


def test_a_relevant_row_in_one_task_is_enough() -> None:
    first = share(queries(1), 0, 30)
    bare = replace(first, labels=np.zeros_like(first.labels))
    both = trained([bare, share(queries(1), 30, 60)])
    assert both[0] == both[1] and len(both[0]) == TWO.models


def test_titles_placed_in_one_task_choose_the_objective_of_all() -> None:
    settings = TWO.model_copy(update={"objective": "rank_xendcg", "models": 1})
    places = np.tile(np.arange(1, ROWS + 1), 30).astype(np.int32)
    placed = replace(share(queries(1), 0, 30), positions=places)
    unplaced = replace(share(queries(1), 30, 60), positions=np.zeros(30 * ROWS, np.int32))
    both = trained([placed, unplaced], settings)
    assert both[0] == both[1] and "objective=lambdarank" in both[0][0]
