"""Features and queries from a log alone, for benchmarks without Spark."""
