"""What an experiment can tell, and how soon."""
