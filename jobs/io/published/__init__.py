"""What is published: receipts, pages, updates, rollbacks."""
