"""The ranking stage on MovieLens-100k, beside published figures."""
