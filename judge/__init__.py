"""The judge: pages that readers were given, held against the tables by SQL alone."""
