"""What an experiment showed: effects with intervals, whose unit is the account that was drawn."""
