"""What each row kind earns beside its natural baseline."""
