"""Changes laid over the files of conf for a part of a run: what a variant of an experiment differs by.

`pages()` and `rows()` answer with the changes that are in force where they are asked, so that whoever
makes or audits a page needs not know that it is a variant's.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from json import dumps, loads
from typing import Any, TypeVar

from pydantic import ValidationError

from conf.errors import UserMistake
from conf.settings import ROOT, Frozen, load_yaml, yaml_values

T = TypeVar("T", bound=Frozen)
Changes = Mapping[str, Any]  # path in conf, as `rows.kinds.trending.personal_weight`: its value
_IN_FORCE: ContextVar[Mapping[str, str]] = ContextVar("changes", default={})  # noqa: B039  by file, as JSON


@contextmanager
def in_force(changes: Changes) -> Iterator[None]:
    """Lay changes over conf for what is done meanwhile, in this process."""
    by_file: dict[str, dict[str, Any]] = {}
    for path, value in changes.items():
        file, _, inside = path.partition(".")
        by_file.setdefault(file, {})[inside] = value
    token = _IN_FORCE.set({file: dumps(own, sort_keys=True) for file, own in by_file.items()})
    try:
        yield
    finally:
        _IN_FORCE.reset(token)


def changed_file(kind: type[T], file: str) -> T:
    """The settings of `conf/FILE.yaml` with the changes that are in force."""
    return _changed(kind, file, _IN_FORCE.get().get(file, ""))


@cache
def _changed(kind: type[T], file: str, changes: str) -> T:
    path = ROOT / "conf" / f"{file}.yaml"
    if not changes:
        return load_yaml(kind, path)
    values = yaml_values(path)
    for inside, value in loads(changes).items():
        place(values, inside, value)
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in (file, *first["loc"]))
        raise UserMistake(f"{where}: {first['msg']}") from None


def place(values: dict[str, Any], path: str, value: Any) -> None:
    """Put a value at a path; every part of it but the last has to be there. Raises KeyError.

    Null in place of a whole entry, as of a kind of row, takes it out, and out of every list of names.
    """
    *parents, last = path.split(".")
    holder = values
    for parent in parents:
        inner = holder[parent]
        if not isinstance(inner, dict):
            raise KeyError(parent)
        holder = inner
    if value is None and isinstance(holder.get(last, {}), dict):
        del holder[last]
        _forget(values, last)
    else:
        holder[last] = value


def _forget(values: dict[str, Any], name: str) -> None:
    for key, value in values.items():
        if isinstance(value, list):
            values[key] = [each for each in value if each != name]
