"""When and on what the rankers of Continue Watching learn: `conf/resumes.yaml`."""

from functools import cache

from pydantic import Field, model_validator

from conf.settings import ROOT, Frozen, load_yaml


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
