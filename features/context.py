"""What the moment itself says: hour, weekday and season (N-309)."""

from datetime import datetime
from math import cos, pi, sin

NAMES = ("context_hour", "context_weekday", "context_season_sin", "context_season_cos")


def context_features(moment: datetime) -> dict[str, float]:
    """Hour (0-23), weekday (Monday 0) and the year's angle of a moment in its own zone.

    >>> context_features(datetime(1998, 4, 22, 20))["context_weekday"]
    2.0
    """
    angle = 2 * pi * moment.timetuple().tm_yday / 365.25
    return dict(
        zip(
            NAMES,
            (float(moment.hour), float(moment.weekday()), sin(angle), cos(angle)),
            strict=True,
        )
    )
