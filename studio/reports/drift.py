"""How far features have moved between a ranker's training and a day it scores."""
# Tested by tests/cli/test_explain.py.

import json
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from jobs.training.title_ranker import feature_drift
from studio.reports.ranker_rows import (
    moment_of_day,
    pairs_of_profiles,
    profile_rows,
    serving_ranker,
)

SAMPLE_PROFILES = 200


def drift_report(ranker_name: str | None, ds: date) -> dict[str, Any]:
    """The index of each feature with its importance, largest first.

    Measured over the pairs of a sample of profiles, evenly spread over their ids.
    """
    ranker = serving_ranker(ranker_name, ds)
    rows = profile_rows(ds)
    ids = rows["profile_id"].cast(pa.string())  # of some writers Arrow does not sort the views
    rows = rows.take(pc.sort_indices(ids))
    step = max(rows.num_rows // SAMPLE_PROFILES, 1)
    sample = rows.take(list(range(0, rows.num_rows, step)))
    pairs = pairs_of_profiles(moment_of_day(ds), sample, ranker.settings)
    training_bins = json.loads(str(ranker.record["feature_bins"]))
    importances = dict(ranker.record["importances"])
    features = []
    for name, psi in feature_drift(training_bins, pairs.matrix).items():
        features.append({"feature": name, "psi": psi, "importance": importances[name]})
    return {
        "ranker": ranker.name,
        "ranker_id": ranker.record["ranker_id"],
        "ds": str(ds),
        "profiles": sample.num_rows,
        "features": sorted(features, key=lambda feature: -feature["psi"]),
    }
