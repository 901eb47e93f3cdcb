"""What the audit asks of pages, without the functions that made them."""
