SELECT DISTINCT ON (cells.reader, cells.seen_at, cells.profile_id, row_id, column_position)
    reader, seen_at, cells.profile_id, cells.artwork_id || ' for ' || cells.title_id || ' in ' || row_id
FROM cells
WHERE artwork_id <> '' AND artwork_id <> getvariable('title_card')
AND NOT EXISTS (
    FROM artwork_versions AS pictures
    WHERE pictures.title_id = cells.title_id AND pictures.artwork_id = cells.artwork_id
    AND pictures.known_at <= cells.seen_at
)
