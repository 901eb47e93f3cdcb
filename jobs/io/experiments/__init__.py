"""What was decided of experiments, who is in them, and what their variants change."""
