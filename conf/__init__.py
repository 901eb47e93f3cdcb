"""Every name, number and date of the house. Imports nothing of ours."""
