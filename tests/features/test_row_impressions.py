"""Impressions of rows, worked out by hand."""

from datetime import UTC, datetime, timedelta

from pyspark.sql import SparkSession

from features.row_impressions import row_impressions

AT = datetime(2026, 1, 6, 20, tzinfo=UTC)


def test_a_look_is_a_first_cell_in_view_and_a_play_ends_it(spark: SparkSession) -> None:
    cells = [
        ("p", "ann", "popular", 1, column, AT + timedelta(hours=hour))
        for hour in (0, 1, 2)
        for column in (1, 2)
    ]
    cells += [("p", "ann", "new", 2, 1, AT), ("q", "bob", "popular", 1, 1, AT)]
    impressions = spark.createDataFrame(
        cells,
        "page_id string, profile_id string, row_id string,"
        " row_position int, column_position int, shown_at timestamp",
    )
    plays = [
        ("play", "p", "popular"),
        ("play", "p", "popular"),
        ("rating", "p", "new"),
        ("play", None, None),
    ]
    plays += [
        ("play", "q", "popular"),
        ("play", "q", "popular"),
    ]  # one more than looks: the other came late
    events = spark.createDataFrame(plays, "kind string, page_id string, row_id string")
    rows = row_impressions(impressions, events).collect()
    by_row = {
        (row["page_id"], row["row_id"]): (row["row_position"], row["looks"], row["taken"])
        for row in rows
    }
    assert by_row == {
        ("p", "popular"): (1, 3, 2),
        ("p", "new"): (2, 1, 0),
        ("q", "popular"): (1, 1, 1),
    }
