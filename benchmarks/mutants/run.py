"""`frontrow bench mutants`: faults planted one at a time, and whether the named tests notice.

It is how we know that a promise is kept by more than its sentence: each has faults that break it,
and a test that fails when one of them is in the code.
"""

import shutil
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory

import click
from rich.console import Console

from benchmarks.mutants.copies import copy_tree, mutated_text, planted
from benchmarks.mutants.trials import Answer, answer_of
from benchmarks.report import report
from conf.bench import benches
from conf.errors import Rejected, UserMistake
from conf.mutants import Mutant, declared, drawn
from conf.settings import ROOT
from jobs.io.progress import progress_printer

Say = Callable[[str], None]


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant; `outcome` is killed, survived, skipped or failed."""

    mutant: Mutant
    outcome: str
    seconds: float
    about: str  # the test that noticed, or why there is no answer

    def __str__(self) -> str:
        return f"{self.outcome} in {self.seconds:.0f} s {self.about}"


@click.command()
@click.option("--only", multiple=True, help="The mutants of this name; may be given again.")
@click.option("--promise", multiple=True, help="The mutants that break this promise, by its key.")
@click.option("--share", is_flag=True, help="A tenth of them, another one each day.")
@click.option(
    "--jobs", type=click.IntRange(1), default=2, show_default=True, help="Mutants at the same time."
)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def mutants(
    only: Sequence[str], promise: Sequence[str], share: bool, jobs: int, as_json: bool
) -> None:
    """Plant each fault of conf/mutants.yaml in a copy of the tree and run the tests that must fail.

    Ends with status 65 where one survives.

    Example: frontrow bench mutants --promise leak
    """
    say = progress_printer(Console(stderr=as_json), time.monotonic())
    today = datetime.now(UTC).date() if share else None
    chosen = chosen_mutants(only, promise, today)
    figures = mutant_figures(chosen, ROOT, jobs, say)
    is_whole = len(chosen) == len(declared().mutants)
    # a part leaves the figures of the whole as they are
    report("mutants" if is_whole else "mutants_part", figures, as_json)
    refuse_survivors(figures)


def chosen_mutants(
    only: Sequence[str] = (), promise: Sequence[str] = (), day: date | None = None
) -> tuple[Mutant, ...]:
    """The mutants of these names, of these promises, and of a day's share where one is given."""
    every = declared()
    _refuse_unknown("--only", only, [mutant.name for mutant in every.mutants])
    _refuse_unknown("--promise", promise, list(every.promises))
    chosen = tuple(
        mutant
        for mutant in every.mutants
        if (not only or mutant.name in only) and (not promise or mutant.promise in promise)
    )
    return drawn(chosen, day, benches().mutants.days) if day else chosen


def _refuse_unknown(option: str, names: Sequence[str], known: Sequence[str]) -> None:
    for name in names:
        if name not in known:
            raise UserMistake(f"{option} {name!r}: conf/mutants.yaml has {', '.join(known)}")


def mutant_figures(chosen: Sequence[Mutant], tree: Path, jobs: int, say: Say) -> dict[str, object]:
    """The figures of some mutants of a tree.

    Raises:
        Rejected: a mutant is stale, or a test that should notice fails without any fault.
    """
    began = time.monotonic()
    for mutant in chosen:
        mutated_text(mutant, tree)  # before an hour is spent on the others
    # tests that were interrupted may still write while their folders go
    with TemporaryDirectory(prefix="mutants-", ignore_cleanup_errors=True) as folder:
        first = copy_tree(tree, Path(folder) / "0")
        baseline = _baseline(first, chosen, jobs)
        say(f"without a fault {len(baseline.passed)} tests pass")
        verdicts = _verdicts(chosen, first, baseline, jobs, say)
    return _figures(verdicts, time.monotonic() - began)


def _baseline(tree: Path, chosen: Sequence[Mutant], jobs: int) -> Answer:
    """What all named tests say of the tree without a fault; they have to pass."""
    tests = list(dict.fromkeys(test for mutant in chosen for test in mutant.tests))
    workers = ["-n", str(jobs), "--dist", "loadfile"] if jobs > 1 else []
    answer = answer_of(tree, tests, benches().mutants.baseline_s, workers)
    if not answer.all_passed:
        failures = answer.failures | answer.errors
        found = [f"{test}: {line}" for test, line in failures.items()] or [answer.output[-500:]]
        raise Rejected(f"without any fault a test that should notice one fails: {'; '.join(found)}")
    return answer


def _verdicts(
    chosen: Sequence[Mutant], tree: Path, baseline: Answer, jobs: int, say: Say
) -> list[Verdict]:
    """The verdict on each mutant, `jobs` at a time, each in a copy that has one fault at once."""
    shutil.rmtree(tree / "tmp", ignore_errors=True)
    copies: SimpleQueue[Path] = SimpleQueue()
    copies.put(tree)
    for number in range(1, jobs):
        copies.put(copy_tree(tree, tree.parent / str(number)))

    def verdict(mutant: Mutant) -> Verdict:
        """The verdict on one mutant, in a copy that no other thread works in."""
        copy = copies.get()
        try:
            reached = _verdict(mutant, copy, baseline)
        finally:
            copies.put(copy)
        say(f"{mutant.name}: {reached}")
        return reached

    with ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(verdict, chosen))


def _verdict(mutant: Mutant, copy: Path, baseline: Answer) -> Verdict:
    if not any(_names(test, ran) for test in mutant.tests for ran in baseline.passed):
        return Verdict(mutant, "skipped", 0.0, f"{mutant.tests[0]} is skipped on this machine")
    began = time.monotonic()
    with planted(mutant, copy):
        answer = answer_of(copy, mutant.tests, benches().mutants.mutant_s, ["-x"])
    seconds = time.monotonic() - began
    if test := answer.noticed_by:
        return Verdict(mutant, "killed", seconds, f"by {test}")
    if answer.all_passed:
        return Verdict(mutant, "survived", seconds, f"not noticed by {', '.join(mutant.tests)}")
    why = next(iter(answer.errors.values()), answer.output.strip()[-200:])
    return Verdict(mutant, "failed", seconds, f"no test began: {why}")


def _names(test: str, ran: str) -> bool:
    """Whether a name as it is declared, of a file, a test or a case, stands for a test that ran."""
    return ran == test or ran.startswith((f"{test}::", f"{test}["))


def _figures(verdicts: Sequence[Verdict], seconds: float) -> dict[str, object]:
    by_outcome: dict[str, list[str]] = {
        outcome: [v.mutant.name for v in verdicts if v.outcome == outcome]
        for outcome in ("killed", "survived", "skipped", "failed")
    }
    by_promise = {}
    for key in declared().promises:
        own = [v for v in verdicts if v.mutant.promise == key]
        if own:
            killed = sum(v.outcome == "killed" for v in own)
            by_promise[key] = {"mutants": len(own), "killed": killed}
    return {
        "mutants": len(verdicts),
        "killed": len(by_outcome["killed"]),
        "survivors": by_outcome["survived"],
        "skipped": by_outcome["skipped"],
        "failed": by_outcome["failed"],
        "minutes": round(seconds / 60, 2),
        "by_promise": by_promise,
        "verdicts": {v.mutant.name: str(v) for v in verdicts},
    }


def refuse_survivors(figures: dict[str, object]) -> None:
    """Refuse figures with a fault that no test noticed, or that could not be tried.

    Raises:
        Rejected: names them; the tests or conf/mutants.yaml want work.
    """
    for key, what in (("survivors", "no test notices"), ("failed", "no test could be asked about")):
        if names := figures[key]:
            assert isinstance(names, list)
            raise Rejected(
                f"bench mutants: {what} {', '.join(names)}; write a test that does, or correct"
                " the entry in conf/mutants.yaml"
            )
