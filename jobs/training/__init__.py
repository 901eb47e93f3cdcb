"""The training of rankers and row models: examples, fits, verdicts, records."""
