"""Settings of the first stage: `conf/candidates.yaml`."""

from functools import cache

from pydantic import Field

from conf.settings import ROOT, Frozen, load_yaml

CUTS_AT_ONCE = 2  # earlier moments whose training rows are made side by side


class CandidateSettings(Frozen):
    """How candidates are made and at which cuts they become training examples."""

    ease_ridge: float = Field(gt=0)
    ease_titles: int = Field(gt=0)
    ease_neighbours: int = Field(gt=0)
    cosine_neighbours: int = Field(gt=0)
    per_source: int = Field(gt=0)
    cuts: int = Field(ge=2)
    step_days: int = Field(gt=0)
    horizon_days: int = Field(gt=0)
    judged_cuts: int = Field(ge=1)
    negatives_per_query: int = Field(gt=0)
    profiles_per_cut: int = Field(gt=0)
    shown_rows: int = Field(gt=0)
    shown_columns: int = Field(gt=0)


@cache
def candidate_settings() -> CandidateSettings:
    """The settings of `conf/candidates.yaml`."""
    return load_yaml(CandidateSettings, ROOT / "conf" / "candidates.yaml")
