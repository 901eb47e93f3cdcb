"""Pages of docs that are made from the code: `python -m cli.reference` writes them all."""
