"""Releases of pages that a service reads, without tables."""
