"""The peer: Spark MLlib's flat lists of 300 titles for everybody, on the same plays.

`python -m benchmarks.scale.als RESULT` runs in a process of its own and writes what the lists alone
took; factors are trained before the clock starts.
"""

import json
import sys
from pathlib import Path

import psutil
from pyspark.ml.recommendation import ALS
from pyspark.sql import functions as F

from features.labels import plays
from jobs.io.session import open_session
from jobs.io.tables import spark as tables

RANK = 64
ROUNDS = 1  # of training: the lists cost the same whatever the factors are
LIST = 300


def main(result: Path) -> None:
    """Train, list titles for everybody without keeping the lists, and write CPU seconds and users."""
    spark = open_session("bench scale: ALS")
    log = tables.read(spark, "events").where(plays())
    numbers = [F.substring(F.col(name), 2, 12).cast("int").alias(name[0]) for name in _KEYS]
    counts = log.select(*numbers).groupBy("p", "t").agg(F.lit(1.0).alias("rating")).persist()
    als = ALS(
        rank=RANK, maxIter=ROUNDS, userCol="p", itemCol="t", ratingCol="rating", seed=1
    ).setImplicitPrefs(True)
    model = als.fit(counts)
    users, items = model.userFactors.count(), model.itemFactors.count()
    before = tree_cpu_s()
    model.recommendForAllUsers(LIST).write.format("noop").mode("overwrite").save()
    spent = tree_cpu_s() - before
    spark.stop()
    result.write_text(json.dumps({"cpu_s": round(spent, 2), "users": users, "items": items}))


_KEYS = ("profile_id", "title_id")


def tree_cpu_s() -> float:
    """CPU seconds of this process and all below it, those that have ended included."""
    above = psutil.Process()
    total = 0.0
    for process in [above, *above.children(recursive=True)]:
        times = process.cpu_times()
        total += times.user + times.system + times.children_user + times.children_system
    return total


if __name__ == "__main__":
    main(Path(sys.argv[1]))
