"""The true reasons of rows and cells, and their sentences."""
