"""The rankers of Continue Watching."""
