SELECT reader, seen_at, profile_id, title_id || ' has no ' || per || ' for ' || row_id
FROM cells JOIN kinds ON kinds.kind = row_kind AND kinds.variant = cells.variant
WHERE per NOT IN ('profile', 'anchor')
AND NOT EXISTS (
    FROM title_tags
    WHERE title_tags.as_of = cells.as_of AND title_tags.title_id = cells.title_id
    AND title_tags.facet = per AND row_kind || ':' || title_tags.tag = row_id
)
