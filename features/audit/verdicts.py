"""What a part of a day's pages amounts to, and what all parts of a day do together."""
# Tested by tests/features/audit/test_verdicts.py.

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import pairwise

from conf.errors import Rejected
from features.audit.segments import ALL, PLACES, POSITIONS, ROWS_OF

EXAMPLES = 5
COUNTRY = "country="


@dataclass(frozen=True)
class PartVerdicts:
    """What a part of a day's pages amounts to.

    `broken` counts the rows or pages that break each rule, `examples` name the first of them;
    `measures` are by "segment|measure". `low` and `high` are the first and the last profile with a
    page, None where there is none.
    """

    rows: int
    pages: int
    excused: int
    low: str | None
    high: str | None
    broken: Mapping[str, int]
    examples: Mapping[str, tuple[str, ...]]
    measures: Mapping[str, float]
    variants: Mapping[str, Mapping[str, int]] = field(
        default_factory=dict
    )  # what their pages break

    def to_json(self) -> str:
        """The verdicts as a text."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "PartVerdicts":
        """The verdicts of a text."""
        record = json.loads(text)
        examples = {rule: tuple(some) for rule, some in record["examples"].items()}
        return cls(**{**record, "examples": examples})


def first_examples(parts: Sequence[PartVerdicts]) -> dict[str, tuple[str, ...]]:
    """The first examples of each rule that any part breaks."""
    found: dict[str, tuple[str, ...]] = {}
    for part in parts:
        for rule, some in part.examples.items():
            found[rule] = (*found.get(rule, ()), *some)[:EXAMPLES]
    return found


def check_whole(parts: Sequence[PartVerdicts], rows: int) -> None:
    """That the parts of a day are all its rows, and no profile is in two of them.

    Raises Rejected: what was not looked at, or was torn apart, is not published.
    """
    audited = sum(part.rows for part in parts)
    if audited != rows:
        raise Rejected(f"the audit has seen {audited} rows of {rows}: run it again")
    spans = [(part.low, part.high) for part in parts if part.low is not None]
    for (_, high), (low, _) in pairwise(spans):
        if high is None or low is None or high >= low:
            raise Rejected(f"profiles up to {high} and from {low} on were audited apart")


def day_measures(
    parts: Sequence[PartVerdicts], of_catalogue: Mapping[str, float]
) -> dict[str, float]:
    """The measures of a day, of its pages and of its catalogue in the countries of its profiles.

    A country of which the catalogue knows nothing is like the one without a name.
    """
    sums: dict[str, float] = {}
    for part in parts:
        for key, value in part.measures.items():
            sums[key] = sums.get(key, 0.0) + value
    measures = {key: value for key, value in sums.items() if not _is_of_places(key)}
    for key, positions in sums.items():
        if key.startswith(f"{ALL}|{POSITIONS}"):
            kind = key.removeprefix(f"{ALL}|{POSITIONS}")
            counted = sums.get(f"{ALL}|{ROWS_OF}{kind}")
            if counted:
                measures[f"{ALL}|{PLACES}{kind}"] = positions / counted
    measures |= _in_countries(measures, of_catalogue)
    measures[f"{ALL}|excused"] = float(sum(part.excused for part in parts))
    return measures


def _is_of_places(key: str) -> bool:
    return key.startswith((f"{ALL}|{POSITIONS}", f"{ALL}|{ROWS_OF}"))


def _in_countries(
    of_pages: Mapping[str, float], of_catalogue: Mapping[str, float]
) -> dict[str, float]:
    """The catalogue's measures of all, and of the countries that pages are of."""
    by_segment: dict[str, dict[str, float]] = {}
    for key, value in of_catalogue.items():
        segment, measure = key.rsplit("|", 1)
        by_segment.setdefault(segment, {})[measure] = value
    seen = {key.rsplit("|", 1)[0] for key in of_pages if key.endswith("|profiles")}
    chosen = {
        segment: own for segment, own in by_segment.items() if not segment.startswith(COUNTRY)
    }
    for segment in seen:
        if segment.startswith(COUNTRY):
            chosen[segment] = by_segment.get(segment, by_segment.get(COUNTRY, {}))
    return {
        f"{segment}|{measure}": value
        for segment, own in chosen.items()
        for measure, value in own.items()
    }
