"""Arrays to choices (Arrow, numpy, LightGBM). No Spark, no disk."""
