-- A row that says it has the most plays first: no cell gives a higher count than one before it, but for titles
-- that stand in a row above and come later.
WITH counted AS (
    SELECT reasons.*
    FROM reasons
    WHERE (variant, row_kind) IN (SELECT (variant, kind) FROM kinds WHERE is_ranked)
    AND evidence_type = 'popular' AND NOT is_rows_own
)
SELECT
    later.reader, later.seen_at, later.profile_id,
    later.title_id || ' with ' || later.said_count || ' after ' || earlier.said_count || ' in ' || later.row_id
FROM counted AS later JOIN counted AS earlier
    ON earlier.reader = later.reader AND earlier.seen_at = later.seen_at
    AND earlier.profile_id = later.profile_id AND earlier.row_id = later.row_id
    AND earlier.column_position = later.column_position - 1
WHERE later.said_count > earlier.said_count
AND NOT EXISTS (
    FROM cells AS above
    WHERE above.reader = later.reader AND above.seen_at = later.seen_at
    AND above.profile_id = later.profile_id AND above.title_id = later.title_id
    AND above.row_position < later.row_position
)
