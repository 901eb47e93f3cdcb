"""Rising or falling: a window against the title's own baseline before it (N-032)."""

from pyspark.sql import Column
from pyspark.sql import functions as F


def trend(recent: str, longer: str, ratio: float) -> Column:
    """log((recent + 1) / (baseline + 1)), where baseline = (longer - recent) / ratio scaled to the recent window.

    `recent` and `longer` name count columns of nested windows that end together; `ratio` is how many recent windows
    the rest of the longer one holds. Above 0 is rising; adding one keeps rare titles near 0.
    """
    baseline = (F.col(longer) - F.col(recent)) / F.lit(ratio)
    return F.log((F.col(recent) + 1.0) / (baseline + 1.0))
