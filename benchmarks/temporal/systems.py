"""The systems that `bench temporal` compares our rankers with, each tuned where settings are chosen."""
# Tested by tests/benchmarks/temporal/test_run.py.

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.temporal.baselines import SYSTEMS
from benchmarks.temporal.grid import Edge, Setting, tuned
from benchmarks.temporal.peers import Question, Say, ask, peer_python
from benchmarks.temporal.trials import Trial, TrialRun, list_metrics
from conf.bench import TemporalBench
from conf.errors import FrontrowError

Runs = dict[str, list[TrialRun]]
Settings = dict[str, Setting]


def own_runs(
    choice: Trial, trials: Sequence[Trial], bench: TemporalBench, say: Say
) -> tuple[Runs, Settings]:
    """The systems of our own code that are no rankers: setting chosen, then each trial."""
    runs, chosen = Runs(), Settings()
    for name, grid in bench.systems.items():

        def judge(settings: Sequence[Setting], name: str = name) -> list[float]:
            """nDCG@10 on the window where settings are chosen."""
            metrics = [list_metrics(choice, _ranked(name, choice, each)) for each in settings]
            return [float(each["ndcg10"].mean()) for each in metrics]

        chosen[name] = tuned(grid, judge)
        say(f"{name}: {chosen[name] or 'nothing to choose'}")
    for name, setting in chosen.items():
        runs[name] = [_ranked(name, one, setting) for one in trials]
    return runs, chosen


def _ranked(name: str, one: Trial, setting: Mapping[str, float]) -> TrialRun:
    started = time.perf_counter()
    scores = SYSTEMS[name](one.train, one.members, setting)
    return one.ranked(scores, time.perf_counter() - started, 0.0)  # these fit and rank in one go


class Peers:
    """The other libraries, asked in a child process; or the reason why they are left out."""

    def __init__(self, wanted: bool, bench: TemporalBench, say: Say) -> None:
        self.bench, self.say, self.state = bench, say, "not asked for (--no-peers)"
        self.python: Path | None = None
        if wanted:
            try:
                self.python, self.state = peer_python(say), "installed"
            except FrontrowError as error:
                self.state = f"could not be installed: {error}"
        if self.python is None:
            say(f"other libraries are left out: {self.state}")

    def runs(self, choice: Trial, trials: Sequence[Trial]) -> tuple[Runs, Settings, dict[str, str]]:
        """Each library's runs, its chosen setting, and what failed."""
        runs, chosen, errors = Runs(), Settings(), {}
        for name, grid in self.bench.peers.items() if self.python else ():

            def judge(settings: Sequence[Setting], name: str = name) -> list[float]:
                """nDCG@10 on the window where settings are chosen."""
                asked = self._asked(name, [(setting, choice) for setting in settings])
                return [float(list_metrics(choice, run)["ndcg10"].mean()) for run in asked]

            try:
                chosen[name] = tuned(grid, judge)
                runs[name] = self._asked(name, [(chosen[name], one) for one in trials])
            except (PeerError, Edge) as error:
                errors[name] = str(error)
                self.say(f"{name} failed: {error}")
        return runs, {name: chosen[name] for name in runs}, errors

    def _asked(self, name: str, asked: Sequence[tuple[Setting, Trial]]) -> list[TrialRun]:
        """What a library says with each setting in each trial."""
        fixed = self.bench.peer_options.get(name, {})
        questions = [
            Question(name, {**fixed, **setting}, one.train, one.members) for setting, one in asked
        ]
        assert self.python is not None
        runs = []
        for (_, one), answer in zip(asked, ask(self.python, questions, self.say), strict=True):
            if answer.lists is None:
                raise PeerError(answer.error)
            runs.append(one.listed(answer.lists, answer.fit_s, answer.predict_s))
        return runs


class PeerError(RuntimeError):
    """What a library failed with."""
