"""What happens to a stored page when a member opens it."""
