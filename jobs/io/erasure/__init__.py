"""Erasure: everything of a profile goes, and every byte is looked through to show it."""
