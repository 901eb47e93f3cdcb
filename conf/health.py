"""Why titles are shown to nobody, in words for editors: `conf/health.yaml`."""
# Tested by tests/features/audit/test_health.py.

from functools import cache
from typing import Literal

from pydantic import Field, model_validator

from conf.settings import ROOT, Frozen, load_yaml

State = Literal["shown", "not_shown", "removed", "unexplained"]
RANKED_BELOW, UNKNOWN_ORDER = "ranked_below", "unknown_order"


class HealthReason(Frozen):
    """One reason for the state of a title; the fields are explained in `conf/health.yaml`."""

    state: State
    says: str = Field(min_length=1)
    mend: str


class HealthReasons(Frozen):
    """Every reason by name, the first that holds counts, and which one each order of rows has."""

    reasons: dict[str, HealthReason] = Field(min_length=1)
    orders: dict[str, str]

    @model_validator(mode="after")
    def _orders_have_reasons(self) -> "HealthReasons":
        unknown = sorted({*self.orders.values(), RANKED_BELOW, UNKNOWN_ORDER} - set(self.reasons))
        if unknown:
            raise ValueError(f"orders: no reason named {', '.join(unknown)}")
        return self

    def of_order(self, order: str) -> str:
        """What keeps a title out of a row of an order: a reason that is unexplained for unknown ones."""
        return self.orders.get(order, UNKNOWN_ORDER)


@cache
def health_reasons() -> HealthReasons:
    """Everything `conf/health.yaml` says."""
    return load_yaml(HealthReasons, ROOT / "conf" / "health.yaml")
