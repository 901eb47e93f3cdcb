"""How the loops are compiled that only other compiled loops call."""

from conf.compiled import inner_njit

__all__ = ["inner_njit"]
