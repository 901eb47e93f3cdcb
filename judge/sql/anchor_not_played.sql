SELECT reader, seen_at, given.profile_id, coalesce(anchor_title_id, 'nothing') || ' under ' || row_id
FROM given
LEFT JOIN histories
    ON histories.as_of = given.as_of AND histories.profile_id = given.profile_id
    AND histories.title_id = anchor_title_id
WHERE anchor_title_id IS NOT NULL AND (
    histories.title_id IS NULL
    OR list_contains(list_transform(cells, lambda cell: cell.title_id), anchor_title_id)
    OR NOT ends_with(row_id, ':' || anchor_title_id)
)
