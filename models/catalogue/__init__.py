"""Titles as columns and profiles as rows: what both are, in arrays."""
