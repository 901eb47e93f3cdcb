"""Rankers: examples, fit, promotion, scores."""
