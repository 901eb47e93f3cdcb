"""A title's score for a profile: what each feature adds, in SHAP values."""
# Tested by tests/cli/test_explain.py.

from datetime import date
from typing import Any

import numpy as np

from conf.errors import UserMistake
from models.rankers.lambdarank import contributions
from studio.reports.page_cells import (
    cells_of_profile,
    changes_of_cells,
    maker_of_cells,
    own_rankers,
)
from studio.reports.ranker_rows import pairs_of_profiles, profile_rows, serving_ranker


def score_report(
    profile_id: str, title_id: str | None, ranker_name: str | None, ds: date
) -> dict[str, Any]:
    """Score, rank and SHAP values of a title, the features that add or take most first; by the ranker
    and the candidates of the profile's experiment cells.

    Raises:
        UserMistake: the profile has no features on the day, or the ranker does not score the title.
    """
    cells = cells_of_profile(profile_id, ds)
    ranker = serving_ranker(ranker_name, ds, own_rankers(changes_of_cells(ds, cells)))
    rows = profile_rows(ds, profile_id)
    with maker_of_cells(ds, cells) as maker:
        pairs = pairs_of_profiles(maker.moment, rows, ranker.settings)
    catalogue = maker.moment.catalogue
    matrix = pairs.matrix
    if not len(matrix):
        raise UserMistake(f"{ranker.name} scores no title for profile {profile_id!r} on {ds}")
    scores = ranker.scores(matrix)
    pair = int(np.argmax(scores))
    if title_id is not None:
        pair_indices = np.flatnonzero(catalogue.title_ids[pairs.title] == title_id)
        if not len(pair_indices):
            in_catalogue = title_id in catalogue.title_ids
            raise UserMistake(_why_not_scored(title_id, ranker.name, in_catalogue))
        pair = int(pair_indices[0])
    better = np.sum(scores > scores[pair])
    equal_before = np.sum(scores[:pair] == scores[pair])
    *additions, start = contributions(ranker.booster, matrix[pair : pair + 1])[0].tolist()
    features = []
    for name, value, adds in zip(ranker.feature_names, matrix[pair], additions, strict=True):
        number = None if np.isnan(value) else float(value)
        features.append({"feature": name, "value": number, "adds": adds})
    return {
        "profile_id": profile_id,
        "title_id": str(catalogue.title_ids[pairs.title[pair]]),
        "name": str(catalogue.names[pairs.title[pair]]),
        "ds": str(ds),
        "ranker_id": ranker.record["ranker_id"],
        "experiment_cells": list(cells),
        "score": float(scores[pair]),
        "start": start,
        "place": 1 + int(better + equal_before),
        "of": len(scores),
        "features": sorted(features, key=lambda feature: -abs(feature["adds"])),
    }


def _why_not_scored(title_id: str, ranker_name: str, in_catalogue: bool) -> str:
    if not in_catalogue:
        return f"title {title_id!r} is not in the catalogue of that day; give another --title"
    if ranker_name == "pvr":
        return (
            f"title {title_id!r} is not scored: the profile played it before, or may not see it;"
            " give another --title"
        )
    return (
        f"title {title_id!r} is no candidate of {ranker_name}: played before, not to be shown,"
        " or only in the order of the whole catalogue (try --ranker pvr)"
    )
