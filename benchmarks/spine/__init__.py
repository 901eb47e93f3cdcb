"""The offline path from a log to published pages, timed and rebuilt."""
