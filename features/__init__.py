"""Tables to tables, as of a moment (Spark). No reading, no writing, no clock."""
