"""When a film or an episode counts as begun or finished: `conf/viewing.yaml`."""

from functools import cache

from pydantic import Field

from conf.settings import ROOT, Frozen, load_yaml


class ViewingSettings(Frozen):
    """Thresholds on watch times."""

    finished_share: float = Field(gt=0.5, le=1)
    least_seconds: int = Field(ge=1)


@cache
def viewing_settings() -> ViewingSettings:
    """The settings of `conf/viewing.yaml`."""
    return load_yaml(ViewingSettings, ROOT / "conf" / "viewing.yaml")
