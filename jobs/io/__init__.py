"""The only doors to the disk."""
