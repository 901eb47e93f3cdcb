"""What Continue Watching offers, and when and on what its rankers learn.

`conf/viewing.yaml` says when a film or an episode counts as begun or finished and what one play is,
`conf/resumes.yaml` which days the rankers learn from.
"""

# Tested by tests/features/test_resume.py and tests/models/rankers/continue_watching/test_fit.py.

from functools import cache

from pydantic import Field, model_validator

from conf.settings import ROOT, Frozen, load_yaml


class PopularitySettings(Frozen):
    """How far one profile, and how far newcomers, count for a title."""

    count_days: int = Field(ge=1)
    newcomer_days: int = Field(ge=1)
    newcomers_floor: int = Field(ge=1)
    newcomers_multiple: int = Field(ge=1)
    usual_days: int = Field(ge=1)


class ViewingSettings(Frozen):
    """Thresholds on watch times, which of them are of one sitting, and who counts for a title."""

    finished_share: float = Field(gt=0.5, le=1)
    least_seconds: int = Field(ge=1)
    sitting_gap_hours: int = Field(ge=1, le=24)
    popularity: PopularitySettings


class ResumeSettings(Frozen):
    """Cuts, samples and the declared attention for the row."""

    cuts: int = Field(ge=2)
    judged_cuts: int = Field(ge=1)
    profiles_per_cut: int = Field(gt=0)
    least_shown: int = Field(gt=0)
    down: float = Field(gt=0, le=1)
    right: float = Field(gt=0, le=1)

    @model_validator(mode="after")
    def _something_is_left_to_learn_from(self) -> "ResumeSettings":
        if self.judged_cuts >= self.cuts:
            raise ValueError("judged_cuts must be fewer than cuts")
        return self


@cache
def resume_settings() -> ResumeSettings:
    """The settings of `conf/resumes.yaml`."""
    return load_yaml(ResumeSettings, ROOT / "conf" / "resumes.yaml")


@cache
def viewing_settings() -> ViewingSettings:
    """The settings of `conf/viewing.yaml`."""
    return load_yaml(ViewingSettings, ROOT / "conf" / "viewing.yaml")


def popularity_settings() -> PopularitySettings:
    """The section `popularity` of `conf/viewing.yaml`."""
    return viewing_settings().popularity
