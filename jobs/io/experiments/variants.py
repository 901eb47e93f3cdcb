"""What the cells of experiments change on a run date, with the rankers that they name. No Spark."""

# Tested by tests/jobs/test_assemble_drafts.py.

from collections.abc import Mapping

from conf.changes import Changes
from conf.experiments import NONE, SERVING
from jobs.io.snapshot.snapshot import Snapshot
from models.page.variants import Variants, variant_fault


def variants(snapshot: Snapshot, changes: Mapping[str, Changes]) -> Variants:
    """The variants of these changes by experiment:cell, with the rankers that they name.

    A ranker that may not serve makes its cell one that cannot be built (Rejected).
    """
    rankers = {}
    for cell, own in changes.items():
        for path, value in own.items():
            ranker = path.removeprefix(f"{SERVING}.")
            if ranker != path and value != NONE:
                serving = snapshot.promoted_ranker(ranker, value)
                if serving is None:
                    raise variant_fault((cell,), f"{ranker} {value} was not promoted or is refused")
                rankers[value] = serving
    return Variants(changes, rankers)
