"""Which builder makes the better pages, on real plays and in the simulated world."""
