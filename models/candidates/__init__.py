"""Where candidates come from, and what is known of a profile and a title together."""
