"""Pages of variants, judged by the same rules with what their cells change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from conf.experiments import CELLS
from features.audit.day import AuditedDay
from features.audit.verdicts import PartVerdicts, first_examples

Cells = tuple[str, ...]


@dataclass
class AuditedVariants:
    """What the pages of a day are held against, by the cells that change something; () is the control.

    It can be sent to other processes, as an AuditedDay.
    """

    days: Mapping[Cells, AuditedDay]

    @property
    def measures(self) -> Mapping[str, float]:
        """The measures of the catalogue."""
        return self.days[()].measures

    def audited(self, drafts: pa.Table, profiles: pa.Table) -> PartVerdicts:
        """The verdicts on the drafts of some profiles; who has no page is judged by the control."""
        if len(self.days) == 1:
            return self.days[()].audited(drafts, profiles)
        keys = self._cells_of(drafts)
        parts: dict[Cells, PartVerdicts] = {}
        others = profiles
        for cells in sorted(set(keys) - {()}):
            rows = drafts.filter(pa.array([key == cells for key in keys]))
            is_member = pc.is_in(
                others["profile_id"], pc.unique(rows["profile_id"].combine_chunks())
            )
            parts[cells] = self.days[cells].audited(rows, others.filter(is_member))
            others = others.filter(pc.invert(is_member))
        of_control = drafts.filter(pa.array([not key for key in keys], pa.bool_()))
        parts[()] = self.days[()].audited(of_control, others)
        return together(parts)

    def _cells_of(self, drafts: pa.Table) -> list[Cells]:
        """The cells of each row that change something."""
        changing = {cell for cells in self.days for cell in cells}
        lists = drafts[CELLS].to_pylist() if CELLS in drafts.column_names else [None] * len(drafts)
        return [tuple(sorted(changing.intersection(cells or ()))) for cells in lists]


def together(parts: Mapping[Cells, PartVerdicts]) -> PartVerdicts:
    """The verdicts on the same profiles by their cells as one."""
    each = list(parts.values())
    low = [part.low for part in each if part.low is not None]
    high = [part.high for part in each if part.high is not None]
    variants: dict[str, dict[str, int]] = {}
    for cells, part in parts.items():
        for cell in cells:
            variants[cell] = _sums([variants.get(cell, {}), part.broken])
    return PartVerdicts(
        rows=sum(part.rows for part in each),
        pages=sum(part.pages for part in each),
        excused=sum(part.excused for part in each),
        low=min(low, default=None),
        high=max(high, default=None),
        broken=_sums([part.broken for part in each]),
        examples=first_examples(each),
        measures=_sums([part.measures for part in each]),
        variants=variants,
    )


def broken_rules(parts: Sequence[PartVerdicts]) -> dict[str, list[str]]:
    """By cell that has pages the rules that they break, in all parts of a day."""
    found: dict[str, set[str]] = {}
    for part in parts:
        for cell, counts in part.variants.items():
            found.setdefault(cell, set()).update(rule for rule, count in counts.items() if count)
    return {cell: sorted(rules) for cell, rules in sorted(found.items())}


def _sums(counts: Sequence[Mapping[str, float]]) -> dict:  # type: ignore[type-arg]
    total: dict[str, float] = {}
    for own in counts:
        for name, count in own.items():
            total[name] = total.get(name, 0) + count
    return total
