"""What an instant itself says: hour, weekday and season (N-309)."""

from datetime import datetime
from math import cos, pi, sin

DAYS_OF_YEAR = 365.25


def context_features(instant: datetime) -> dict[str, float]:
    """Hour (0-23), weekday (Monday 0) and the year's angle of an instant in its own zone.

    >>> context_features(datetime(1998, 4, 22, 20))["context_weekday"]
    2.0
    """
    angle = 2 * pi * instant.timetuple().tm_yday / DAYS_OF_YEAR
    return {
        "context_hour": float(instant.hour),
        "context_weekday": float(instant.weekday()),
        "context_season_sin": sin(angle),
        "context_season_cos": cos(angle),
    }
