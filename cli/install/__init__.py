"""What `make setup` runs, and pages of docs that are generated."""
