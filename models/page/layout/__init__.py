"""Which rows stand on a page, and in which order."""
