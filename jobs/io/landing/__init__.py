"""Files that are landed: formats, records, quarantine."""
