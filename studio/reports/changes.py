"""Changes of settings as people ask for them: PATH=VALUE, or the cell of an experiment."""
# Tested by tests/cli/test_whatif.py.

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from conf.errors import UserMistake
from conf.experiments import fault_of, load_experiments


def asked_changes(settings: Sequence[str], cell: str | None = None) -> Mapping[str, Any]:
    """What is changed; UserMistake for what no page can be made by."""
    changes: dict[str, Any] = {}
    if cell:
        experiment, _, name = cell.partition(".")
        declared = load_experiments().experiments
        if experiment not in declared or name not in declared[experiment].cells:
            cells = [f"{e}.{c}" for e, of in declared.items() for c in of.cells]
            raise UserMistake(f"--cell {cell!r}: there are: {', '.join(cells) or 'none'}")
        changes |= declared[experiment].cells[name].changes
    for setting in settings:
        path, equals, value = setting.partition("=")
        if not equals:
            raise UserMistake(f"--set {setting!r} has no value; for example pages.builder=template")
        try:
            changes[path.strip()] = yaml.safe_load(value)
        except yaml.YAMLError:
            raise UserMistake(f"--set {setting!r}: the value is no YAML") from None
    if not changes:
        raise UserMistake("nothing is changed; give --set PATH=VALUE or --cell EXPERIMENT.CELL")
    fault = fault_of(changes)
    if fault:
        raise UserMistake(f"{', '.join(changes)}: {fault}")
    return changes
