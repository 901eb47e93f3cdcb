"""What a night costs as members, titles and days grow, beside the bare floor of the same arithmetic."""
