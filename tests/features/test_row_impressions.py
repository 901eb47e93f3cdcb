"""Impressions of rows, worked out by hand."""

from datetime import UTC, datetime, timedelta

from pyspark.sql import SparkSession

from features.row_impressions import row_impressions

AT = datetime(2026, 1, 6, 20, tzinfo=UTC)


def test_a_look_is_a_first_cell_in_view_and_a_play_of_something_new_ends_it(
    spark: SparkSession,
) -> None:
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
    late = AT + timedelta(days=1)
    plays = [
        ("play", "ann", "t1", AT, "p", "popular"),
        ("play", "ann", "t2", AT, "p", "popular"),
        ("play", "ann", "t2", late, "p", "popular"),  # goes on with it: nothing new
        ("play", "ann", "t3", AT, None, None),
        ("play", "ann", "t3", late, "p", "new"),  # was found elsewhere before
        ("rating", "ann", "t4", AT, "p", "new"),
        ("play", "bob", "t1", AT, "q", "popular"),
        ("play", "bob", "t2", AT, "q", "popular"),  # one more than looks: the other came late
    ]
    events = spark.createDataFrame(
        plays,
        "kind string, profile_id string, title_id string, event_at timestamp,"
        " page_id string, row_id string",
    )
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
