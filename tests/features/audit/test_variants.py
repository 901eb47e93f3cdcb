"""Verdicts on a variant's pages stand apart, and together with the control's they are the day's."""

import pyarrow as pa

from conf.experiments import CELLS
from features.audit.variants import AuditedVariants, broken_rules
from features.audit.verdicts import PartVerdicts


class Judge:
    """In place of an AuditedDay: every row of a profile of `bad` breaks a rule."""

    def __init__(self, bad: str) -> None:
        self.bad = bad
        self.measures = {"all|titles": 3.0}

    def audited(self, drafts: pa.Table, profiles: pa.Table) -> PartVerdicts:
        """The verdicts, as a day's."""
        names = drafts["profile_id"].to_pylist()
        return PartVerdicts(
            rows=len(names),
            pages=profiles.num_rows,
            excused=0,
            low=min(names, default=None),
            high=max(names, default=None),
            broken={"torn": names.count(self.bad)},
            examples={},
            measures={"all|rows": float(len(names))},
        )


DRAFTS = pa.table(
    {
        "profile_id": ["a", "a", "b", "c", "d"],
        CELLS: pa.array([["e:x"], ["e:x"], ["e:control"], None, ["e:x"]], pa.list_(pa.string())),
    }
)
PROFILES = pa.table({"profile_id": ["a", "b", "c", "d", "nobody"]})


def audited(bad: str) -> PartVerdicts:
    days = {(): Judge("b"), ("e:x",): Judge(bad)}
    return AuditedVariants(days).audited(DRAFTS, PROFILES)  # type: ignore[arg-type]


def test_all_rows_and_profiles_are_judged_once():
    part = audited("a")
    assert (part.rows, part.pages, part.low, part.high) == (5, 5, "a", "d")
    assert part.broken == {"torn": 3}
    assert part.measures == {"all|rows": 5.0}
    assert PartVerdicts.from_json(part.to_json()) == part


def test_what_a_variant_breaks_is_its_own():
    assert broken_rules([audited("a"), audited("d")]) == {"e:x": ["torn"]}
    assert broken_rules([audited("nobody")]) == {"e:x": []}
