"""`files`: a directory of files in the landing contract's own names. Nothing to translate."""

from pyspark.sql import DataFrame

from features.sources.layout import Layout


def layout(table: str) -> Layout:
    """The contract's names, bars between list items; the header tells the mark between fields."""
    return Layout(delimiter="")


def translated(table: str, records: DataFrame) -> DataFrame:
    """The records as they are."""
    return records
