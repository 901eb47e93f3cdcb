"""What updates between two nights cost and bring."""
