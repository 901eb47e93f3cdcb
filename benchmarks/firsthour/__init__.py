"""The first hour of somebody new: commands, wrong inputs, formats, start-up."""
