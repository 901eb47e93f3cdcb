"""Reports: what is known of a row, a score, a title or a day, as plain records."""
