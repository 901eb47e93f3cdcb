"""Benchmarks: `frontrow bench NAME` runs `NAME/run.py` and writes var/bench/NAME.json."""
