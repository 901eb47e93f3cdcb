"""Next plays on a split in time, beside other libraries."""
