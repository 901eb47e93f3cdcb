"""Metrics: formula, tie rule and denominator in each docstring."""
