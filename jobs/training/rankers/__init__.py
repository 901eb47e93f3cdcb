"""Every ranker, a file each: what it learns from, how it is judged, what it has to beat."""
