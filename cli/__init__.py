"""The `frontrow` command: one file for each subcommand."""
