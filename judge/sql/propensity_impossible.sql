SELECT reader, seen_at, profile_id, title_id || ' in ' || row_id FROM cells
WHERE (propensity > 0 AND propensity <= 1 AND title_propensity > 0 AND title_propensity <= 1)
    IS NOT TRUE
