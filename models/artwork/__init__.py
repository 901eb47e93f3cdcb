"""Which picture a title shows: policies, choice, learning."""
