"""What changes between two nights, how soon, at what cost, and what it is worth."""
