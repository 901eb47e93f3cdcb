SELECT reader, seen_at, profile_id, title_id || ' in ' || row_id FROM judged_cells WHERE is_closed
