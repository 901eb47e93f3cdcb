"""Arrays to choices (Arrow, numpy, LightGBM). No Spark, no disk."""

from conf import compiled as compiled  # before any loop is: it says where compiled code is kept
