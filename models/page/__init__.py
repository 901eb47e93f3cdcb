"""One page for each profile: rows, layout, evidence, records."""
