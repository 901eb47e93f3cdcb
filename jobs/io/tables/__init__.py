"""The only door to Delta tables: with Spark and with Arrow."""
