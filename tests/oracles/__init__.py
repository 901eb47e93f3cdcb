"""Slow, obvious Python twins of what the house computes fast."""
