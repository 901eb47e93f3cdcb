"""Adapters: the records of a data set, as text, -> rows of the log tables, each sound or with the
rule it broke.
"""
