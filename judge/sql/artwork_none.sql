SELECT reader, seen_at, profile_id, title_id || ' in ' || row_id FROM cells
WHERE artwork_id IS NULL OR artwork_id = ''
