"""One model grown by several tasks, each from whole queries of its own, over LightGBM's own sockets.

A task finds the bins of some features, and sums the gradients of its own rows into histograms. The tasks add these up,
so that all of them grow the same trees.
"""

import json
import re
import socket
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import NamedTuple

from conf.rankers import RankerSettings
from models.rankers.lambdarank import (
    Queries,
    grown_trees,
    one_seed_each,
    parameters,
    require_relevant,
    require_whole,
    with_positions,
)

# a text of this task in, the texts of all tasks out, in the order of the tasks
Exchange = Callable[[str], Sequence[str]]
# where a model's text names the sockets of its training, which are others each time
SOCKETS = re.compile(r"^\[(machines|local_listen_port): .*\]\n", re.MULTILINE)


class Task(NamedTuple):
    """One of the tasks: how it reaches the others, its own IP address, how many minutes it waits for them."""

    exchange: Exchange
    host: str
    minutes: int


def fit_share(
    queries: Queries | None, settings: RankerSettings, feature_names: Sequence[str], task: Task
) -> list[str]:
    """The boosters of a ranker as text, one for each seed: equal in all tasks; none in a task without a query.

    The same rows in the same tasks give the same bytes.

    Raises:
        Rejected: no task has a relevant row.
    """
    placed = _of_all_tasks(queries, task.exchange)
    models = []
    if queries is not None:
        queries, settings = with_positions(queries, settings, placed)
    for seeded in one_seed_each(settings):
        sockets = _sockets(task if queries is not None else task._replace(host=""))
        if queries is not None:
            booster = grown_trees(
                queries, parameters(seeded) | sockets, seeded.trees, feature_names
            )
            models.append(SOCKETS.sub("", booster.model_to_string()))
            booster.free_network()
    return models


def _of_all_tasks(queries: Queries | None, exchange: Exchange) -> bool:
    """Whether a title of any task was shown; rows without a relevant one in any task are refused."""
    count = {"rows": 0, "relevant": 0, "placed": 0}
    if queries is not None:
        require_whole(queries)
        shown = queries.positions is not None and queries.positions.any()
        count = {
            "rows": len(queries.labels),
            "relevant": int((queries.labels > 0).sum()),
            "placed": int(shown),
        }
    counts = [json.loads(text) for text in exchange(json.dumps(count))]
    rows, relevant, placed = (sum(each[name] for each in counts) for name in count)
    require_relevant(relevant, rows)
    return bool(placed)


def _sockets(task: Task) -> dict[str, object]:
    """LightGBM's options of the network: the sockets of all tasks that have a host, in the order of the tasks.

    The port is free while addresses are exchanged, so that two tasks of one machine never name the same one.
    """
    with closing(socket.socket()) as bound:
        bound.bind((task.host, 0))
        port = bound.getsockname()[1]
        address = f"{task.host}:{port}" if task.host else ""
        machines = [machine for machine in task.exchange(address) if machine]
    return {
        "tree_learner": "data",
        "pre_partition": True,
        "machines": ",".join(machines),
        "num_machines": len(machines),
        "local_listen_port": port,
        "time_out": task.minutes,
    }
