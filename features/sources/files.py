"""`files`: a directory of files in the landing contract's own names. Nothing to translate."""

from pyspark.sql import DataFrame

from features.sources.layout import Layout


def layout(table: str) -> Layout:
    """Commas between fields, bars between list items, the contract's names."""
    return Layout()


def translated(table: str, records: DataFrame) -> DataFrame:
    """The records as they are."""
    return records
