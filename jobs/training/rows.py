"""The row model as the table `rankers` keeps it, promoted only if it tells more than the worth of rows alone."""

import json
from datetime import date, timedelta

from pyspark.sql import SparkSession

from conf.pages import pages
from conf.rows import rows
from jobs.training.row_examples import lessons_at
from models.page.layout.row_model import NAME, fitted, judged
from models.rankers.package import pack

Record = dict[str, object]


def row_records(spark: SparkSession, ds: date) -> list[Record]:
    """What the table `rankers` is to hold of the row model, its verdict included; nothing where nothing was played."""
    lessons, source = lessons_at(spark, ds)
    if lessons is None or not lessons.played.any():
        return []
    settings = pages().lessons
    metrics = judged(lessons, settings, rows())
    promoted, reason = verdict(metrics)
    package = pack(fitted(lessons, settings, rows()), lessons.x)
    return [
        {
            "ranker": NAME,
            "ranker_id": f"{NAME}-{package.model_sha256[:12]}",
            "model": package.model,
            "model_sha256": package.model_sha256,
            "parameters": json.dumps(
                {"lessons": settings.model_dump(), "choice": pages().choice.model_dump()}
            ),
            "feature_names": list(package.feature_names),
            "feature_types": ["float"] * len(package.feature_names),
            "trained_from": ds - timedelta(days=settings.days - 1),
            "trained_until": ds,
            "metrics": metrics,
            "probe": json.dumps(package.probe),
            "ds": ds,
            "promoted": promoted,
            "reason": f"{reason} ({source})",
        }
    ]


def verdict(metrics: dict[str, float]) -> tuple[bool, str]:
    """Promoted or not, and why.

    >>> verdict({"row_model_deviance": 0.5, "worth_deviance": 0.6, "rows": 900.0})
    (True, 'deviance 0.5000 is below that of worth alone, 0.6000, on 900 rows of other profiles')
    """
    ours, worth = metrics["row_model_deviance"], metrics["worth_deviance"]
    said = "is below" if ours < worth else "is not below"
    rest = f"that of worth alone, {worth:.4f}, on {metrics['rows']:.0f} rows of other profiles"
    return ours < worth, f"deviance {ours:.4f} {said} {rest}"
