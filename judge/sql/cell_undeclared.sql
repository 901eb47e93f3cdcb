SELECT reader, seen_at, profile_id, 'made for ' || cell
FROM said_cells ANTI JOIN held_cells USING (reader, seen_at, profile_id, as_of, cell)
GROUP BY ALL
