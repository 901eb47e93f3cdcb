"""What builders do to a service over weeks: each lives its own days with the same members."""
