"""The faults that tests have to notice, and the promises that they break: `conf/mutants.yaml`."""
# Tested by tests/benchmarks/mutants/test_run.py.

import random
from datetime import date
from functools import cache

from pydantic import Field, model_validator

from conf.settings import ROOT, Frozen, load_yaml


class Mutant(Frozen):
    """One fault: in `file` the text `before`, which stands there once, becomes `after`."""

    name: str = Field(pattern=r"^[a-z0-9_]+$")
    promise: str  # key of the promise that it breaks
    file: str  # from the top of the tree
    before: str = Field(min_length=1)
    after: str
    tests: tuple[str, ...] = Field(min_length=1)  # as pytest names them; one of them must fail


class Mutants(Frozen):
    """The promises, by a key each, and the faults that break them."""

    promises: dict[str, str]
    mutants: tuple[Mutant, ...]

    @model_validator(mode="after")
    def _is_sound(self) -> "Mutants":
        names = [mutant.name for mutant in self.mutants]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"two mutants are called {twice[0]}")
        for mutant in self.mutants:
            if mutant.promise not in self.promises:
                raise ValueError(f"mutant {mutant.name} breaks no promise called {mutant.promise}")
            if mutant.before == mutant.after:
                raise ValueError(f"mutant {mutant.name} changes nothing")
        return self


@cache
def declared() -> Mutants:
    """All of `conf/mutants.yaml`."""
    return load_yaml(Mutants, ROOT / "conf" / "mutants.yaml")


def drawn(mutants: tuple[Mutant, ...], day: date, days: int) -> tuple[Mutant, ...]:
    """One part in `days` of the mutants, drawn by the date.

    `days` days in a row have each of them once, in an order that is drawn anew after them.
    """
    turn, part = divmod(day.toordinal(), days)
    order = list(mutants)
    random.Random(turn).shuffle(order)
    return tuple(order[part::days])
