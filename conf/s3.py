"""What Spark needs for tables on an S3-compatible store: jars (`conf/s3.yaml`) and AWS variables."""

# Tested by tests/conf/test_s3.py.

import os
from pathlib import Path

from conf.errors import UserMistake

SCHEME = "s3a://"


def is_on_s3(tables_root: str) -> bool:
    """Whether tables are objects of an S3-compatible store."""
    return tables_root.startswith(SCHEME)


def s3_jars(jars: str) -> list[str]:
    """The connector's jars; a folder without them is the user's mistake."""
    paths = [str(jar) for jar in sorted(Path(jars, "s3").glob("*.jar"))]
    if not paths:
        raise UserMistake(
            f"no jars for s3a in {jars}/s3; run `.venv/bin/python -m cli.install.jars --s3`"
        )
    return paths


def s3_options() -> dict[str, str]:
    """Spark's options; AWS_ENDPOINT_URL, which deltalake reads too, names a store that is not Amazon's."""
    options: dict[str, str] = {}
    if endpoint := os.environ.get("AWS_ENDPOINT_URL"):
        options |= {
            "spark.hadoop.fs.s3a.endpoint": endpoint,
            "spark.hadoop.fs.s3a.path.style.access": "true",
        }
    if region := os.environ.get("AWS_REGION"):
        options["spark.hadoop.fs.s3a.endpoint.region"] = region
    return options
