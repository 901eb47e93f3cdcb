"""Settings of the first stage: `conf/candidates.yaml`."""

from collections.abc import Sequence
from typing import TypeVar

from pydantic import Field

from conf.changes import changed_file
from conf.settings import Frozen

Cut = TypeVar("Cut")
CUTS_AT_ONCE = 2  # earlier moments whose training rows are made side by side


class CandidateSettings(Frozen):
    """How candidates are made and at which cuts they become training examples."""

    ease_ridge: float = Field(gt=0)
    ease_titles: int = Field(gt=0, le=20_000)  # more would take 6 GB at once, and hours
    ease_neighbours: int = Field(gt=0)
    cosine_neighbours: int = Field(gt=0)
    per_source: int = Field(gt=0)
    cuts: int = Field(ge=2)
    step_days: int = Field(gt=0)
    horizon_days: int = Field(gt=0)
    judged_every: int = Field(ge=1)
    judged_cuts: int = Field(ge=1)
    negatives_per_query: int = Field(gt=0)
    profiles_per_cut: int = Field(gt=0)
    shown_rows: int = Field(gt=0)
    shown_columns: int = Field(gt=0)

    @property
    def judged_days(self) -> int:
        """Days whose plays judge a cut: until the next one that is judged."""
        return self.step_days * self.judged_every

    def judged(self, newest_first: Sequence[Cut]) -> Sequence[Cut]:
        """Which of the cuts judge: the newest ones that have all their days."""
        return newest_first[self.judged_every - 1 :: self.judged_every][: self.judged_cuts]


def candidate_settings() -> CandidateSettings:
    """The settings of `conf/candidates.yaml`, with the changes in force."""
    return changed_file(CandidateSettings, "candidates")
