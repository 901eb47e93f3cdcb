"""Tables as they were known at one moment."""
