"""Experiments as they are declared: `conf/experiments.yaml`.

Whatever is wrong with a declaration is one line with file and line, before anything is built.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date
from functools import cached_property
from itertools import combinations
from json import dumps
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import Field, ValidationError

from conf.changes import in_force, place
from conf.errors import UserMistake
from conf.rankers import ranker_names
from conf.rows import RowKind, rows
from conf.settings import ROOT, Frozen, yaml_values

FILE = ROOT / "conf" / "experiments.yaml"
CELLS = "experiment_cells"  # the column with the cells that a page was made for, as experiment:cell
A_NAME = "a name has letters, digits and _, and begins with a letter"
NEW_DAYS = 30.0  # since a member's first play
NONE = "none"  # of `serving`: what serves is left out
SERVING = "serving"  # the file that is none: which ranker or artwork policy serves
# What a variant may change, by file. What restricts a page, trains a model or judges a page is not there.
TESTABLE = {
    "rows": ("kinds", "template", "then"),
    "pages": ("builder", "choice", "exploration"),
    "candidates": ("per_source",),
    SERVING: (*ranker_names(), "artwork"),
}
# Of a kind of row: what readers place its rows by, and hold its cells to.
READ_BY = ("order", "per", "watched", "may_repeat", "min_length", "max_length", "evidence")
MEASURES = (
    "plays",
    "minutes",
    "discoveries",
    "quality_plays",
    "active_days",
    "seen_plays",
    "pages",
)
WHO = Literal["exclude", "include", "only"]
Where = tuple[str, ...]  # the keys that lead to a value of the file
Fault = tuple[Where, str]


class Layer(Frozen):
    """Experiments that share their units."""

    exclusive: bool


class Metric(Frozen):
    """What is counted of a unit, and over what; explained in `conf/experiments.yaml`."""

    about: str = Field(min_length=1)
    of: Literal[MEASURES]  # type: ignore[valid-type]
    over: Literal[MEASURES] | None = None  # type: ignore[valid-type]


class Cell(Frozen):
    """One arm of an experiment: its share of those who take part, and what is changed for them."""

    share: float = Field(gt=0, le=1)
    changes: dict[str, Any] = Field(default_factory=dict)


class Experiment(Frozen):
    """One experiment; the fields are explained in `conf/experiments.yaml`."""

    about: str = Field(min_length=1)
    layer: str
    slice: tuple[float, float] = (0.0, 1.0)
    unit: Literal["account", "profile"] = "account"
    kids: WHO = "exclude"
    new: WHO = "include"
    start: date
    end: date
    ramp: dict[date, float] = Field(default_factory=dict)
    metric: str
    guardrails: tuple[str, ...] = ()
    size: int = Field(gt=0)
    cells: dict[str, Cell] = Field(min_length=2)

    @property
    def control(self) -> str:
        """The cell whose pages are as they would be without the experiment."""
        return next(iter(self.cells))

    @property
    def changed_paths(self) -> set[str]:
        """Every setting that some cell changes."""
        return {path for cell in self.cells.values() for path in cell.changes}

    def runs_on(self, day: date) -> bool:
        """Whether pages of a run date have its cells."""
        return self.start <= day < self.end

    def ramp_on(self, day: date) -> float:
        """The share of its slice that takes part on a day."""
        since = [first for first in self.ramp if first <= day]
        return self.ramp[max(since)] if since else (0.0 if self.ramp else 1.0)

    def meets(self, other: "Experiment") -> bool:
        """Whether there is a day on which both run."""
        return self.start < other.end and other.start < self.end


class Experiments(Frozen):
    """Everything that `conf/experiments.yaml` says."""

    holdout: float = Field(0.0, ge=0, lt=1)
    layers: dict[str, Layer]
    metrics: dict[str, Metric]
    experiments: dict[str, Experiment] = Field(default_factory=dict)

    @cached_property
    def faults(self) -> tuple[Fault, ...]:
        """What cannot be as it is declared, and where, in the order in which it is looked for."""
        each = (*_faults_of_names(self), *_faults_of_each(self))
        return each or (*_faults_of_kinds(self), *_faults_of_pairs(self))


def load_experiments(path: Path | None = None) -> Experiments:
    """The declared experiments; the first fault is a UserMistake that names file and line."""
    path = path or FILE
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise UserMistake(f"{path.name}: not UTF-8; save it as UTF-8") from None
    try:
        lines = _lines(yaml.compose(text, Loader=yaml.SafeLoader), path.name)
        declared = Experiments.model_validate(yaml_values(path))
    except ValidationError as error:
        first = error.errors()[0]
        raise _mistake(path, lines, (tuple(map(str, first["loc"])), first["msg"])) from None
    except (yaml.YAMLError, ValueError) as error:
        reason, line = " ".join(str(error).split()), _line_of_no_date(text)
        where = f"{path.name}:{line}" if line and isinstance(error, ValueError) else path.name
        raise UserMistake(f"{where}: not valid YAML: {reason}") from None
    for fault in declared.faults:
        raise _mistake(path, lines, fault)
    return declared


def line_of(where: Where, path: Path | None = None) -> str:
    """The file and the line at which a part of a declaration stands."""
    path = path or FILE
    lines = _lines(
        yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader), path.name
    )
    return f"{path.name}:{_line(lines, where)}"


def _mistake(path: Path, lines: Mapping[Where, int], fault: Fault) -> UserMistake:
    where, reason = fault
    if not where:
        return UserMistake(f"{path.name}:1: it has to say layers, metrics and experiments")
    return UserMistake(f"{path.name}:{_line(lines, where)}: {'.'.join(where)}: {reason}")


def _line_of_no_date(text: str) -> int:
    """The first line with what looks like a date and is none; 0 where there is none."""
    for number, line in enumerate(text.splitlines(), 1):
        for year, month, day in re.findall(r"(\d{4})-(\d\d)-(\d\d)", line):
            try:
                date(int(year), int(month), int(day))
            except ValueError:
                return number
    return 0


def _line(lines: Mapping[Where, int], where: Where) -> int:
    """The line of a part, or of the nearest part around it that the file has."""
    return next((lines[where[:n]] for n in range(len(where), 0, -1) if where[:n] in lines), 1)


def _lines(node: yaml.Node | None, file: str, where: Where = ()) -> dict[Where, int]:
    """The line of each key of a file. A key that stands twice is refused: YAML keeps the last alone."""
    found: dict[Where, int] = {}
    if not isinstance(node, yaml.MappingNode):
        return found
    for key, value in node.value:
        place_of_key = (*where, str(key.value))
        line = key.start_mark.line + 1
        if place_of_key in found:
            raise UserMistake(
                f"{file}:{line}: {'.'.join(place_of_key)} is declared twice,"
                f" first in line {found[place_of_key]}"
            )
        found[place_of_key] = line
        found |= _lines(value, file, place_of_key)
    return found


def _faults_of_names(declared: Experiments) -> Iterator[Fault]:
    """Names that are none, or that differ by case alone."""
    groups: list[tuple[Where, list[str]]] = [
        (("layers",), list(declared.layers)),
        (("experiments",), list(declared.experiments)),
    ]
    groups += [
        (("experiments", name, "cells"), list(experiment.cells))
        for name, experiment in declared.experiments.items()
    ]
    for where, names in groups:
        seen: dict[str, str] = {}
        for name in names:
            if not _is_name(name):
                yield (*where, name), A_NAME
            if name.casefold() in seen:
                yield (*where, name), f"differs from {seen[name.casefold()]} by case alone"
            seen[name.casefold()] = name


def _is_name(name: str) -> bool:
    return name.isascii() and name.isidentifier() and not name.startswith("_") and len(name) <= 60


def _faults_of_each(declared: Experiments) -> Iterator[Fault]:
    for name, experiment in declared.experiments.items():
        for where, reason in (
            *_faults_of_terms(declared, experiment),
            *_faults_of_cells(experiment),
        ):
            yield ("experiments", name, *where), reason


def _faults_of_terms(declared: Experiments, experiment: Experiment) -> Iterator[Fault]:
    """What is wrong with who takes part, when, and what it is decided by."""
    if experiment.layer not in declared.layers:
        yield ("layer",), _unknown("layer", experiment.layer, declared.layers)
    for metric in (experiment.metric, *experiment.guardrails):
        if metric not in declared.metrics:
            where = "metric" if metric == experiment.metric else "guardrails"
            yield (where,), _unknown("metric", metric, declared.metrics)
    low, high = experiment.slice
    if not 0 <= low < high <= 1:
        yield ("slice",), f"[{low:g}, {high:g}] is no part of 0 to 1"
    if experiment.end <= experiment.start:
        yield ("end",), f"{experiment.end} is not after its start, {experiment.start}"
    shares = [experiment.ramp[day] for day in sorted(experiment.ramp)]
    if any(not 0 <= share <= 1 for share in shares):
        yield ("ramp",), "each share is from 0 to 1"
    if shares != sorted(shares):
        yield ("ramp",), "a ramp only rises: who was in a cell stays there"


def _faults_of_cells(experiment: Experiment) -> Iterator[Fault]:
    """What is wrong with the shares of cells and with what they change."""
    total = sum(cell.share for cell in experiment.cells.values())
    if total > 1 + 1e-9:
        yield ("cells",), f"the shares sum to {total:g}, which is above 1"
    if experiment.cells[experiment.control].changes:
        yield ("cells", experiment.control), "the first cell is the control and changes nothing"
    for name, cell in experiment.cells.items():
        where = ("cells", name)
        if not cell.changes and name != experiment.control:
            yield where, "changes nothing, as the control"
        for path in cell.changes:
            reason = _fault_of_path(path, cell.changes[path])
            if reason:
                yield (*where, "changes", path), reason
        if cell.changes and not any(map(_fault_of_path, cell.changes, cell.changes.values())):
            reason = _fault_of_changes(cell.changes)
            if reason:
                yield (*where, "changes"), reason


def fault_of(changes: Mapping[str, Any]) -> str:
    """Why a page cannot be made by these changes, or an empty text."""
    of_paths = map(_fault_of_path, changes, changes.values())
    return next(filter(None, of_paths), "") or _fault_of_changes(changes)


def _fault_of_path(path: str, value: Any) -> str:
    """Why a setting cannot be changed, or an empty text."""
    file, _, inside = path.partition(".")
    first = inside.split(".")[0]
    if file not in TESTABLE:
        return _unknown("file", file, TESTABLE)
    if first not in TESTABLE[file]:
        return _unknown(f"setting of {file} that a variant may change", first, TESTABLE[file])
    if file == SERVING:
        if not isinstance(value, str):
            return f"is a ranker_id or {NONE}"
        if first == "artwork" and value != NONE:
            return f"is {NONE}, for the most representative picture"
        return ""
    try:
        dumps(value)
    except TypeError:
        return (
            "a value is a number, a text, true or false, a list or a mapping; put a date in quotes"
        )
    try:
        place(yaml_values(ROOT / "conf" / f"{file}.yaml"), inside, value)
    except KeyError as missing:
        return f"names {missing.args[0]!r}, which conf/{file}.yaml does not have"
    return ""


def _fault_of_changes(changes: Mapping[str, Any]) -> str:
    """Why the changed settings are none that a page can be made by, or an empty text."""
    from conf.candidates import candidate_settings
    from conf.evidence import languages
    from conf.pages import pages

    known, spoken, required = rows().kinds, languages(), pages().required
    try:
        with in_force(changes):
            pages(), candidate_settings()
            kinds, now_spoken = rows().kinds, languages()
    except (UserMistake, KeyError) as mistake:
        return str(mistake)
    for name, kind in kinds.items():
        if name not in known and not _is_name(name):
            return f"kind of row {name!r}: {A_NAME}"
        if kind.by_tag and kind.per not in {each.per for each in known.values()}:
            return f"kind of row {name}: conf/rows.yaml has none by {kind.per}, so titles have no such tags"
        if name in known and (term := other_term(kind, known[name])):
            return f"readers place rows by {term} of conf/rows.yaml, which a variant keeps"
    if lost := [name for name in spoken if name not in now_spoken]:
        return f"a kind of row has no texts in {', '.join(lost)}, which pages are in"
    if gone := [name for name in required if name in known and name not in kinds]:
        return f"conf/pages.yaml requires rows of the kind {gone[0]}"
    return ""


def other_term(kind: RowKind, other: RowKind) -> str:
    """The first of READ_BY by which two kinds of row of one name differ, or an empty text."""
    return next((term for term in READ_BY if getattr(kind, term) != getattr(other, term)), "")


def added_kinds(experiment: Experiment) -> dict[str, RowKind]:
    """The kinds of row that an experiment's cells have and `conf/rows.yaml` does not.

    Of a declaration that does not go with today's conf there is none.
    """
    known = rows().kinds
    added: dict[str, RowKind] = {}
    for cell in experiment.cells.values():
        with suppress(UserMistake, KeyError), in_force(cell.changes):
            added |= {name: kind for name, kind in rows().kinds.items() if name not in known}
    return added


def _faults_of_kinds(declared: Experiments) -> Iterator[Fault]:
    """Kinds of row of one name that readers would have to tell apart."""
    known: dict[str, tuple[str, RowKind]] = {}
    for name, experiment in declared.experiments.items():
        for cell, own in experiment.cells.items():
            alone = experiment.model_copy(update={"cells": {cell: own}})
            for kind_name, kind in added_kinds(alone).items():
                first, other = known.setdefault(kind_name, (f"{name}:{cell}", kind))
                if term := other_term(kind, other):
                    where = ("experiments", name, "cells", cell, "changes")
                    yield where, f"kind of row {kind_name} has another {term} in {first}"


def _faults_of_pairs(declared: Experiments) -> Iterator[Fault]:
    """Experiments that would run at once and may not."""
    for (first, one), (second, other) in combinations(declared.experiments.items(), 2):
        if not one.meets(other):
            continue
        where = ("experiments", second)
        same_layer = one.layer == other.layer
        overlap = one.slice[0] < other.slice[1] and other.slice[0] < one.slice[1]
        exclusive = same_layer and declared.layers[one.layer].exclusive
        if exclusive and overlap:
            yield (*where, "slice"), f"overlaps that of {first} in the exclusive layer {one.layer}"
        if exclusive:
            continue
        both = sorted(
            path
            for path in other.changed_paths
            for theirs in one.changed_paths
            if f"{path}.".startswith(f"{theirs}.") or f"{theirs}.".startswith(f"{path}.")
        )
        if both:
            yield (
                (*where, "cells"),
                f"changes {both[0]}, as {first} does, whose members it may share",
            )


def _unknown(thing: str, name: str, known: Any) -> str:
    return f"unknown {thing} {name!r}; there are: {', '.join(known)}"
